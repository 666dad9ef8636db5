import { describe, expect, it } from "vitest";
import { type Exploration, explore } from "./explore.ts";
import { planOf } from "./plan.ts";
import { SABOTAGES, type Sabotage } from "./sabotage.ts";
import { simulate } from "./simulate.ts";
import { storyOf } from "./story.ts";

/** With a seed in the environment only its history runs. */
const ONE_SEED = process.env.BREAKWATER_SEED;
const FIRST_SEED = Number(ONE_SEED ?? 1);
const SEEDS = ONE_SEED === undefined ? 500 : 1;

/** In how many seeds a sabotage has to show. */
const WITHIN_SEEDS = 400;

async function firstOf(count: number, exploration: Exploration = {}) {
  const [broken] = await explore(FIRST_SEED, count, { ...exploration, most: 1 });
  return broken ?? null;
}

describe("gateways, proxies, sweeps, controllers and senders, with calls lost and late, crashes, outages and lost data", () => {
  it("lose nothing, double nothing, count exactly and come to rest", async () => {
    const broken = await firstOf(SEEDS);
    if (broken) expect.fail(await storyOf(broken));
  }, 60_000);

  it("do the same again for the same seed", async () => {
    for (const seed of [3, 8, 21, 34]) {
      const plan = planOf(seed);
      const { story } = await simulate(plan, { told: true });
      expect(story.length).toBeGreaterThan(10);
      expect((await simulate(plan, { told: true })).story).toEqual(story);
    }
  });
});

describe.skipIf(ONE_SEED !== undefined)("a simulated history shows", () => {
  const titled = SABOTAGES.map((sabotage) => [`that without ${sabotage.without} ${sabotage.what}`, sabotage] as const);
  it.each(titled)(
    "%s",
    async (_, sabotage) => {
      expect(await firstOf(WITHIN_SEEDS, { theme: sabotage.theme, sabotage })).not.toBeNull();
    },
    60_000,
  );
});

it("tells what broke in a few steps, with the seed that repeats it", async () => {
  const sabotage = SABOTAGES.find(({ without }) => without === "instances") as Sabotage;
  const broken = await firstOf(WITHIN_SEEDS, { sabotage });
  const story = broken && (await storyOf(broken, { sabotage }));
  expect(story).toContain(`BREAKWATER_SEED=${broken?.seed}`);
  expect(story?.split("\n").length).toBeLessThan(40);
}, 60_000);
