import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ParsedAlert } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import type { AdmitCall, Ledger } from "../../../src/ports/ledger.ts";
import type { Operation, RemediationWriter } from "../../../src/ports/remediation-writer.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { installInstantDigests } from "../../support/instant-digests.ts";
import { fingerprint, NOTHING_ASIDE } from "../../support/ledger-builders.ts";

type Bench = ReturnType<typeof openFlowBench>;
let bench: Bench;
let ledger: Ledger;
let writer: RemediationWriter;
/** What the writer was asked for, call by call. */
let asked: (readonly Operation[])[];
let deliveries = 0;
const nextDelivery = () => (++deliveries).toString(16).padStart(32, "d");

const lost = () => new Failure("ledger-unavailable", "by the test", "none");
const never = () => new Promise<never>(() => {});
const post = async (alerts: readonly ParsedAlert[], delivery = nextDelivery()) => {
  const ingested = await ingestAlerts({ ...bench.ports, ledger, writer }, { source: "s", delivery, alerts, ...NOTHING_ASIDE });
  return ingested.kind === "decided" ? ingested.results : expect.fail("overloaded");
};
const resolved = (word: string, instance = "a") => alertOf(word, { status: "resolved", instance });
const bad = (word: string): ParsedAlert => ({
  kind: "invalid",
  instance: "v",
  fingerprint: fingerprint(word),
  namespace: "",
  reason: "labels-invalid",
  signalType: "prometheus-alert",
  payload: "{}",
});

beforeEach(() => {
  bench = openFlowBench();
  asked = [];
  ledger = { ...bench.ledger, admit: () => Promise.reject(lost()) };
  writer = {
    perform(operations, timeoutMs) {
      asked.push(operations);
      return bench.writer.perform(operations, timeoutMs);
    },
  };
});

