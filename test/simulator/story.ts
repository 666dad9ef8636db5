import type { Broken, Exploration } from "./explore.ts";
import { planOf } from "./plan.ts";
import { shrink } from "./shrink.ts";

/** What broke, in the fewest steps that still break it, as people read it. */
export async function storyOf({ seed, finding }: Broken, { sabotage = null, theme }: Exploration = {}): Promise<string> {
  const { plan, findings, story, faredIll } = await shrink(planOf(seed, theme), finding, sabotage);
  const world = [
    `${plan.gateways} gateways`,
    `${plan.proxies} proxies ${plan.watched ? "that watch" : "without a watch"}`,
    plan.storms ? "storms" : "no storms",
  ];
  return [
    `seed ${seed}: ${finding.what}: ${finding.detail}`,
    `again: BREAKWATER_SEED=${seed} npx vitest run --project bare test/simulator`,
    `shrunk to ${plan.commands.length} steps (${world.join(", ")}): ${findings.map(({ what, detail }) => `${what}: ${detail}`).join("; ")}`,
    `calls that fared ill: ${[...new Set(faredIll)].join(", ") || "none"}`,
    ...story.map(withShortIds),
  ].join("\n");
}

/** Names and ids are mostly zeros. */
const withShortIds = (line: string): string => line.replace(/0{8,}/g, "");
