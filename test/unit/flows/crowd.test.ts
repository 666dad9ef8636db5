import { expect, it } from "vitest";
import { createCrowd } from "../../../src/flows/crowd.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { NOTHING_ASIDE } from "../../support/ledger-builders.ts";

/** Deliveries that one process decides at the same time, by the first letter of their alerts; what each call of the ledger brought, in order. */
async function decided(...sizes: readonly (readonly [letter: string, size: number])[]): Promise<string[]> {
  const bench = openFlowBench({ intentsMax: 100_000 });
  const calls: string[] = [];
  const admit: typeof bench.ledger.admit = async (call) => {
    calls.push(`${call.alerts[0]?.target.at(-1)}${call.alerts.length}`);
    await new Promise(setImmediate);
    return call.alerts.map(() => ({ kind: "settled", outcome: "ignored", request: null, occurrences: 0, reason: "late", rung: "cache" }));
  };
  const pause = () => new Promise<void>(setImmediate);
  const ports = { ...bench.ports, pause, ledger: { ...bench.ledger, admit }, crowd: createCrowd() };
  const post = ([letter, size]: readonly [string, number]) => {
    const alerts = Array.from({ length: size }, (_, at) => alertOf(`${letter}${at}`, { resource: { kind: "Pod", name: letter } }));
    return ingestAlerts(ports, { source: "s", delivery: letter.repeat(32), alerts, ...NOTHING_ASIDE });
  };
  await Promise.all(sizes.map(post));
  return calls;
}

it("a lone alert that comes in with a webhook of twenty is decided first", async () => {
  expect(await decided(["a", 20], ["b", 1])).toEqual(["b1", "a20"]);
});

it("a large delivery takes large parts of the ledger's time while nobody else waits", async () => {
  expect(await decided(["a", 1_200])).toEqual(["a500", "a500", "a200"]);
});

it("two large deliveries take it in turn, and a lone one among them is not kept waiting for either", async () => {
  const calls = await decided(["a", 600], ["b", 600], ["c", 1]);
  expect(calls.slice(0, 3).toSorted()).toEqual(["a100", "b100", "c1"]);
  expect(Math.max(...calls.slice(0, 10).map((call) => Number(call.slice(1))))).toBe(100);
});