describe("without a ledger", () => {
  it("an alert gets its request, and each delivery of it counts there", async () => {
    expect(await post([alertOf("x")])).toEqual([
      {
        fingerprint: fingerprint("x"),
        outcome: "created",
        remediationRequest: { namespace: "shop", name: `rr-${fingerprint("x").slice(0, 32)}-1` },
        occurrenceCount: 1,
        reason: "new",
        rung: "direct",
      },
    ]);
    expect(await post([alertOf("x")])).toMatchObject([
      { outcome: "duplicate", occurrenceCount: 2, reason: "request-found", rung: "direct" },
    ]);
  });

  it("a request is made as urgent as the most urgent of several instances in a delivery", async () => {
    const alert = alertOf("x", { instance: "a" });
    const { spec } = alert.draft;
    const urgent = { ...alert, instance: "b", draft: { ...alert.draft, spec: { ...spec, severity: "critical", priority: "P0" } as const } };
    await post([alert, urgent]);
    expect(bench.writer.list()).toMatchObject([{ occurrenceCount: 1, draft: { spec: { severity: "critical", priority: "P0" } } }]);
    await post([{ ...alert, draft: { ...alert.draft, spec: { ...spec, severity: "info" } } }]);
    expect(bench.writer.list()).toMatchObject([{ occurrenceCount: 2, urgency: { severity: "critical", priority: "P0" } }]);
  });

  it("a delivery counts once however often it is sent, and gets the same answer", async () => {
    const delivery = nextDelivery();
    const first = await post([alertOf("x"), alertOf("y")], delivery);
    expect(await post([alertOf("x"), alertOf("y")], delivery)).toEqual(first);
    const later = nextDelivery();
    for (const _ of [1, 2]) expect(await post([alertOf("x")], later)).toMatchObject([{ outcome: "duplicate", occurrenceCount: 2 }]);
  });

  it("a delivery counts a fingerprint once, also where its instances are asked for in several calls", async () => {
    const filler = Array.from({ length: 600 }, (_, n) => alertOf(`f${n}`));
    await post([alertOf("x", { instance: "a" }), ...filler, alertOf("x", { instance: "b" })]);
    expect(asked.map(({ length }) => length)).toEqual([500, 102]);
    expect(bench.writer.list().find(({ draft }) => draft.spec.signalFingerprint === fingerprint("x"))).toMatchObject({
      occurrenceCount: 1,
    });
  });

  it("an event counts once, whoever exports it, and again once it has grown", async () => {
    const event = (count: number) => alertOf("x", { event: { uid: "event-1", count, lastMs: null } });
    await post([event(1)]);
    expect(await post([event(1)])).toMatchObject([{ outcome: "created", occurrenceCount: 1 }]);
    expect(await post([event(2)])).toMatchObject([{ outcome: "duplicate", occurrenceCount: 2 }]);
  });

  it("what fires comes before what is resolved", async () => {
    const results = await post([resolved("x", "b"), alertOf("x", { instance: "a" })]);
    expect(results).toMatchObject([{ outcome: "ignored", reason: "other-instances-firing" }, { outcome: "created" }]);
    expect(asked).toMatchObject([[{ kind: "count" }]]);
  });

  it("a resolve is shown on the live request, and without one ignored", async () => {
    await post([alertOf("x")]);
    expect(await post([resolved("x"), resolved("y")])).toMatchObject([
      { outcome: "resolved", reason: "last-instance-resolved", remediationRequest: { namespace: "shop" }, rung: "direct" },
      { outcome: "ignored", reason: "no-request", remediationRequest: null, rung: "direct" },
    ]);
    expect(bench.writer.list()).toMatchObject([{ resolvedAtMs: bench.time.now }]);
  });

  it("nothing waits in a window", async () => {
    const rulesFor = () => ({ threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 });
    const alerts = [alertOf("x"), alertOf("y")];
    const call = { source: "s", delivery: nextDelivery(), alerts, ...NOTHING_ASIDE };
    expect(await ingestAlerts({ ...bench.ports, ledger, writer, rulesFor }, call)).toMatchObject({
      results: [{ outcome: "created" }, { outcome: "created" }],
    });
  });

  it("a payload with an invalid alert fails as a whole, with the others done, and is finished by a ledger that is back", async () => {
    const delivery = nextDelivery();
    await expect(post([alertOf("x"), bad("v")], delivery)).rejects.toMatchObject({ code: "ledger-unavailable" });
    expect(bench.writer.list()).toHaveLength(1);
    ledger = bench.ledger;
    expect(await post([alertOf("x"), bad("v")], delivery)).toMatchObject([{ outcome: "duplicate" }, { outcome: "quarantined" }]);
  });

  it.each(["unreachable", "answers-lost"] as const)(
    "a payload fails where the proxy is %s, and counts once when it is sent again",
    async (how) => {
      const delivery = nextDelivery();
      bench.writer.break(how);
      await expect(post([alertOf("x")], delivery)).rejects.toMatchObject({ code: "ledger-unavailable" });
      bench.writer.break(null);
      expect(await post([alertOf("x")], delivery)).toMatchObject([{ outcome: "created", occurrenceCount: 1 }]);
    },
  );

  it("what the proxy did not get to, could not do or refused fails the payload", async () => {
    for (const result of [{ kind: "pending" }, { kind: "failed", reason: "timeout" }, { kind: "refused", reason: "invalid" }] as const) {
      writer = { perform: async (operations) => operations.map((_, at) => (at === 0 ? result : { kind: "absent" })) };
      await expect(post([alertOf("x")])).rejects.toMatchObject({ code: "ledger-unavailable" });
    }
  });
});

describe("a ledger that fails in the middle of a delivery", () => {
  const alerts = Array.from({ length: 1_100 }, (_, n) => alertOf(`a${n}`, { namespace: `n${n % 7}` }));
  const failAfter = (calls: number) => {
    let left = calls;
    const admits: AdmitCall[] = [];
    const admit = (call: AdmitCall) => {
      admits.push(call);
      left -= 1;
      return left < 0 ? Promise.reject(lost()) : bench.ledger.admit(call);
    };
    ledger = { ...bench.ledger, admit };
    return admits;
  };

  it("leaves the rest to the proxy, and is not asked for it again", async () => {
    bench = openFlowBench({ intentsMax: 100_000 });
    const admits = failAfter(1);
    const results = await post(alerts);
    expect(results.map(({ rung }) => rung)).toEqual([...Array(500).fill("kubernetes"), ...Array(600).fill("direct")]);
    expect(bench.writer.list()).toHaveLength(1_100);
    expect(admits).toHaveLength(3);
  });

  it("also between the look at a request and the verdict on it", async () => {
    await ingestAlerts(bench.ports, { source: "s", delivery: nextDelivery(), alerts: [alertOf("x")], ...NOTHING_ASIDE });
    bench.time.now += 60_000;
    failAfter(1);
    expect(await post([alertOf("x")])).toMatchObject([{ outcome: "duplicate", rung: "direct", occurrenceCount: 2 }]);
  });
});

