import { describe, expect, it } from "vitest";
import { type Exploration, explore } from "./explore.ts";
import { SABOTAGES, type Sabotage } from "./sabotage.ts";
import { storyOf } from "./story.ts";

/** Where a single seed is asked for, only what can be told with it is of use. */
const ONE_SEED = process.env.BREAKWATER_SEED;

/** In how many seeds a sabotage has to show. */
const WITHIN_SEEDS = 400;

async function firstOf(exploration: Exploration) {
  const [broken] = await explore(Number(ONE_SEED ?? 1), WITHIN_SEEDS, { ...exploration, most: 1 });
  return broken ?? null;
}

it("each sabotage takes something out, seven of them out of the engine", () => {
  expect(SABOTAGES.filter(({ lua }) => lua)).toHaveLength(7);
  expect(SABOTAGES.filter(({ lua, ledger, writer, stillClocks }) => !(lua ?? ledger ?? writer ?? stillClocks))).toEqual([]);
});

describe.skipIf(ONE_SEED !== undefined)("a simulated history shows", () => {
  const titled = SABOTAGES.map((sabotage) => [`that without ${sabotage.without} ${sabotage.what}`, sabotage] as const);
  it.each(titled)(
    "%s",
    async (_, sabotage) => {
      expect(await firstOf({ theme: sabotage.theme, sabotage })).not.toBeNull();
    },
    180_000,
  );
});

it("tells what broke in a few steps, with the seed that repeats it", async () => {
  const sabotage = SABOTAGES.find(({ without }) => without === "instances") as Sabotage;
  const broken = await firstOf({ sabotage });
  const story = broken && (await storyOf(broken, { sabotage }));
  expect(story).toContain(`BREAKWATER_SEED=${broken?.seed}`);
  expect(story?.split("\n").length).toBeLessThan(40);
}, 180_000);
