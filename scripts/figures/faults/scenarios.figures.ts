import { afterAll, beforeAll, expect, it } from "vitest";
import { isClean } from "../../../test/support/checker.ts";
import { type FaultBench, startFaultBench } from "../../../test/support/faults/bench.ts";
import { type Outcome, runScenario, SCENARIOS } from "../../../test/support/faults/scenario.ts";
import { percentile, report } from "../figure.ts";
import { tell } from "../progress.ts";

// Every part is broken in every way, alone with each kind of load and in pairs, while alerts come in through two gateways. Each alert that was
// acknowledged has to be found: in a live request, counted there, or as a dead letter; and none in two. Meanwhile some alerts are resolved, the requests of
// some end and they fire again, and events recur.

const PACE = { volume: { duplicates: 2_000, new: 200, storm: 1_500 }, lives: 10, faultMs: 5_000, recoverMs: 60_000 };

const ALERTS_LEAST = 100_000;

let bench: FaultBench;
const outcomes: Outcome[] = [];

beforeAll(async () => {
  bench = await startFaultBench({ own: true, random: Math.random });
});
afterAll(async () => await bench?.stop());

it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", { timeout: 300_000 }, async (name, scenario) => {
  const outcome = await runScenario(bench, scenario, PACE, await bench.namespace());
  outcomes.push(outcome);
  const { recoveredMs, longestMs, direct, acknowledged, verdict, problems, refused } = outcome;
  const right = isClean(verdict) && problems.length === 0 && refused === 0;
  const told = right ? "right" : `WRONG ${JSON.stringify({ verdict, problems, refused }).slice(0, 2_000)}`;
  tell(
    `${outcomes.length}/${SCENARIOS.length} ${name}: ${told}; ${acknowledged} alerts, ${direct} direct, ${Math.round(longestMs)} ms, ${Math.round(recoveredMs ?? -1)} ms`,
  );
});

it("all of them together", (context) => {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const acknowledged = sum((outcome) => outcome.acknowledged);
  const recovered = outcomes.map(({ recoveredMs }) => recoveredMs ?? Number.POSITIVE_INFINITY);
  report(context, [
    { name: "fault_scenarios", value: outcomes.length, unit: "scenarios", bar: { atLeast: SCENARIOS.length } },
    { name: "acknowledged", value: acknowledged, unit: "alerts", bar: { atLeast: ALERTS_LEAST } },
    { name: "acknowledged_lost", value: sum(({ verdict }) => verdict.lost.length), unit: "alerts", bar: { atMost: 0 } },
    { name: "acknowledged_lost_with_redis_data", value: sum(({ verdict }) => verdict.excluded), unit: "alerts" },
    { name: "resolves", value: sum((outcome) => outcome.resolves), unit: "alerts" },
    { name: "resolves_lost", value: sum(({ verdict }) => verdict.unresolved.length), unit: "alerts", bar: { atMost: 0 } },
    { name: "events", value: sum((outcome) => outcome.events), unit: "events" },
    { name: "requests_ended", value: sum((outcome) => outcome.ended), unit: "requests" },
    { name: "doubled_live", value: sum(({ verdict }) => verdict.doubled.length), unit: "requests", bar: { atMost: 0 } },
    { name: "counted_too_little", value: sum(({ verdict }) => verdict.under.length), unit: "requests", bar: { atMost: 0 } },
    { name: "counted_too_much", value: sum(({ verdict }) => verdict.over.length), unit: "requests", bar: { atMost: 0 } },
    { name: "counted_too_much_as_documented", value: sum(({ verdict }) => verdict.overAsDocumented), unit: "alerts" },
    { name: "never_acknowledged", value: sum(({ refused }) => refused), unit: "deliveries", bar: { atMost: 0 } },
    { name: "readouts_wrong", value: sum(({ problems }) => problems.length), unit: "readouts", bar: { atMost: 0 } },
    { name: "longest_answer", value: Math.max(...outcomes.map(({ longestMs }) => longestMs)), unit: "ms", bar: { atMost: 10_000 } },
    { name: "recovery_p50", value: percentile(recovered, 0.5) / 1_000, unit: "s" },
    { name: "recovery_p95", value: percentile(recovered, 0.95) / 1_000, unit: "s" },
    { name: "decided_direct", value: (100 * sum(({ direct }) => direct)) / acknowledged, unit: "%" },
  ]);
  expect(outcomes.length).toBe(SCENARIOS.length);
});
