import { beforeEach, describe, expect, it } from "vitest";
import type { AdmitAlert, AdmitCall, Fact, Ledger, LedgerRules, Verdict } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, gone, invalid, RULES, resolved, seen, stateOf } from "../support/ledger-builders.ts";

export interface OpenLedger {
  /** An empty ledger that takes its time from `nowMs`. */
  (rules: LedgerRules, nowMs: () => number): Promise<Ledger>;
}

/** What every ledger promises about alerts and their requests. */
export function ledgerContract(name: string, open: OpenLedger): void {
  describe(`ledger: ${name}`, () => {
    let ledger: Ledger;
    let now: number;
    const start = async (rules: Partial<LedgerRules> = {}) => {
      now = 1_800_000_000_000;
      ledger = await open({ ...RULES, ...rules }, () => now);
    };
    const admit = (alerts: AdmitAlert[], over: Partial<AdmitCall> = {}) => ledger.admit(call(alerts, over));
    const admitOne = async (alert: AdmitAlert, over: Partial<AdmitCall> = {}) => (await admit([alert], over))[0] as Verdict;
    const intentOf = (verdict: Verdict) =>
      verdict.kind === "ensure" ? verdict.intent : expect.fail(`no intent but ${JSON.stringify(verdict)}`);
    const create = async (word: string, over: Parameters<typeof ensured>[2] = {}) => {
      const intent = intentOf(await admitOne(firing(word)));
      await ledger.fact([ensured(word, intent, over)]);
      return intent;
    };
    const countsDue = async () => (await ledger.lease(100)).counts;
    beforeEach(() => start());

    describe("new alerts", () => {
      it("gives an unknown fingerprint's intent to its caller and keeps it from the drain for the lease", async () => {
        expect(await admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "new", occurrences: 1 });
        expect((await ledger.lease(10)).intents).toEqual([]);
        now += RULES.leaseMs;
        const { intents } = await ledger.lease(10);
        expect(intents).toMatchObject([{ fingerprint: fingerprint("x"), tries: 2 }]);
        expect(intents[0]?.draft).toEqual(firing("x").draft);
        expect((await ledger.lease(10)).intents).toEqual([]);
      });

      it("writes no second intent while one is open, however long, and counts the repeats", async () => {
        await admitOne(firing("x"));
        now += 10 * RULES.fallbackTtlMs;
        const repeat = await admitOne(firing("x"));
        expect(repeat).toMatchObject({ outcome: "duplicate", request: null, occurrences: 2, reason: "request-pending" });
      });

      it("keeps what was counted before the object was known, and owes it to the object", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        await admitOne(firing("x"));
        await admitOne(firing("x"));
        expect(await countsDue()).toEqual([]);
        expect(await ledger.fact([ensured("x", intent)])).toEqual([{ kind: "bound", occurrences: 3 }]);
        expect(await countsDue()).toMatchObject([{ slot: intent, count: 3, request: { uid: "uid-x-1" }, resolvedAtMs: null }]);
      });

      it("owes nothing to an object that shows its one occurrence already", async () => {
        await create("x");
        expect(await countsDue()).toEqual([]);
      });

      it("owes its own slot to an object that something else created", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        await ledger.fact([{ ...ensured("x", intent, { intent: "other" }, "existing"), otherOccurrences: 4 } as Fact]);
        expect(await countsDue()).toMatchObject([{ slot: intent, count: 1 }]);
        expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", occurrences: 6 });
      });

      it("refuses intents over the cap, of one namespace over a fifth of it, and stores nothing of them", async () => {
        await start({ intentsMax: 10 });
        expect((await admitOne(firing("a"))).kind).toBe("ensure");
        expect((await admitOne(firing("b"))).kind).toBe("ensure");
        const refused = call([firing("c")]);
        expect(await ledger.admit(refused)).toEqual([{ kind: "full" }]);
        expect((await admitOne(firing("d", { namespace: "other" }))).kind).toBe("ensure");
        const [first] = (await ledger.admit(call([firing("a")]))) as [Verdict];
        expect(first).toMatchObject({ outcome: "duplicate" });
        now += RULES.leaseMs;
        const [leased] = (await ledger.lease(1)).intents;
        await ledger.fact([ensured("a", leased?.intent as string)]);
        expect((await ledger.admit(refused))[0]?.kind).toBe("ensure");
      });
    });

    describe("repeats of a live request", () => {
      it("answers them from memory while the state is fresh", async () => {
        await create("x");
        now += RULES.stateTtlMs - 1;
        expect(await admitOne(firing("x"))).toEqual({
          kind: "settled",
          outcome: "duplicate",
          request: { namespace: "shop", name: "rr-x-1" },
          occurrences: 2,
          reason: "request-live",
          rung: "cache",
        });
      });

      it("gives a stale state's check to one caller while the others answer from the old state", async () => {
        await create("x");
        now += RULES.stateTtlMs;
        expect(await admitOne(firing("x"))).toEqual({ kind: "check", request: { namespace: "shop", name: "rr-x-1", uid: "uid-x-1" } });
        expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", rung: "cache", occurrences: 2 });
        now += RULES.leaseMs;
        expect((await admitOne(firing("x"))).kind).toBe("check");
      });

      it("decides by the state that the checker brings back, in the same call, however short states are kept", async () => {
        await start({ stateTtlMs: 0 });
        await create("x");
        expect((await admitOne(firing("x"))).kind).toBe("check");
        expect(await admitOne(firing("x"), { facts: [seen("x")] })).toMatchObject({
          outcome: "duplicate",
          rung: "kubernetes",
          occurrences: 2,
        });
        expect((await admitOne(firing("x"))).kind).toBe("check");
      });

      it("leaves no trace of an alert that waits for a check", async () => {
        await create("x");
        now += RULES.stateTtlMs;
        const delivery = "d".repeat(32);
        expect((await admitOne(firing("x"), { delivery })).kind).toBe("check");
        expect(await admitOne(firing("x"), { delivery, facts: [seen("x")] })).toMatchObject({ outcome: "duplicate", occurrences: 2 });
      });

      it("gives every instance of a fingerprint in one call the same check, and counts the delivery once", async () => {
        await create("x");
        now += RULES.stateTtlMs;
        const both = [firing("x", { instance: "a", shared: true }), firing("x", { instance: "b", shared: true })];
        const delivery = "e".repeat(32);
        expect((await admit(both, { delivery })).map(({ kind }) => kind)).toEqual(["check", "check"]);
        expect(await admit(both, { delivery, facts: [seen("x")] })).toMatchObject([{ occurrences: 2 }, { occurrences: 2 }]);
      });

      it("opens a new request once the old one has ended or is gone", async () => {
        await create("x");
        await ledger.fact([seen("x", { resourceVersion: "101", phase: "Completed", ended: true, endedAtMs: now })]);
        expect(await admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "request-ended", occurrences: 1 });
        await create("y");
        await ledger.fact([gone("y")]);
        expect(await admitOne(firing("y"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });

      it("judges by time while the state cannot be known: five minutes from the intent, not sliding", async () => {
        await create("x");
        now += RULES.fallbackTtlMs - 1;
        expect(await admitOne(firing("x", { unreachable: true }))).toMatchObject({
          outcome: "duplicate",
          rung: "time",
          reason: "within-fallback-time",
        });
        now += 1;
        expect(await admitOne(firing("x", { unreachable: true }))).toMatchObject({ kind: "ensure", reason: "state-unknown" });
      });

      it("judges by time where state-based deduplication is off, and ignores a state at hand", async () => {
        await start({ stateBasedDedup: false });
        await create("x");
        now += RULES.stateTtlMs;
        expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", rung: "time" });
        now += RULES.fallbackTtlMs;
        expect((await admitOne(firing("x"))).kind).toBe("ensure");
      });
    });

    describe("deliveries", () => {
      const delivery = "f".repeat(32);

      it("answers an alert of a delivery seen before as the first time, and counts it once", async () => {
        await create("x");
        const first = await admitOne(firing("x"), { delivery });
        expect(await admitOne(firing("x"), { delivery })).toEqual(first);
        expect(await admitOne(firing("x"))).toMatchObject({ occurrences: 3 });
      });

      it("admits what a broken first try left out, whatever else of the delivery is known", async () => {
        await admit([firing("a"), firing("b")], { delivery });
        const again = await admit([firing("a"), firing("b"), firing("c")], { delivery });
        expect(again.map(({ kind }) => kind)).toEqual(["settled", "settled", "ensure"]);
        expect(again[0]).toMatchObject({ outcome: "accepted", request: null, occurrences: 1 });
      });

      it("answers a repeated delivery `created` once its request is confirmed", async () => {
        const intent = intentOf(await admitOne(firing("x"), { delivery }));
        expect(await admitOne(firing("x"), { delivery })).toMatchObject({ outcome: "accepted" });
        await ledger.fact([ensured("x", intent)]);
        expect(await admitOne(firing("x"), { delivery })).toMatchObject({
          outcome: "created",
          request: { name: "rr-x-1" },
          occurrences: 1,
        });
      });

      it("leaves the state of one and gives the same verdicts when the same call is sent twice", async () => {
        const sent = call([firing("x"), firing("y"), resolved("z")]);
        const verdicts = await ledger.admit(sent);
        expect(await ledger.admit(sent)).toEqual(verdicts);
        expect(await ledger.counters()).toMatchObject({ alerts_received: 3, deduplication_misses: 2, deduplication_hits: 0 });
      });

      it("remembers a delivery from first sight, not from its last repeat", async () => {
        await create("x");
        await admitOne(firing("x"), { delivery });
        now += RULES.deliveryTtlMs - 1;
        expect(await admitOne(firing("x"), { delivery })).toMatchObject({ occurrences: 2 });
        now += 1;
        expect((await admitOne(firing("x"), { delivery })).kind).toBe("check");
        expect(await admitOne(firing("x"), { delivery, facts: [seen("x")] })).toMatchObject({ occurrences: 3 });
      });

      it("tells two clusters' equal fingerprints apart by being one cluster's ledger", async () => {
        const other = await open(RULES, () => now);
        await create("x");
        expect((await other.admit(call([firing("x")])))[0]?.kind).toBe("ensure");
      });
    });

    describe("resolved alerts", () => {
      it("resolves a request with its last instance only", async () => {
        await create("x");
        await admitOne(firing("x", { instance: "b" }));
        expect(await admitOne(resolved("x", { instance: "a" }))).toMatchObject({ outcome: "ignored", reason: "other-instances-firing" });
        expect(await admitOne(resolved("x", { instance: "b" }))).toMatchObject({ outcome: "resolved", reason: "last-instance-resolved" });
        expect(await countsDue()).toMatchObject([{ count: 2, resolvedAtMs: now }]);
      });

      it("never creates anything", async () => {
        expect(await admitOne(resolved("x"))).toEqual({
          kind: "settled",
          outcome: "ignored",
          request: null,
          occurrences: 0,
          reason: "no-request",
          rung: "cache",
        });
        now += RULES.leaseMs;
        expect((await ledger.lease(10)).intents).toEqual([]);
      });

      it("puts a firing alert aside only where the same instance was resolved with the same or a later start", async () => {
        await create("x");
        await admitOne(firing("x", { instance: "b", startsAtMs: 9_000 }));
        await admitOne(resolved("x", { instance: "b", startsAtMs: 9_000 }));
        expect(await admitOne(firing("x", { instance: "b", startsAtMs: 9_000 }))).toMatchObject({ outcome: "ignored", reason: "late" });
        expect(await admitOne(firing("x", { instance: "a", startsAtMs: 1_000 }))).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        expect(await admitOne(firing("x", { instance: "b", startsAtMs: 9_001 }))).toMatchObject({ outcome: "duplicate", occurrences: 4 });
        await admitOne(resolved("x", { instance: "b", startsAtMs: 9_001 }));
        now += RULES.deliveryTtlMs;
        expect(await admitOne(firing("x", { instance: "b", startsAtMs: 9_001 }), { facts: [seen("x")] })).toMatchObject({
          outcome: "duplicate",
        });
      });

      it("does not let a resolve of an earlier time silence an instance that fires again", async () => {
        await create("x");
        await admitOne(firing("x", { startsAtMs: 2_000 }));
        expect(await admitOne(resolved("x", { startsAtMs: 1_000 }))).toMatchObject({ outcome: "ignored", reason: "late" });
        expect(await countsDue()).toMatchObject([{ resolvedAtMs: null }]);
      });

      it("takes the resolve back when the alert fires again", async () => {
        await create("x");
        await admitOne(resolved("x"));
        await admitOne(firing("x", { startsAtMs: 5_000 }));
        expect(await countsDue()).toMatchObject([{ count: 2, resolvedAtMs: null }]);
      });

      it("keeps a resolve that comes before the object is known", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        expect(await admitOne(resolved("x"))).toMatchObject({ outcome: "resolved", request: null });
        const resolvedAtMs = now;
        now += 100;
        await ledger.fact([ensured("x", intent)]);
        expect(await countsDue()).toMatchObject([{ count: 1, resolvedAtMs }]);
      });

      it("never resolves a fingerprint with more instances than it can remember", async () => {
        await create("x");
        const instances = Array.from({ length: 65 }, (_, index) => `i${index}`);
        await admit(instances.map((instance) => firing("x", { instance })));
        const answers = await admit([...instances, "a"].map((instance) => resolved("x", { instance })));
        expect(answers.every((answer) => answer.kind === "settled" && answer.outcome === "ignored")).toBe(true);
      });
    });

    describe("facts", () => {
      it("binds only the intent it answers", async () => {
        await admitOne(firing("x"));
        expect(await ledger.fact([ensured("x", "another")])).toEqual([{ kind: "dropped", occurrences: 1 }]);
        expect(await ledger.fact([seen("x")])).toMatchObject([{ kind: "dropped" }]);
        expect(await ledger.fact([ensured("unknown", "i")])).toEqual([{ kind: "dropped", occurrences: 0 }]);
      });

      it("applied twice changes nothing the second time", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        await ledger.fact([ensured("x", intent)]);
        expect(await ledger.fact([ensured("x", intent)])).toEqual([{ kind: "bound", occurrences: 1 }]);
        expect(await ledger.counters()).toMatchObject({ requests_created: 1 });
      });

      it("drops an older resourceVersion, compared as a number, and another uid", async () => {
        await create("x", { resourceVersion: "999" });
        expect(await ledger.fact([seen("x", { resourceVersion: "998", ended: true, phase: "Failed" })])).toMatchObject([
          { kind: "dropped" },
        ]);
        expect(await ledger.fact([seen("x", { resourceVersion: "2000", uid: "other", ended: true })])).toMatchObject([{ kind: "dropped" }]);
        expect(await ledger.fact([gone("x", "other")])).toMatchObject([{ kind: "dropped" }]);
        expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate" });
        expect(await ledger.fact([seen("x", { resourceVersion: "1000", ended: true, phase: "Failed" })])).toMatchObject([
          { kind: "applied" },
        ]);
      });

      it("makes a late look at a former request say nothing about the present one", async () => {
        await create("x");
        await ledger.fact([seen("x", { resourceVersion: "101", ended: true, phase: "Completed" })]);
        await create("x", { uid: "uid-x-2", name: "rr-x-2", resourceVersion: "50" });
        await ledger.fact([seen("x", { resourceVersion: "500", ended: true, phase: "Completed" }), gone("x", "uid-x-1")]);
        expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", request: { name: "rr-x-2" } });
      });

      it("gives an alert that fired after the request's end a new intent at once", async () => {
        const intent = await create("x");
        now += 10_000;
        await admitOne(firing("x", { instance: "b" }));
        now += 1_000;
        await ledger.fact([seen("x", { resourceVersion: "101", ended: true, phase: "Completed", endedAtMs: now - 5_000 })]);
        const { intents, counts } = await ledger.lease(10);
        expect(intents).toMatchObject([{ intent: `${intent}.2`, tries: 1 }]);
        expect(intents[0]?.draft).toEqual(firing("x").draft);
        expect(counts).toMatchObject([{ slot: intent, count: 2, request: { uid: "uid-x-1" } }]);
      });

      it("lets an end before the last alert stand where it is resolved since", async () => {
        await create("x");
        now += 10_000;
        await admitOne(firing("x"));
        await admitOne(resolved("x"));
        await ledger.fact([seen("x", { resourceVersion: "101", ended: true, endedAtMs: now - 5_000 })]);
        now += RULES.leaseMs;
        expect((await ledger.lease(10)).intents).toEqual([]);
      });

      it("does not believe an end from before the request was last seen live, nor one from the future", async () => {
        await create("x");
        await admitOne(firing("x"));
        await ledger.fact([seen("x", { resourceVersion: "101", ended: true, endedAtMs: 5 })]);
        await create("y");
        now += 5_000;
        await admitOne(firing("y"));
        await ledger.fact([seen("y", { resourceVersion: "101", ended: true, endedAtMs: now + 99_000 })]);
        expect((await ledger.lease(10)).intents).toEqual([]);
      });

      it("does not ensure again what was created and had ended before anybody heard of it", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        now += 1_000;
        await ledger.fact([ensured("x", intent, { ended: true, phase: "Completed" })]);
        now += RULES.leaseMs;
        expect((await ledger.lease(10)).intents).toEqual([]);
        expect(await admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });
    });

    describe("kubernetes events", () => {
      const event = (count: number, uid = "e1") => firing("x", { instance: uid, event: { uid, count } });

      it("counts by the growth of the event's own count", async () => {
        const intent = intentOf(await admitOne(event(7)));
        await ledger.fact([ensured("x", intent)]);
        expect(await admitOne(event(9))).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        expect(await admitOne(event(9))).toMatchObject({ outcome: "duplicate", reason: "event-already-counted", occurrences: 3 });
        expect(await admitOne(event(4, "e2"))).toMatchObject({ occurrences: 4 });
      });

      it("ignores what it counted already once the request has ended", async () => {
        const intent = intentOf(await admitOne(event(7)));
        await ledger.fact([ensured("x", intent), seen("x", { resourceVersion: "101", ended: true })]);
        expect(await admitOne(event(7))).toMatchObject({ outcome: "ignored", reason: "event-already-counted" });
        expect(await admitOne(event(9))).toMatchObject({ kind: "ensure", occurrences: 2 });
      });
    });

    describe("the drain", () => {
      it("names the next deadline, or nothing where nothing waits", async () => {
        expect(await ledger.lease(10)).toEqual({ intents: [], counts: [], nextInMs: null });
        await admitOne(firing("x"));
        now += 1_000;
        expect(await ledger.lease(10)).toMatchObject({ nextInMs: RULES.leaseMs - 1_000 });
      });

      it("hands out oldest first and no more than asked for", async () => {
        await admitOne(firing("b"));
        now += 1;
        await admitOne(firing("a"));
        now += 2 * RULES.leaseMs;
        const { intents, nextInMs } = await ledger.lease(1);
        expect(intents.map((one) => one.fingerprint)).toEqual([fingerprint("b")]);
        expect(nextInMs).toBe(0);
      });

      it("puts off what failed for as long as told, also when told twice", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        const failed = { kind: "intent-failed", fingerprint: fingerprint("x"), intent, afterMs: 20_000 } as const;
        await ledger.settle([failed]);
        await ledger.settle([failed]);
        now += 19_999;
        expect((await ledger.lease(10)).intents).toEqual([]);
        now += 1;
        expect((await ledger.lease(10)).intents).toHaveLength(1);
        await ledger.fact([ensured("x", intent)]);
        await ledger.settle([failed]);
        now += 100_000;
        expect((await ledger.lease(10)).intents).toEqual([]);
      });

      it("writes an object at most once in five seconds", async () => {
        await create("x");
        await admitOne(firing("x"));
        const [first] = await countsDue();
        await ledger.settle([{ kind: "recorded", mark: first?.mark as string, count: 2, resolvedAtMs: null }]);
        await admitOne(firing("x"));
        expect(await countsDue()).toEqual([]);
        now += 5_000;
        expect(await countsDue()).toMatchObject([{ count: 3 }]);
      });

      it("keeps the mark where the count has grown while it was written", async () => {
        await create("x");
        await admitOne(firing("x"));
        const [leased] = await countsDue();
        await admitOne(firing("x"));
        await ledger.settle([{ kind: "recorded", mark: leased?.mark as string, count: 2, resolvedAtMs: null }]);
        now += 5_000;
        expect(await countsDue()).toMatchObject([{ count: 3 }]);
      });

      it("lets a late lessee clear nothing that a later one has not written", async () => {
        await create("x");
        await admitOne(firing("x"));
        const [late] = await countsDue();
        await admitOne(firing("x"));
        now += RULES.leaseMs;
        const [second] = await countsDue();
        expect(second).toMatchObject({ count: 3 });
        await admitOne(firing("x"));
        await ledger.settle([{ kind: "recorded", mark: second?.mark as string, count: 3, resolvedAtMs: null }]);
        await ledger.settle([{ kind: "recorded", mark: late?.mark as string, count: 2, resolvedAtMs: null }]);
        now += 5_000;
        expect(await countsDue()).toMatchObject([{ count: 4 }]);
      });

      it("still owes a former request its last count after the fingerprint has begun a new one", async () => {
        const slot = await create("x");
        await admitOne(firing("x"));
        await ledger.fact([seen("x", { resourceVersion: "101", ended: true })]);
        await create("x", { uid: "uid-x-2", name: "rr-x-2" });
        const counts = await countsDue();
        expect(counts).toMatchObject([{ slot, count: 2, request: { uid: "uid-x-1" } }]);
        await ledger.settle([{ kind: "recorded", mark: counts[0]?.mark as string, count: 2, resolvedAtMs: null }]);
        now += 60_000;
        expect(await countsDue()).toEqual([]);
      });

      it("stops owing anything to an object that is gone, and says so", async () => {
        await create("x");
        await admitOne(firing("x"));
        const [leased] = await countsDue();
        await ledger.settle([{ kind: "lost", mark: leased?.mark as string }]);
        await ledger.fact([gone("x")]);
        now += 60_000;
        expect(await countsDue()).toEqual([]);
        expect(await ledger.counters()).toMatchObject({ counts_lost: 1 });
      });

      it("tries a count again after the wait it was given", async () => {
        await create("x");
        await admitOne(firing("x"));
        const [leased] = await countsDue();
        await ledger.settle([{ kind: "count-failed", mark: leased?.mark as string, afterMs: 7_000 }]);
        now += 6_999;
        expect(await countsDue()).toEqual([]);
        now += 1;
        expect(await countsDue()).toHaveLength(1);
      });
    });

    describe("dead letters", () => {
      it("keeps a bad alert once with a count, latest first", async () => {
        expect(await admitOne(invalid("bad"))).toMatchObject({ outcome: "quarantined", reason: "alertname-missing", occurrences: 1 });
        now += 10;
        await admitOne(invalid("worse", '{"a":1}'));
        now += 10;
        expect(await admitOne(invalid("bad"))).toMatchObject({ occurrences: 2 });
        const { total, letters } = await ledger.deadLetters(0, 10);
        expect(total).toBe(2);
        expect(letters).toEqual([
          {
            id: fingerprint("bad"),
            source: "test",
            reason: "alertname-missing",
            count: 2,
            firstSeenMs: now - 20,
            lastSeenMs: now,
            payload: '{"bad":true}',
          },
          {
            id: fingerprint("worse"),
            source: "test",
            reason: "alertname-missing",
            count: 1,
            firstSeenMs: now - 10,
            lastSeenMs: now - 10,
            payload: '{"a":1}',
          },
        ]);
        expect((await ledger.deadLetters(1, 1)).letters.map(({ id }) => id)).toEqual([fingerprint("worse")]);
      });

      it("counts a bad alert once a delivery", async () => {
        const delivery = "9".repeat(32);
        await admitOne(invalid("bad"), { delivery });
        expect(await admitOne(invalid("bad"), { delivery })).toMatchObject({ outcome: "quarantined", occurrences: 1 });
      });

      it("forgets them after seven days", async () => {
        await admitOne(invalid("bad"));
        now += 7 * 24 * 3_600_000;
        expect(await ledger.deadLetters(0, 10)).toEqual({ total: 0, letters: [] });
        expect(await admitOne(invalid("bad"))).toMatchObject({ occurrences: 1 });
      });

      it("holds a thousand of a source and refuses the next, but not another source's", async () => {
        for (let batch = 0; batch < 2; batch += 1) await admit(Array.from({ length: 500 }, (_, index) => invalid(`${batch}-${index}`)));
        expect(await admitOne(invalid("one-more"))).toEqual({ kind: "full" });
        expect(await admitOne(invalid("0-1"))).toMatchObject({ outcome: "quarantined", occurrences: 2 });
        expect(await admitOne(invalid("one-more"), { source: "other" })).toMatchObject({ outcome: "quarantined" });
      });
    });

    describe("read-outs", () => {
      it("glimpses at a fingerprint without changing anything", async () => {
        const intent = intentOf(await admitOne(firing("x")));
        const names = [fingerprint("x"), fingerprint("unknown")];
        expect(await ledger.glimpse(names)).toEqual([
          { state: "pending", fresh: false, occurrences: 1, request: null },
          { state: "none", fresh: false, occurrences: 0, request: null },
        ]);
        await ledger.fact([ensured("x", intent)]);
        expect((await ledger.glimpse(names))[0]).toEqual({
          state: "live",
          fresh: true,
          occurrences: 1,
          request: { namespace: "shop", name: "rr-x-1" },
        });
        now += RULES.stateTtlMs;
        expect((await ledger.glimpse(names))[0]?.fresh).toBe(false);
        await ledger.fact([seen("x", { ...stateOf("x"), resourceVersion: "101", ended: true })]);
        expect((await ledger.glimpse(names))[0]?.state).toBe("ended");
      });

      it("counts hits and misses of both memories", async () => {
        await create("x");
        await admitOne(firing("x"));
        now += RULES.stateTtlMs;
        await admitOne(firing("x"));
        await admitOne(firing("x"), { facts: [seen("x")] });
        expect(await ledger.counters()).toMatchObject({
          alerts_received: 3,
          deduplication_misses: 1,
          deduplication_hits: 2,
          state_cache_hits: 1,
          state_cache_misses: 1,
          requests_created: 1,
        });
      });
    });
  });
}
