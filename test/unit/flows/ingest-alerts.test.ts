import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { type IngestPorts, ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import type { AdmitCall } from "../../../src/ports/ledger.ts";
import type { OperationResult, RemediationWriter } from "../../../src/ports/remediation-writer.ts";
import { alertOf, ignoredOf, openFlowBench } from "../../support/flow-bench.ts";
import { installInstantDigests } from "../../support/instant-digests.ts";
import { fingerprint, NOTHING_ASIDE, RULES } from "../../support/ledger-builders.ts";

type Bench = ReturnType<typeof openFlowBench>;
let bench: Bench;
let deliveries = 0;
const nextDelivery = () => (++deliveries).toString(16).padStart(32, "d");
const post = async (alerts: readonly ParsedAlert[], over: Partial<IngestPorts> = {}, delivery = nextDelivery()) => {
  const ingested = await ingestAlerts({ ...bench.ports, ...over }, { source: "s", delivery, alerts, ...NOTHING_ASIDE });
  return ingested.kind === "decided" ? ingested.results : expect.fail("overloaded");
};
const lost = (effect: "none" | "unknown") => new Failure("ledger-unavailable", "lost by the test", effect);

describe("ingest", () => {
  beforeEach(() => {
    bench = openFlowBench();
  });

  it("creates the request of a new alert and says so", async () => {
    expect(await post([alertOf("x")])).toEqual([
      {
        fingerprint: fingerprint("x"),
        outcome: "created",
        remediationRequest: { namespace: "shop", name: `rr-${fingerprint("x").slice(0, 32)}-1` },
        occurrenceCount: 1,
        reason: "new",
        rung: "kubernetes",
      },
    ]);
    expect(bench.writer.list()).toHaveLength(1);
  });

  it("leaves what was decided without the ledger for the next call where a delivery's key came with another body", async () => {
    const posted = { source: "s", delivery: nextDelivery(), alerts: [alertOf("x")], ...NOTHING_ASIDE };
    await ingestAlerts(bench.ports, { ...posted, body: "1".repeat(32) });
    bench.ports.strays.note("s", await post([alertOf("y")]));
    expect(await ingestAlerts(bench.ports, { ...posted, body: "2".repeat(32) })).toEqual({ kind: "other-body" });
    expect(bench.ports.strays.next()).toMatchObject({ outcomes: [{ count: 1 }] });
  });

  it("refuses another body under a key also where it asks for nothing, and takes it where the ledger cannot be asked", async () => {
    const posted = { source: "s", delivery: nextDelivery(), alerts: [ignoredOf("w")], ...NOTHING_ASIDE };
    expect(await ingestAlerts(bench.ports, { ...posted, body: "1".repeat(32) })).toMatchObject({ kind: "decided" });
    expect(await ingestAlerts(bench.ports, { ...posted, body: "2".repeat(32) })).toEqual({ kind: "other-body" });
    const away = { ...bench.ports, ledger: { ...bench.ledger, admit: () => Promise.reject(lost("none")) } };
    expect(await ingestAlerts(away, { ...posted, body: "2".repeat(32) })).toMatchObject({ kind: "decided" });
  });

  it("answers in the payload's order, whatever the order of judgement", async () => {
    await post([alertOf("y")]);
    const results = await post([
      alertOf("y", { status: "resolved" }),
      ignoredOf("w"),
      alertOf("x"),
      {
        kind: "invalid",
        fingerprint: fingerprint("v"),
        instance: "v",
        namespace: "",
        reason: "labels-invalid",
        signalType: "prometheus-alert",
        payload: "{}",
      },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["resolved", "ignored", "created", "quarantined"]);
    expect(results.map((result) => result.fingerprint)).toEqual(["y", "w", "x", "v"].map(fingerprint));
  });

  it("does not resolve a fingerprint of which another instance fires in the same payload", async () => {
    await post([alertOf("x", { instance: "b" })]);
    const results = await post([alertOf("x", { instance: "b", status: "resolved" }), alertOf("x", { instance: "a" })]);
    expect(results).toMatchObject([{ outcome: "ignored", reason: "other-instances-firing" }, { outcome: "duplicate" }]);
  });

  it("counts a delivery's fingerprint once, however many instances it brings", async () => {
    await post([alertOf("x", { instance: "a" }), alertOf("x", { instance: "b" })]);
    expect(await post([alertOf("x", { instance: "a" }), alertOf("x", { instance: "b" })])).toMatchObject([
      { occurrenceCount: 2 },
      { occurrenceCount: 2 },
    ]);
  });

  it("sends a call whose reply was lost once more with its operation, and leaves the state of one", async () => {
    const sent: AdmitCall[] = [];
    const admit = async (call: AdmitCall) => {
      sent.push(call);
      const verdicts = await bench.ledger.admit(call);
      if (sent.length === 1) throw lost("unknown");
      return verdicts;
    };
    expect(await post([alertOf("x")], { ledger: { ...bench.ledger, admit } })).toMatchObject([{ outcome: "created", occurrenceCount: 1 }]);
    expect(sent[1]).toBe(sent[0]);
  });

  it("fails when the ledger cannot be reached twice, and finishes on the sender's repeat what is left", async () => {
    const delivery = nextDelivery();
    const alerts = Array.from({ length: 1_200 }, (_, index) => alertOf(`a${index}`, { namespace: `n${index % 7}` }));
    bench = openFlowBench({ intentsMax: 100_000 });
    let calls = 0;
    const admit = async (call: AdmitCall) => {
      calls += 1;
      if (calls > 2) throw lost("none");
      return bench.ledger.admit(call);
    };
    const perform: RemediationWriter["perform"] = async (operations, timeoutMs) => {
      if (operations.some(({ kind }) => kind === "count")) throw new Failure("writer-unavailable", "lost by the test", "none");
      return bench.writer.perform(operations, timeoutMs);
    };
    await expect(post(alerts, { ledger: { ...bench.ledger, admit }, writer: { perform } }, delivery)).rejects.toThrow(Failure);
    const results = await post(alerts, {}, delivery);
    expect(results).toHaveLength(1_200);
    expect(bench.writer.list()).toHaveLength(1_200);
    expect(results.every(({ outcome, occurrenceCount }) => outcome === "created" && occurrenceCount === 1)).toBe(true);
  });

  it("decides 1,200 alerts in three calls of the ledger", async () => {
    const sizes: number[] = [];
    const admit = (call: AdmitCall) => {
      sizes.push(call.alerts.length);
      return bench.ledger.admit(call);
    };
    await post(
      Array.from({ length: 1_200 }, (_, index) => alertOf(`a${index}`, { status: "resolved" })),
      { ledger: { ...bench.ledger, admit } },
    );
    expect(sizes).toEqual([500, 500, 200]);
  });

  it("cuts calls by the size of what they carry as well", async () => {
    const sizes: number[] = [];
    const admit = (call: AdmitCall) => {
      sizes.push(JSON.stringify(call).length);
      return bench.ledger.admit(call);
    };
    const large = alertOf("x").draft;
    const drafts = Array.from({ length: 6 }, (_, index) =>
      alertOf(`a${index}`, { draft: { ...large, spec: { ...large.spec, originalPayload: "A".repeat(1_000_000) } } }),
    );
    await post(drafts, { ledger: { ...bench.ledger, admit } });
    expect(sizes.length).toBe(2);
    expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024);
  });

  it("takes no more of a delivery once the answer's time is over", async () => {
    const admit = (call: AdmitCall) => {
      bench.time.now += 9_000;
      return bench.ledger.admit(call);
    };
    const alerts = Array.from({ length: 501 }, (_, index) => alertOf(`a${index}`, { status: "resolved" }));
    await expect(post(alerts, { ledger: { ...bench.ledger, admit } })).rejects.toMatchObject({ code: "ledger-unavailable" });
  });

  it("leaves the rest of a delivery to the next sending, and not to the proxy, where the ledger was only slow to recall it", async () => {
    const recall: typeof bench.ledger.recall = (...asked) => {
      bench.time.now += 6_500;
      return bench.ledger.recall(...asked);
    };
    const asked = new Set<string>();
    const perform: RemediationWriter["perform"] = (operations, timeoutMs) => {
      for (const { kind } of operations) asked.add(kind);
      return bench.writer.perform(operations, timeoutMs);
    };
    const over = { ledger: { ...bench.ledger, recall }, writer: { ...bench.writer, perform } };
    const alerts = Array.from({ length: 1_001 }, (_, index) => alertOf(`a${index}`, { status: "resolved" }));
    const delivery = nextDelivery();
    const left = { code: "ledger-unavailable", message: "no time is left for the rest of a delivery" };
    for (let sendings = 0; sendings < 2; sendings += 1) await expect(post(alerts, over, delivery)).rejects.toMatchObject(left);
    expect(await post(alerts, over, delivery)).toHaveLength(1_001);
    expect([...asked]).toEqual([]);
  });

  it("tells the sender that there was no room, with the rest durable", async () => {
    bench = openFlowBench({ intentsMax: 5 });
    const both = { source: "s", delivery: nextDelivery(), alerts: [alertOf("x"), alertOf("y")], ...NOTHING_ASIDE };
    expect(await ingestAlerts(bench.ports, both)).toEqual({ kind: "overloaded" });
    expect(bench.writer.list().map(({ draft }) => draft.spec.signalName)).toEqual(["x"]);
    const again = await ingestAlerts(bench.ports, both);
    expect(again).toMatchObject({ kind: "decided", results: [{ outcome: "created", occurrenceCount: 1 }, { outcome: "created" }] });
  });
});

describe("ingest while Kubernetes is asked", () => {
  let uninstall: () => void;
  beforeEach(() => {
    uninstall = installInstantDigests();
    bench = openFlowBench();
  });
  afterEach(() => {
    uninstall();
    vi.useRealTimers();
  });

  it("looks once at a stale request and decides by what it sees", async () => {
    await post([alertOf("x")]);
    bench.time.now += RULES.stateTtlMs;
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "duplicate", rung: "kubernetes", occurrenceCount: 2 }]);
    bench.writer.setPhase(bench.writer.list()[0]?.uid as string, "Completed", bench.time.now);
    bench.time.now += RULES.stateTtlMs;
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "created", reason: "request-ended", occurrenceCount: 1 }]);
    expect(bench.writer.list()).toHaveLength(2);
  });

  it("takes a request that was deleted for one that has ended", async () => {
    await post([alertOf("x")]);
    bench.writer.remove(bench.writer.list()[0]?.uid as string);
    bench.time.now += RULES.stateTtlMs;
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "created", reason: "request-ended" }]);
  });

  it("asks for everything a payload needs in one call", async () => {
    await post([alertOf("x")]);
    bench.time.now += RULES.stateTtlMs;
    const calls: string[][] = [];
    const perform = (operations: Parameters<typeof bench.writer.perform>[0], ms: number) => {
      calls.push(operations.map(({ kind }) => kind));
      return bench.writer.perform(operations, ms);
    };
    await post([alertOf("x"), alertOf("y")], { writer: { perform } });
    expect(calls).toEqual([["observe", "ensure"]]);
  });

  it("names a request that Kubernetes held already", async () => {
    await post([alertOf("x")]);
    const fresh = openFlowBench();
    expect(await post([alertOf("x")], { ledger: fresh.ledger })).toMatchObject([
      { outcome: "duplicate", reason: "request-found", rung: "kubernetes", occurrenceCount: 2 },
    ]);
    expect(bench.writer.list()).toHaveLength(1);
  });

  it("accepts at once where the writer cannot be reached, and judges repeats by time", async () => {
    await post([alertOf("x")]);
    bench.writer.break("unreachable");
    bench.time.now += RULES.stateTtlMs;
    expect(await post([alertOf("x"), alertOf("y")])).toMatchObject([
      { outcome: "duplicate", rung: "time", reason: "within-fallback-time" },
      { outcome: "accepted", remediationRequest: null, rung: "cache" },
    ]);
    bench.time.now += RULES.fallbackTtlMs;
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "accepted", reason: "state-unknown" }]);
    bench.writer.break(null);
    bench.time.now += RULES.leaseMs;
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list().map(({ draft }) => draft.spec.signalName)).toEqual(["x", "y"]);
  });

  it("waits two seconds for a slow writer, once for all calls of a payload, and hears it in the background", async () => {
    vi.useFakeTimers({ now: bench.time.now, toFake: ["setTimeout", "clearTimeout"] });
    bench = openFlowBench({ intentsMax: 100_000 });
    let answer = (): void => {};
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const perform = async (operations: Parameters<typeof bench.writer.perform>[0], ms: number): Promise<readonly OperationResult[]> => {
      await slow;
      return bench.writer.perform(operations, ms);
    };
    const alerts = Array.from({ length: 600 }, (_, index) => alertOf(`a${index}`, { namespace: `n${index % 7}` }));
    let results: Awaited<ReturnType<typeof post>> | undefined;
    void post(alerts, { writer: { perform }, clock: { now: () => bench.time.now } }).then((told) => {
      results = told;
    });
    const pass = async (ms: number) => {
      bench.time.now += ms;
      await vi.advanceTimersByTimeAsync(ms);
    };
    await pass(0);
    await pass(1_999);
    expect(results).toBeUndefined();
    await pass(1);
    await pass(1);
    expect(results?.every(({ outcome }) => outcome === "accepted")).toBe(true);
    answer();
    await Promise.all(bench.left);
    expect((await bench.ledger.counters()).requests_created).toBe(600);
  });

  it("does not ask for ever where what it sees is never what the ledger holds", async () => {
    await post([alertOf("x")]);
    bench.time.now += RULES.stateTtlMs;
    const stale = {
      namespace: "shop",
      name: "n",
      uid: "another",
      resourceVersion: "9",
      intent: null,
      phase: "",
      ended: false,
      endedAtMs: null,
      session: null,
      urgency: null,
    };
    const perform = async (operations: readonly unknown[]) => operations.map((): OperationResult => ({ kind: "observed", state: stale }));
    expect(await post([alertOf("x")], { writer: { perform } })).toMatchObject([{ outcome: "duplicate", occurrenceCount: 2 }]);
  });

  it("stands by what was created although the ledger cannot be told", async () => {
    const fact = () => Promise.reject(lost("none"));
    expect(await post([alertOf("x")], { ledger: { ...bench.ledger, fact } })).toMatchObject([{ outcome: "created" }]);
    expect(bench.warnings).toContain("confirm-failed");
    bench.time.now += RULES.leaseMs;
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toHaveLength(1);
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "duplicate", occurrenceCount: 2 }]);
  });
});
