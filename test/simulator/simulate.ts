import { type Finding, judgeAtRest, unaccounted } from "./invariants.ts";
import type { Plan } from "./plan.ts";
import type { Sabotage } from "./sabotage.ts";
import { install, START_MS } from "./virtual-time.ts";
import { World } from "./world.ts";

export interface Run {
  readonly findings: readonly Finding[];
  /** Calls that fared ill. */
  readonly faredIll: readonly string[];
  /** Line by line what happened; empty unless asked for. */
  readonly story: readonly string[];
}

/** Nothing has changed for so long, longer than anything here waits for. */
const QUIET_MS = 70_000;
const LOOK_EVERY_MS = 5_000;
const REST_WITHIN_MS = 45 * 60_000;

/** Lets a plan happen, then lets everything come to rest, and tells what is broken. The same plan gives the same run. */
export async function simulate(plan: Plan, options: { readonly sabotage?: Sabotage | null; readonly told?: boolean } = {}): Promise<Run> {
  const story: string[] | null = options.told ? [] : null;
  const world = new World(plan, options.sabotage ?? null, story);
  const uninstall = install(world.time, options.sabotage?.stillClocks);
  try {
    world.start();
    for (const command of plan.commands) {
      await world.time.pass(START_MS + command.atMs - world.time.nowMs);
      world.do(command);
    }
    await world.time.pass(1_000);
    world.calm();
    const findings = await rest(world);
    return { findings, faredIll: world.network.faredIll, story: story ?? [] };
  } finally {
    uninstall();
  }
}

async function rest(world: World): Promise<readonly Finding[]> {
  let quietMs = 0;
  let seen = -1;
  for (let restedMs = 0; restedMs < REST_WITHIN_MS; restedMs += LOOK_EVERY_MS) {
    await world.time.pass(LOOK_EVERY_MS);
    const { nextInMs } = await world.ledger.lease(0);
    const changes = world.model.changes.length;
    quietMs = nextInMs === null && changes === seen && world.waiting === 0 ? quietMs + LOOK_EVERY_MS : 0;
    seen = changes;
    if (quietMs >= QUIET_MS) return [...judgeAtRest(world), ...(await unaccounted(world))];
  }
  if (world.waiting > 0) return [{ what: "never-answered", detail: `${world.waiting} deliveries` }];
  return [{ what: "never-rests", detail: "after 45 minutes without faults" }];
}
