// How surely a rule finds a fault, and how seldom it blames a feature that is well: the engine's own evidence on votes that are drawn, each 1 or 0, which
// is as far as votes of one mean can scatter.
import { expect, it } from "vitest";
import { percentile, report } from "../figure.ts";
import { type Draw, openSimulation, type SimulatedRule } from "./votes.ts";

const DAY = 1_440;

/** Runs of each fault, from a state after 30 healthy days. */
const RUNS = 200;

/** Votes after which a run gives up. */
const RUN_MAX = 5_000;

const simulation = openSimulation();
const all = await simulation.rules();
/** Of rules with one limit and one window the first stands for all. */
const rules = all.filter((rule, at) => all.findIndex(({ limit, minutes }) => limit === rule.limit && minutes === rule.minutes) === at);
const healthyMonth = (rule: SimulatedRule) => simulation.draw({ rule, chance: rule.limit / 2, votes: 30 * DAY, seed: 1 });

/** Rollbacks in so many days; each begins the evidence anew. */
async function rollbacks(draw: Omit<Draw, "votes" | "from">, days: number, from: string): Promise<number> {
  let [left, count, record] = [days * DAY, 0, from];
  while (left > 0) {
    const { rolledBackAfter, record: after } = await simulation.draw({ ...draw, seed: draw.seed + count, votes: left, from: record });
    if (rolledBackAfter === null) return count;
    [left, count, record] = [left - rolledBackAfter, count + 1, ""];
    expect(after).not.toBe("");
  }
  return count;
}

/** Votes within which nine runs of ten have found it. */
async function found(rule: SimulatedRule, chance: number, from: string): Promise<number> {
  const after: number[] = [];
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { rolledBackAfter } = await simulation.draw({ rule, chance, votes: RUN_MAX, seed, from });
    after.push(rolledBackAfter ?? Number.POSITIVE_INFINITY);
  }
  return percentile(after, 0.9);
}

for (const rule of rules) {
  const name = `limit-${rule.limit * 100}-percent-over-${rule.minutes}-min`;
  it(`a limit of ${rule.limit} over ${rule.minutes} min`, { timeout: 600_000 }, async (context) => {
    const { record } = await healthyMonth(rule);
    const at = { rule, seed: 2 };
    report(context, [
      {
        name: `${name}-rollbacks-in-365-days-at-half`,
        value: await rollbacks({ ...at, chance: rule.limit / 2 }, 365, record),
        unit: "rollbacks",
        bar: { atMost: 0 },
      },
      {
        name: `${name}-rollbacks-in-1000-days-at-limit`,
        value: await rollbacks({ ...at, chance: rule.limit }, 1_000, record),
        unit: "rollbacks",
        bar: { atMost: 1 },
      },
      { name: `${name}-all-bad-found`, value: await found(rule, 1, record), unit: "votes", bar: { atMost: rule.limit < 0.5 ? 12 : 25 } },
      // At a limit of 0.5 half-bad is no fault.
      ...(rule.limit <= 0.2
        ? [{ name: `${name}-half-bad-found`, value: await found(rule, 0.5, record), unit: "votes", bar: { atMost: 120 } }]
        : []),
      { name: `${name}-twice-the-limit-found`, value: await found(rule, 2 * rule.limit, record), unit: "votes", bar: { atMost: 1_500 } },
    ]);
  });
}

it("a look each second changes nothing", { timeout: 600_000 }, async (context) => {
  const differing: string[] = [];
  for (const rule of rules) {
    for (const chance of [rule.limit, 2 * rule.limit, 1]) {
      const drawn = { rule, chance, votes: DAY, seed: 3 };
      const [seldom, often] = [await simulation.draw(drawn), await simulation.draw({ ...drawn, looks: 60 })];
      if (JSON.stringify(seldom) !== JSON.stringify(often)) differing.push(rule.name);
    }
  }
  report(context, [{ name: "runs-that-a-look-each-second-changes", value: differing.length, unit: "runs", bar: { atMost: 0 } }]);
});
