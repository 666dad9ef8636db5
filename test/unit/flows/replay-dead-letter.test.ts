import { beforeEach, describe, expect, it } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { type ReadAgain, replayDeadLetter } from "../../../src/flows/replay-dead-letter.ts";
import { alertOf, ignoredOf, openFlowBench } from "../../support/flow-bench.ts";
import { fingerprint, NOTHING_ASIDE } from "../../support/ledger-builders.ts";

let bench: ReturnType<typeof openFlowBench>;
let deliveries = 0;
const bad = (payload = '{"status":"firing"}'): ParsedAlert => ({
  ...{
    kind: "invalid",
    fingerprint: fingerprint("bad"),
    instance: payload,
    namespace: "",
    reason: "namespace-not-allowed",
    signalType: "prometheus-alert",
    payload,
  },
});
const send = (alert: ParsedAlert) =>
  ingestAlerts(bench.ports, { source: "s", delivery: (++deliveries).toString(16).padStart(32, "d"), alerts: [alert], ...NOTHING_ASIDE });
const mended: ReadAgain = async () => alertOf("x");
const replay = (read: ReadAgain = mended, ports = bench.ports) => replayDeadLetter(ports, fingerprint("bad"), read);
const letters = async () => (await bench.ledger.deadLetters(0, 10)).total;

beforeEach(() => {
  bench = openFlowBench();
});

describe("an invalid alert that is replayed", () => {
  it("is read again as it came, judged like any other, and its letter goes", async () => {
    await send(bad());
    const read: unknown[] = [];
    const told = await replay(async ({ source, signalType }, payload) => {
      read.push([source, signalType, payload]);
      return alertOf("x");
    });
    expect(told).toMatchObject({ kind: "decided", result: { outcome: "created", occurrenceCount: 1 } });
    expect(read).toEqual([["s", "prometheus-alert", { status: "firing" }]]);
    expect([await letters(), bench.writer.list().length]).toEqual([0, 1]);
    expect(await replay()).toEqual({ kind: "unknown" });
  });

  it("counts once where its letter could not be discarded and it is replayed once more", async () => {
    await send(bad());
    const discard = () => Promise.reject(new Failure("ledger-unavailable", "lost by the test", "none"));
    await expect(replay(mended, { ...bench.ports, ledger: { ...bench.ledger, discard } })).rejects.toThrow(Failure);
    expect(await replay()).toMatchObject({ kind: "decided", result: { outcome: "created", occurrenceCount: 1 } });
  });

  it("counts anew where it came again as another letter", async () => {
    await send(bad());
    await replay();
    bench.time.now += 1_000;
    await send(bad());
    expect(await replay()).toMatchObject({ kind: "decided", result: { outcome: "duplicate", occurrenceCount: 2 } });
  });

  it("leaves its letter to another alert of its cause that came meanwhile", async () => {
    await send(bad());
    const meanwhile: ReadAgain = async () => {
      await send(bad('{"status":"later"}'));
      return alertOf("x");
    };
    expect(await replay(meanwhile)).toMatchObject({ kind: "decided" });
    expect((await bench.ledger.deadLetters(0, 10)).letters).toMatchObject([{ count: 2, payload: '{"status":"later"}' }]);
    expect(await replay(async () => alertOf("y"))).toMatchObject({ kind: "decided", result: { outcome: "created" } });
    expect(await letters()).toBe(0);
  });

  it("stays while it is invalid, was cut, has no source, or finds no room", async () => {
    await send(bad());
    expect(await replay(async () => bad())).toEqual({ kind: "still-invalid", reason: "namespace-not-allowed" });
    expect(await replay(async () => null)).toEqual({ kind: "source-unknown" });
    expect(await letters()).toBe(1);
    bench = openFlowBench({ intentsMax: 0 });
    await send(bad());
    expect(await replay()).toEqual({ kind: "overloaded" });
    await send(bad('{"status":"fir'));
    expect(await replay()).toEqual({ kind: "payload-cut" });
    expect(await letters()).toBe(1);
  });

  it("may ask for nothing by now", async () => {
    await send(bad());
    const ignored = ignoredOf("x");
    expect(await replay(async () => ignored)).toMatchObject({ kind: "decided", result: { outcome: "ignored" } });
    expect(await letters()).toBe(0);
  });
});
