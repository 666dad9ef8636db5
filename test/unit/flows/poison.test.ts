import { beforeEach, describe, expect, it } from "vitest";
import { Failure, type FailureCode } from "../../../src/domain/failure.ts";
import { createBudget } from "../../../src/flows/budget.ts";
import { drainLedger, ROUND_REQUESTS } from "../../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { performEach } from "../../../src/flows/perform-each.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import type { Operation, RemediationWriter } from "../../../src/ports/remediation-writer.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { fingerprint, NOTHING_ASIDE, RULES } from "../../support/ledger-builders.ts";
import { ensureOf, recordOf } from "../kubernetes/builders.ts";

type Bench = ReturnType<typeof openFlowBench>;
let bench: Bench;
/** What the proxy was asked for, call by call. */
let asked: (readonly Operation[])[];
let deliveries = 0;
beforeEach(() => {
  bench = openFlowBench({ intentsMax: 10_000 });
  asked = [];
});

/** A proxy of the version before: one bad operation, and the whole call is turned away. */
const formerProxy = (isBad: (operation: Operation) => boolean, code: FailureCode = "writer-refused"): RemediationWriter => ({
  async perform(operations, timeoutMs) {
    asked.push(operations);
    if (operations.some(isBad)) throw new Failure(code, "by the test", "none");
    return bench.writer.perform(operations, timeoutMs);
  },
});
const isCount = ({ kind }: Operation) => kind === "record";
const hasWord =
  (...words: readonly string[]) =>
  (operation: Operation) =>
    "draft" in operation && words.some((word) => operation.draft.spec.signalFingerprint === fingerprint(word));

const post = (words: readonly string[], ports: Partial<Bench["ports"]> = {}) =>
  ingestAlerts(
    { ...bench.ports, ...ports },
    {
      source: "s",
      delivery: (++deliveries).toString(16).padStart(32, "e"),
      alerts: words.map((word) => alertOf(word)),
      ...NOTHING_ASIDE,
    },
  );
const several = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const drain = (writer: RemediationWriter, budget?: Parameters<typeof drainLedger>[1]) =>
  drainLedger({ ...bench.drainPorts, writer }, budget);
const wordsMade = () => new Set(bench.writer.list().map(({ draft }) => draft.spec.signalName));

/** Intents that nobody has made yet, due now. */
async function open(words: readonly string[]): Promise<void> {
  bench.writer.break("unreachable");
  await post(words);
  bench.writer.break(null);
  bench.time.now += RULES.leaseMs;
}

describe("a batch that is turned away for one of its operations", () => {
  const operations = several(100, "").map((at) => ensureOf(Number(at).toString(16).padStart(64, "0"), `intent-${at}`));
  const each = (writer: RemediationWriter, calls?: Parameters<typeof performEach>[3]) =>
    performEach({ ...bench.ports, writer }, operations, 4_000, calls);
  const bad = (operation: Operation) => operation === operations[37];

  it.each([
    ["writer-refused", "operation-invalid"],
    ["writer-overfilled", "too-large"],
  ] as const)("is cut in two until that one stands alone, and all others are performed (%s)", async (code, reason) => {
    const results = await each(formerProxy(bad, code));
    expect(results.filter(({ kind }) => kind === "created")).toHaveLength(99);
    expect(results[37]).toEqual({ kind: "refused", reason });
    expect(asked.length).toBeLessThanOrEqual(15);
  });

  it("leaves what no call is left for to a later one", async () => {
    const results = await each(formerProxy(bad), createBudget(7));
    expect(results.some(({ kind }) => kind === "created")).toBe(true);
    expect(results.at(-1)).toEqual({ kind: "pending" });
    expect(asked).toHaveLength(8);
  });

  it("is cut no further once the time is over", async () => {
    const writer = formerProxy(bad);
    const slow: RemediationWriter = {
      perform(some, timeoutMs) {
        bench.time.now += 1_500;
        expect(timeoutMs).toBeGreaterThan(0);
        return writer.perform(some, timeoutMs);
      },
    };
    expect((await each(slow)).at(-1)).toEqual({ kind: "pending" });
    expect(asked).toHaveLength(3);
  });

  it("with counts beside intents is first cut between them", async () => {
    const counts = several(99, "").map(() => recordOf({ namespace: "shop", name: "rr-a-1", uid: "u" }, "slot", 2));
    await performEach({ ...bench.ports, writer: formerProxy(isCount) }, [operations[0] as Operation, ...counts], 4_000);
    expect(asked[1]).toEqual([operations[0]]);
  });

  it("is not cut where nobody says what of it is bad", async () => {
    const results = await each(formerProxy(bad, "writer-unavailable"));
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(new Set(['{"kind":"failed","reason":"writer-unavailable"}']));
    expect(asked).toHaveLength(1);
  });
});

