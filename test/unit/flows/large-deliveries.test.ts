import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { DEAD_LETTERS_MAX } from "../../../src/domain/ledger-limits.ts";
import { type IngestPorts, ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import type { AdmitCall, Ledger } from "../../../src/ports/ledger.ts";
import type { Operation, RemediationWriter } from "../../../src/ports/remediation-writer.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { installInstantDigests } from "../../support/instant-digests.ts";
import { fingerprint, NOTHING_ASIDE } from "../../support/ledger-builders.ts";

type Bench = ReturnType<typeof openFlowBench>;
let bench: Bench;
let calls: AdmitCall[];
let recalls: number;
let written: Operation[];
const delivery = "d".repeat(32);
const lost = () => new Failure("ledger-unavailable", "lost by the test", "none");

const resolvedOnes = (count: number) => Array.from({ length: count }, (_, at) => alertOf(`a${at}`, { status: "resolved" }));
const invalidOnes = (count: number, from = 0): ParsedAlert[] =>
  Array.from({ length: count }, (_, at) => ({
    kind: "invalid",
    instance: `${from + at}`,
    fingerprint: fingerprint(`i${from + at}`),
    namespace: "",
    reason: "labels-invalid",
    signalType: "prometheus-alert",
    payload: "{}",
  }));

/** Each call of the ledger takes so long. */
let callMs: number;
const ledger = (over: Partial<Ledger> = {}): Ledger => ({
  ...bench.ledger,
  admit(call) {
    calls.push(call);
    bench.time.now += callMs;
    return bench.ledger.admit(call);
  },
  recall(...asked) {
    recalls += 1;
    return bench.ledger.recall(...asked);
  },
  ...over,
});
const writer: RemediationWriter = {
  perform(operations, timeoutMs) {
    written.push(...operations);
    return bench.writer.perform(operations, timeoutMs);
  },
};
const post = (alerts: readonly ParsedAlert[], over: Partial<IngestPorts> = {}, startedMs?: number, body?: string) =>
  ingestAlerts(
    { ...bench.ports, ledger: ledger(), writer, ...over },
    { source: "s", delivery, alerts, ...NOTHING_ASIDE, ...(startedMs !== undefined && { startedMs }), ...(body && { body }) },
  );
const decidedBy = (sent: readonly AdmitCall[]) => sent.flatMap(({ alerts }) => alerts.map((alert) => alert.fingerprint));

beforeEach(() => {
  bench = openFlowBench({ intentsMax: 100_000 });
  [calls, written, recalls, callMs] = [[], [], 0, 0];
});

describe("a delivery of more alerts than a call takes", () => {
  it("gets further with each sending, whatever time a call takes, until all is decided once", async () => {
    const alerts = resolvedOnes(6_000);
    callMs = 2_000;
    let sendings = 0;
    for (; sendings < 10; sendings += 1) {
      const before = new Set(decidedBy(calls));
      const answer = await post(alerts).catch((error: unknown) => error);
      if (!(answer instanceof Failure)) break;
      expect(answer.message).toBe("no time is left for the rest of a delivery");
      expect(new Set(decidedBy(calls)).size).toBe(before.size + 1_500);
      bench.time.now += 60_000;
    }
    expect(sendings).toBe(3);
    const repeats = decidedBy(calls).length - new Set(decidedBy(calls)).size;
    expect(repeats).toBeLessThanOrEqual(500);
    expect((await bench.ledger.counters()).alerts_received).toBe(6_000);
    expect(written).toEqual([]);
  });

  it("tells the ledger up to its last call that more is to come", async () => {
    await post(resolvedOnes(1_200));
    expect(calls.map(({ more }) => more)).toEqual([true, true, false]);
    calls = [];
    await post(resolvedOnes(1));
    expect(calls.map(({ more }) => more)).toEqual([false]);
  });

  it("stays unfinished where something found no room before its last call", async () => {
    bench = openFlowBench({ intentsMax: 5 });
    const alerts = [alertOf("x"), alertOf("y"), ...resolvedOnes(700)];
    expect(await post(alerts)).toEqual({ kind: "overloaded" });
    expect(calls.map(({ more }) => more)).toEqual([true, true]);
  });

  it("asks for what is known of it in advance; a smaller one costs one call", async () => {
    await post(resolvedOnes(500));
    expect([calls.length, recalls]).toEqual([1, 0]);
    await post(resolvedOnes(501));
    expect(recalls).toBe(1);
  });

  it("is refused whole where its key came with another body, also with alerts that are known, at no more calls", async () => {
    const keyed = (alerts: readonly ParsedAlert[], body: string) => post(alerts, {}, undefined, body.repeat(32));
    expect(await keyed(resolvedOnes(1_100), "1")).toMatchObject({ kind: "decided" });
    expect([calls.length, recalls]).toEqual([3, 1]);
    callMs = 3_000;
    [calls, recalls] = [[], 0];
    expect(await keyed([...resolvedOnes(1_000), alertOf("x")], "2")).toEqual({ kind: "other-body" });
    expect([calls.length, recalls]).toEqual([1, 1]);
    expect(await bench.ledger.receipt(alertOf("x"))).toBeNull();
    callMs = 0;
    expect(await keyed(resolvedOnes(1_100), "1")).toMatchObject({ kind: "decided" });
  });

  it("is decided all the same where what is known of it cannot be had", async () => {
    const recall = () => Promise.reject(lost());
    expect(await post(resolvedOnes(700), { ledger: ledger({ recall }) })).toMatchObject({ kind: "decided" });
    expect(bench.warnings).toContain("recall-failed");
  });

  it("answers what it knows by what is remembered once two seconds are over", async () => {
    const alerts = Array.from({ length: 1_500 }, (_, at) => alertOf(`a${at}`, { namespace: `n${at % 7}` }));
    await post(alerts);
    calls = [];
    callMs = 2_000;
    const again = await post(alerts);
    expect(calls.length).toBe(1);
    const results = again.kind === "decided" ? again.results : [];
    expect(results.map((result) => result.fingerprint)).toEqual(alerts.map((alert) => alert.fingerprint));
    expect(results[0]).toMatchObject({ outcome: "created", occurrenceCount: 1 });
    expect(results[1_499]).toMatchObject({ outcome: "accepted", reason: "new", remediationRequest: null, occurrenceCount: 0 });
  });

  it("does not ask the proxy again for what is known, where the ledger fails", async () => {
    const alerts = Array.from({ length: 1_100 }, (_, at) => alertOf(`a${at}`));
    await post(alerts.slice(0, 600));
    const all = await post(alerts).catch(() => null);
    expect(all).toMatchObject({ kind: "decided" });
    written = [];
    const admit = () => Promise.reject(lost());
    expect(await post(alerts, { ledger: ledger({ admit }) })).toMatchObject({ kind: "decided" });
    expect(written).toEqual([]);
  });

  it("is not decided without the ledger for want of time: the next sending is there for the rest", async () => {
    const alerts = Array.from({ length: 3_000 }, (_, at) => alertOf(`a${at}`));
    callMs = 5_900;
    await expect(post(alerts)).rejects.toThrow("no time is left");
    expect(written.filter(({ kind }) => kind === "count")).toEqual([]);
  });

  it("counts its time from its first byte, and decides one call's worth however long it took to read", async () => {
    const startedMs = bench.time.now;
    bench.time.now += 7_900;
    await expect(post(resolvedOnes(1_200), {}, startedMs)).rejects.toThrow("no time is left");
    expect(calls.map(({ alerts }) => alerts.length)).toEqual([500]);
    bench.time.now = startedMs + 8_000;
    await expect(post(resolvedOnes(1_200), {}, startedMs)).rejects.toThrow("no time is left");
    expect(calls).toHaveLength(1);
  });

  it("lets others have their turn between two calls, and asks for no pause where there is one call", async () => {
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    await post(resolvedOnes(500), { pause });
    expect(pauses).toBe(0);
    await post(resolvedOnes(1_501), { pause });
    expect(pauses).toBe(3);
  });

  it("reads the alerts of a call when it comes to it, and not before", async () => {
    const alerts = resolvedOnes(1_200);
    const asked: number[] = [];
    const whole = async (places: readonly number[]) => {
      asked.push(places.length, calls.length);
      return places.map((place) => alerts[place] as ParsedAlert);
    };
    const posted = { source: "s", delivery, alerts, whole, ...NOTHING_ASIDE };
    await ingestAlerts({ ...bench.ports, ledger: ledger(), writer }, posted);
    expect(asked).toEqual([500, 0, 500, 1, 200, 2]);
  });

  it("has few calls to the proxy under way that nobody waits for; what is beyond is left to the drain", async () => {
    const alerts = Array.from({ length: 5_000 }, (_, at) => alertOf(`a${at}`));
    let underWay = 0;
    const perform = () => {
      underWay += 1;
      return new Promise<never>(() => {});
    };
    const uninstall = installInstantDigests();
    vi.useFakeTimers();
    const answer = post(alerts, { writer: { perform } });
    await vi.advanceTimersByTimeAsync(20_000);
    vi.useRealTimers();
    uninstall();
    expect(await answer).toMatchObject({ kind: "decided" });
    expect(underWay).toBe(4);
    const { intents } = await bench.ledger.lease(10_000);
    expect(intents).toEqual([]);
    bench.time.now += 60_000;
    expect((await bench.ledger.lease(10_000)).intents.length).toBe(5_000);
  });
});

describe("alerts that stand in a delivery several times", () => {
  it("are decided once, and each is answered", async () => {
    const alerts = [alertOf("x"), alertOf("y"), alertOf("x"), ...invalidOnes(1), ...invalidOnes(1)];
    const answer = await post(alerts);
    expect(calls.map((call) => call.alerts.length)).toEqual([3]);
    const results = answer.kind === "decided" ? answer.results : [];
    expect(results.map((result) => result.fingerprint)).toEqual(alerts.map((alert) => alert.fingerprint));
    expect([results[2], results[4]]).toEqual([results[0], results[3]]);
    expect((await bench.ledger.counters()).alerts_received).toBe(3);
  });

  it("cost one call, be they fifty thousand", async () => {
    const alerts = Array.from({ length: 50_000 }, () => invalidOnes(1)[0] as ParsedAlert);
    const answer = await post(alerts);
    expect([calls.length, calls[0]?.alerts.length, answer.kind === "decided" && answer.results.length]).toEqual([1, 1, 50_000]);
  });
});

describe("invalid alerts", () => {
  it("of more causes than are kept cost no neighbour its answer", async () => {
    const alerts = [...invalidOnes(DEAD_LETTERS_MAX + 500), ...resolvedOnes(600)];
    expect(await post(alerts)).toMatchObject({ kind: "decided" });
    const { deadLetters, lettersDropped } = await bench.ledger.survey();
    expect([deadLetters.invalid, lettersDropped]).toEqual([DEAD_LETTERS_MAX, [{ source: "s", count: 500 }]]);
  });

  it("of one cause count each, also in one delivery", async () => {
    const alerts = invalidOnes(1_500).map((alert) => ({ ...alert, fingerprint: fingerprint("cause") }));
    const answer = await post(alerts);
    expect(answer.kind === "decided" && answer.results.at(-1)?.occurrenceCount).toBe(1_500);
    await post(alerts);
    expect((await bench.ledger.deadLetters(0, 10)).letters).toMatchObject([{ id: fingerprint("cause"), count: 1_500 }]);
  });
});
