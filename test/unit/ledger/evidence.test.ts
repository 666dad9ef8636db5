// A small part of `npm run figures -- canary`: the engine's own evidence on votes that are drawn.
import { expect, it } from "vitest";
import { openSimulation } from "../../../scripts/figures/canary/votes.ts";

const simulation = openSimulation();
const rules = await simulation.rules();

it("has ten rules, each with a limit and a window", () => {
  expect(rules.map(({ name, limit, minutes }) => [name, limit, minutes])).toEqual([
    ["accuracy", 0.1, 5],
    ["collisions", 0.05, 5],
    ["api-load", 0.5, 10],
    ["state-known", 0.15, 15],
    ["failed-updates", 0.1, 5],
    ["cost-reduction", 0.2, 10],
    ["aggregation", 0.15, 10],
    ["buffer-hits", 0.2, 15],
    ["expirations", 0.2, 15],
    ["bypassing", 0.1, 10],
  ]);
});

it.each(rules)(
  "$name blames no feature in 20 days at half its limit, and finds one that fails always",
  { timeout: 60_000 },
  async (rule) => {
    const healthy = await simulation.draw({ rule, chance: rule.limit / 2, votes: 20 * 1_440, seed: 1 });
    expect(healthy.rolledBackAfter).toBe(null);
    const broken = await simulation.draw({ rule, chance: 1, votes: 100, seed: 2, from: healthy.record });
    expect(broken.rolledBackAfter ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(rule.limit < 0.5 ? 12 : 25);
    const half = await simulation.draw({ rule, chance: Math.min(1, 2 * rule.limit), votes: 5_000, seed: 3, from: healthy.record });
    expect(half.rolledBackAfter).not.toBe(null);
  },
);

it("changes nothing when it is looked at", async () => {
  for (const rule of rules) {
    const drawn = { rule, chance: 2 * rule.limit, votes: 500, seed: 4 };
    expect(await simulation.draw({ ...drawn, looks: 60 })).toEqual(await simulation.draw(drawn));
  }
});