describe("counts that can never be written", () => {
  const poison = several(60, "p");
  beforeEach(async () => {
    await post(poison);
    bench.time.now += 1_000;
    await post(poison);
  });

  it("delay no request, are given up with a reason, and are tried no more until there is more to count", async () => {
    await open(["x"]);
    const writer = formerProxy(isCount);
    await drain(writer);
    expect(wordsMade()).toContain("x");
    expect(asked.findIndex((operations) => operations.some(hasWord("x")) && !operations.some(isCount))).toBe(1);
    expect(await bench.ledger.counters()).toMatchObject({ counts_lost: 60 });
    expect(bench.warnings).toContain("write-failed");
    bench.time.now += 24 * 3_600_000;
    expect(await drain(writer)).toMatchObject({ leased: 0, nextInMs: null });
    await post(["p0"]);
    expect(await drain(bench.writer)).toMatchObject({ leased: 1 });
    expect(bench.writer.list().map(({ occurrenceCount }) => occurrenceCount)).toContain(3);
  });

  it("leave a Worker's run room for more, and every round gives one of them up at least", async () => {
    await open(["x"]);
    const budget = createBudget(40);
    await drain(formerProxy(isCount), budget);
    expect(wordsMade()).toContain("x");
    expect(budget.taken()).toBeLessThanOrEqual(ROUND_REQUESTS + 9);
    expect((await bench.ledger.counters()).counts_lost).toBeGreaterThan(0);
  });
});

describe("an intent that a proxy can never read", () => {
  it("becomes a dead letter with the reason, and all beside it get their requests", async () => {
    const words = several(20, "w");
    await open(words);
    await drain(formerProxy(hasWord("w7", "w8")));
    expect([...wordsMade()].toSorted()).toEqual(words.filter((word) => word !== "w7" && word !== "w8").toSorted());
    const { letters } = await bench.ledger.deadLetters(0, 10);
    expect(letters.map(({ id, kind, reason }) => [id, kind, reason]).toSorted()).toEqual(
      ["w7", "w8"].map((word) => [fingerprint(word), "refused", "operation-invalid"]).toSorted(),
    );
  });

  it("costs nobody his answer who was posted with it", async () => {
    const ingested = await post(["a", "b", "c"], { writer: formerProxy(hasWord("b")) });
    const outcomes = ingested.kind === "decided" ? ingested.results.map(({ outcome }) => outcome) : [];
    expect(outcomes).toEqual(["created", "accepted", "created"]);
  });

  it("without a ledger costs none of 500 alerts beside it its request", async () => {
    const ledger: Ledger = { ...bench.ledger, admit: () => Promise.reject(new Failure("ledger-unavailable", "by the test", "none")) };
    await post(several(500, "d"), { ledger, writer: formerProxy(hasWord("d123")) }).catch(() => {});
    expect(wordsMade().size).toBe(499);
  });
});

describe("what the ledger cannot take", () => {
  const refusing = (isBad: (subject: unknown) => boolean, method: "fact" | "settle"): Ledger => {
    const real = bench.ledger[method] as (items: readonly object[]) => Promise<never>;
    return {
      ...bench.ledger,
      [method]: async (items: readonly { readonly subject?: string; readonly mark?: string }[]) => {
        if (items.some((item) => isBad(item.subject ?? item.mark))) throw new Failure("ledger-refused", "Redis answered ERR", "unknown");
        return real(items);
      },
    };
  };

  it.each(["fact", "settle"] as const)("of one object keeps nothing of the others from it (%s)", async (method) => {
    await post(several(20, "s"));
    bench.time.now += 1_000;
    await post(several(20, "s"));
    const ledger = refusing((named) => String(named).startsWith(fingerprint("s3")), method);
    await drainLedger({ ...bench.drainPorts, ledger });
    expect(bench.warnings).toContain("ledger-refused-one");
    bench.time.now += RULES.leaseMs;
    expect((await bench.ledger.lease(100)).counts.length).toBeLessThanOrEqual(1);
  });

  it("of a window keeps no other intent from its request", async () => {
    await open(["x"]);
    const crew = () => Promise.reject(new Failure("ledger-reply-invalid", "by the test", "unknown"));
    const ledger: Ledger = {
      ...bench.ledger,
      crew,
      lease: async (limit) => {
        const lease = await bench.ledger.lease(limit);
        const storm = {
          subject: `${"9".repeat(64)}.${"8".repeat(32)}`,
          intent: "i",
          tries: 1,
          draft: null,
          buffered: false,
          namespace: "shop",
        };
        return { ...lease, intents: [storm, ...lease.intents] };
      },
    };
    await drainLedger({ ...bench.drainPorts, ledger });
    expect(wordsMade()).toContain("x");
    expect(bench.warnings).toContain("intent-unread");
  });
});
