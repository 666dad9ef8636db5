import { expect, it } from "vitest";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import type { AdmitCall } from "../../../src/ports/ledger.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { NOTHING_ASIDE } from "../../support/ledger-builders.ts";

const SIZE = 2_000;
const alerts = Array.from({ length: SIZE }, (_, at) => alertOf(`a${at}`));

/** A ledger that takes its time for each call; which alerts each call brought. */
function slowly(callMs: number) {
  const bench = openFlowBench({ intentsMax: 100_000 });
  const calls: string[][] = [];
  const admit = (call: AdmitCall) => {
    bench.time.now += callMs;
    calls.push(call.alerts.map(({ fingerprint }) => fingerprint));
    return bench.ledger.admit(call);
  };
  const ports = { ...bench.ports, ledger: { ...bench.ledger, admit } };
  const send = () => ingestAlerts(ports, { source: "s", delivery: "d".repeat(32), alerts, ...NOTHING_ASIDE });
  return { bench, calls, send };
}

it("each sending of a delivery that is too large for the time gets further than the one before, and the last answers all", async () => {
  const { bench, calls, send } = slowly(2_500);
  const decided = new Set<string>();
  let sendings = 0;
  for (let answered = false; !answered; sendings += 1) {
    expect(sendings).toBeLessThan(10);
    calls.length = 0;
    const before = decided.size;
    const result = await send().catch(() => null);
    for (const fingerprint of calls.flat()) decided.add(fingerprint);
    if (result) expect(result).toMatchObject({ kind: "decided", results: { length: SIZE } });
    else expect(decided.size).toBeGreaterThan(before);
    answered = result !== null;
    bench.time.now += 60_000;
  }
  expect(sendings).toBeGreaterThan(1);
  expect(decided.size).toBe(SIZE);
  // Each counts once, however often it was sent.
  expect((await bench.ledger.counters()).alerts_received).toBe(SIZE);
});
