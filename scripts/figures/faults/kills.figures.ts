import { afterAll, beforeAll, it } from "vitest";
import { type FaultBench, startFaultBench } from "../../../test/support/faults/bench.ts";
import { killAfterAnswers } from "../../../test/support/faults/kills.ts";
import { report } from "../figure.ts";
import { tell } from "../progress.ts";

// A gateway is killed as soon as its 2xx has come, a hundred times; each alert it acknowledged has to be found.

const KILLS = 100;

let bench: FaultBench;
beforeAll(async () => {
  bench = await startFaultBench({ own: true, random: Math.random });
});
afterAll(async () => await bench?.stop());

it("a hundred kills right after an answer", { timeout: 600_000 }, async (context) => {
  const { verdict, recoveredMs, acknowledged, longestMs } = await killAfterAnswers(bench, KILLS, await bench.namespace(), 60_000);
  tell(`${KILLS} kills: ${JSON.stringify(verdict).slice(0, 2_000)}`);
  report(context, [
    { name: "kills", value: KILLS, unit: "kills" },
    { name: "kills_acknowledged", value: acknowledged, unit: "alerts", bar: { atLeast: KILLS } },
    { name: "kills_acknowledged_lost", value: verdict.lost.length, unit: "alerts", bar: { atMost: 0 } },
    { name: "kills_doubled_live", value: verdict.doubled.length, unit: "requests", bar: { atMost: 0 } },
    { name: "kills_counted_wrongly", value: verdict.under.length + verdict.over.length, unit: "requests", bar: { atMost: 0 } },
    { name: "kills_longest_answer", value: longestMs, unit: "ms", bar: { atMost: 10_000 } },
    { name: "kills_recovery", value: (recoveredMs ?? Number.POSITIVE_INFINITY) / 1_000, unit: "s" },
  ]);
});
