import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isClean } from "../support/checker.ts";
import { type FaultBench, startFaultBench } from "../support/faults/bench.ts";
import { killAfterAnswers } from "../support/faults/kills.ts";
import { LOADS } from "../support/faults/load.ts";
import { runScenario, SCENARIOS } from "../support/faults/scenario.ts";
import { freshNamespace } from "../support/real-parts.ts";

/** Of the scenarios that `npm run -s figures -- faults` runs all of; each kind of fault once. */
const SAMPLE = [
  "bridge-drop-after duplicates",
  "bridge-truncate new",
  "redis-killed storm",
  "redis-frozen new",
  "redis-forgets storm",
  "proxy-drop-after new",
  "proxy-killed storm",
  "gateway-killed duplicates",
  "gateway-frozen+redis-killed-after storm",
  "kubernetes-cut storm",
  "redis-killed+proxy-killed duplicates",
];
const PACE = { volume: { duplicates: 500, new: 60, storm: 400 }, lives: 5, faultMs: 2_000, recoverMs: 25_000 };

/** The same calls meet a fault in every run: a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

let bench: FaultBench;
let namespaces: string[];

beforeAll(async () => {
  namespaces = await Promise.all([...SAMPLE, "kills"].map(() => freshNamespace()));
  bench = await startFaultBench({ own: false, namespaces, random: seeded(11) });
});
afterAll(async () => await bench?.stop());

describe("every acknowledged alert is accounted for, and none twice, after", () => {
  it.each(SAMPLE.map((name, n) => [name, n] as const))("%s", { timeout: 60_000 }, async (name, n) => {
    const scenario = SCENARIOS.find((one) => one.name === name);
    if (!scenario) throw new Error(`no scenario is called ${name}; loads: ${LOADS.join()}`);
    const outcome = await runScenario(bench, scenario, PACE, namespaces[n] as string);
    expect(outcome).toMatchObject({ refused: 0, problems: [], verdict: { lost: [], doubled: [], unresolved: [], under: [], over: [] } });
    expect(isClean(outcome.verdict)).toBe(true);
    expect([outcome.ended, outcome.events > PACE.lives]).toEqual([PACE.lives, true]);
    expect(outcome.longestMs).toBeLessThan(10_000);
  });
});

it("a gateway that is killed right after each of ten answers leaves nothing undone", { timeout: 60_000 }, async () => {
  const { verdict, recoveredMs, acknowledged } = await killAfterAnswers(bench, 10, namespaces.at(-1) as string, PACE.recoverMs);
  expect(verdict).toMatchObject({ lost: [], doubled: [], under: [], over: [], overAsDocumented: 0, excluded: 0 });
  expect([recoveredMs === null, acknowledged]).toEqual([false, 50]);
});