describe("an answer within 10 s", () => {
  let uninstall: () => void;
  beforeEach(() => {
    vi.useFakeTimers({ now: bench.time.now, toFake: ["setTimeout", "clearTimeout", "Date"] });
    uninstall = installInstantDigests();
  });
  afterEach(() => {
    uninstall();
    vi.useRealTimers();
  });

  const many = Array.from({ length: 2_000 }, (_, n) => alertOf(`a${n}`));
  /** How long the answer took, whichever it was, in ms. */
  const answered = async (alerts: readonly ParsedAlert[]) => {
    const startedMs = Date.now();
    let tookMs: number | null = null;
    const clock = { now: Date.now };
    const call = { source: "s", delivery: nextDelivery(), alerts, ...NOTHING_ASIDE };
    const ingested = ingestAlerts({ ...bench.ports, ledger, writer, clock }, call).then(
      ({ kind }) => kind,
      (error: unknown) => (error as Failure).code,
    );
    void ingested.then(() => {
      tookMs = Date.now() - startedMs;
    });
    for (let passedMs = 0; passedMs < 20_000 && tookMs === null; passedMs += 100) {
      // What is under way without a timer takes no time of the clock's.
      do await new Promise((resolve) => setImmediate(resolve));
      while (vi.getTimerCount() === 0 && tookMs === null);
      await vi.advanceTimersByTimeAsync(100);
    }
    return { told: await ingested, tookMs: tookMs ?? Number.POSITIVE_INFINITY };
  };
  const deaf: RemediationWriter = { perform: never };

  it("comes where neither ledger nor proxy ever answers", async () => {
    ledger = { ...bench.ledger, admit: never };
    writer = deaf;
    const { told, tookMs } = await answered(many);
    expect(told).toBe("ledger-unavailable");
    expect(tookMs).toBeLessThanOrEqual(8_000);
  });

  it("comes where the ledger never answers, with what the proxy could do", async () => {
    ledger = { ...bench.ledger, admit: never };
    const { told, tookMs } = await answered([alertOf("x")]);
    expect(told).toBe("decided");
    expect(tookMs).toBeLessThanOrEqual(8_000);
  });

  it("comes where the ledger has failed and the proxy never answers", async () => {
    writer = deaf;
    const { told, tookMs } = await answered(many);
    expect(told).toBe("ledger-unavailable");
    expect(tookMs).toBeLessThanOrEqual(8_000);
  });

  it("comes within 2 s where what is asked for is durable and the proxy never answers", async () => {
    bench = openFlowBench({ intentsMax: 100_000 });
    ledger = bench.ledger;
    writer = deaf;
    const { told, tookMs } = await answered([alertOf("x"), alertOf("y")]);
    expect(told).toBe("decided");
    expect(tookMs).toBeLessThanOrEqual(2_000);
  });

  it.each(["fact", "crew"] as const)("comes where the ledger decides and never answers to %s", async (method) => {
    bench = openFlowBench({ intentsMax: 100_000 });
    ledger = { ...bench.ledger, [method]: never };
    const rulesFor = () => (method === "crew" ? { threshold: 2, firstRequestMs: 45_000, joinMs: 600_000 } : null);
    bench.ports = { ...bench.ports, rulesFor };
    const group = fingerprint("one group");
    const { told, tookMs } = await answered([alertOf("x", { group }), alertOf("y", { group })]);
    expect(told).toBe("decided");
    expect(tookMs).toBeLessThanOrEqual(2_000);
  });

  it("comes where each call of either takes seconds", async () => {
    bench = openFlowBench({ intentsMax: 100_000 });
    const slowly =
      <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
      (...args: Args) =>
        new Promise((resolve) => setTimeout(resolve, 1_400)).then(() => call(...args));
    ledger = { ...bench.ledger, admit: slowly(bench.ledger.admit) };
    writer = { perform: slowly(bench.writer.perform) };
    const { tookMs } = await answered(Array.from({ length: 5_000 }, (_, n) => alertOf(`a${n}`)));
    expect(tookMs).toBeLessThanOrEqual(8_000);
  });
});
