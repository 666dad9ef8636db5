import { describe, expect, it } from "vitest";
import { explore } from "./explore.ts";
import { planOf } from "./plan.ts";
import { simulate } from "./simulate.ts";
import { storyOf } from "./story.ts";

/** With a seed in the environment only its history runs. */
const ONE_SEED = process.env.BREAKWATER_SEED;
const FIRST_SEED = Number(ONE_SEED ?? 1);
const SEEDS = ONE_SEED === undefined ? 500 : 1;

describe("gateways, proxies, sweeps, controllers and senders, with calls lost and late, crashes, outages and lost data", () => {
  it("lose nothing, double nothing, count exactly and come to rest", async () => {
    const [broken] = await explore(FIRST_SEED, SEEDS, { most: 1 });
    if (broken) expect.fail(await storyOf(broken));
  }, 300_000);

  it("lose nothing and double nothing where storms are turned off and on in their midst", async () => {
    const [broken] = await explore(FIRST_SEED, ONE_SEED === undefined ? 150 : 1, { theme: "flips", most: 1 });
    if (broken) expect.fail(await storyOf(broken, { theme: "flips" }));
  }, 300_000);

  it("do the same again for the same seed", async () => {
    for (const seed of [3, 8, 21, 34]) {
      const plan = planOf(seed);
      const { story } = await simulate(plan, { told: true });
      expect(story.length).toBeGreaterThan(10);
      expect((await simulate(plan, { told: true })).story).toEqual(story);
    }
  });
});
