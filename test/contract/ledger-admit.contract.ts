import { beforeEach, describe, expect, it } from "vitest";
import type { Fact, Verdict } from "../../src/ports/ledger.ts";
import { BY_TIME, call, ensured, fingerprint, firing, gone, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

/** What every ledger promises about alerts. */
export function ledgerAdmitContract(name: string, open: OpenLedger): void {
  describe(`ledger: ${name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });

    describe("new alerts", () => {
      it("gives an unknown fingerprint's intent to its caller and keeps it from the drain for the lease", async () => {
        expect(await bench.admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "new", occurrences: 1 });
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        bench.time.now += RULES.leaseMs;
        const { intents } = await bench.ledger.lease(10);
        expect(intents).toMatchObject([{ subject: fingerprint("x"), tries: 2, buffered: false }]);
        expect(intents[0]?.draft).toEqual(firing("x").draft);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("writes no second intent while one is open, however long, and counts the repeats", async () => {
        await bench.admitOne(firing("x"));
        bench.time.now += 10 * RULES.fallbackTtlMs;
        const repeat = await bench.admitOne(firing("x"));
        expect(repeat).toMatchObject({ outcome: "duplicate", request: null, occurrences: 2, reason: "request-pending" });
      });

      it("keeps what was counted before the object was known, and owes it to the object", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.admitOne(firing("x"));
        await bench.admitOne(firing("x"));
        expect(await bench.countsDue()).toEqual([]);
        expect(await bench.ledger.fact([ensured("x", intent)])).toEqual([{ kind: "bound", occurrences: 3 }]);
        expect(await bench.countsDue()).toMatchObject([{ slot: intent, count: 3, request: { uid: "uid-x-1" }, resolvedAtMs: null }]);
      });

      it("owes nothing to an object that shows its one occurrence already", async () => {
        await bench.create("x");
        expect(await bench.countsDue()).toEqual([]);
      });

      it("owes its own slot to an object that something else created", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([{ ...ensured("x", intent, { intent: "other" }, "existing"), otherOccurrences: 4 } as Fact]);
        expect(await bench.countsDue()).toMatchObject([{ slot: intent, count: 1 }]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", occurrences: 6 });
      });

      it("refuses intents over the cap, of one namespace over a fifth of it, and stores nothing of them", async () => {
        bench = await openBench(open, { intentsMax: 10 });
        expect((await bench.admitOne(firing("a"))).kind).toBe("ensure");
        expect((await bench.admitOne(firing("b"))).kind).toBe("ensure");
        const refused = call([firing("c")]);
        expect(await bench.ledger.admit(refused)).toEqual([{ kind: "full" }]);
        expect((await bench.admitOne(firing("d", { namespace: "other" }))).kind).toBe("ensure");
        const [first] = (await bench.ledger.admit(call([firing("a")]))) as [Verdict];
        expect(first).toMatchObject({ outcome: "duplicate" });
        bench.time.now += RULES.leaseMs;
        const leased = (await bench.ledger.lease(10)).intents.find(({ subject }) => subject === fingerprint("a"));
        await bench.ledger.fact([ensured("a", leased?.intent as string)]);
        expect((await bench.ledger.admit(refused))[0]?.kind).toBe("ensure");
      });
    });

    describe("repeats of a live request", () => {
      it("answers them from memory while the state is fresh", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs - 1;
        expect(await bench.admitOne(firing("x"))).toEqual({
          kind: "settled",
          outcome: "duplicate",
          request: { namespace: "shop", name: "rr-x-1" },
          occurrences: 2,
          reason: "request-live",
          rung: "cache",
        });
      });

      it("gives a stale state's check to one caller while the others answer from the old state", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        expect(await bench.admitOne(firing("x"))).toEqual({
          kind: "check",
          subject: fingerprint("x"),
          request: { namespace: "shop", name: "rr-x-1", uid: "uid-x-1" },
        });
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", rung: "cache", occurrences: 2 });
        bench.time.now += RULES.leaseMs;
        expect((await bench.admitOne(firing("x"))).kind).toBe("check");
      });

      it("decides by the state that the checker brings back, in the same call, however short states are kept", async () => {
        bench = await openBench(open, { stateTtlMs: 0 });
        await bench.create("x");
        expect((await bench.admitOne(firing("x"))).kind).toBe("check");
        expect(await bench.admitOne(firing("x"), { facts: [seen("x")] })).toMatchObject({
          outcome: "duplicate",
          rung: "kubernetes",
          occurrences: 2,
        });
        expect((await bench.admitOne(firing("x"))).kind).toBe("check");
      });

      it("leaves no trace of an alert that waits for a check", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        const delivery = "d".repeat(32);
        expect((await bench.admitOne(firing("x"), { delivery })).kind).toBe("check");
        expect(await bench.admitOne(firing("x"), { delivery, facts: [seen("x")] })).toMatchObject({ outcome: "duplicate", occurrences: 2 });
      });

      it("gives every instance of a fingerprint in one call the same check, and counts the delivery once", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        const both = [firing("x", { instance: "a", shared: true }), firing("x", { instance: "b", shared: true })];
        const delivery = "e".repeat(32);
        expect((await bench.admit(both, { delivery })).map(({ kind }) => kind)).toEqual(["check", "check"]);
        expect(await bench.admit(both, { delivery, facts: [seen("x")] })).toMatchObject([{ occurrences: 2 }, { occurrences: 2 }]);
      });

      it("opens a new request once the old one has ended or is gone", async () => {
        await bench.create("x");
        await bench.ledger.fact([seen("x", { resourceVersion: "101", phase: "Completed", ended: true, endedAtMs: bench.time.now })]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "request-ended", occurrences: 1 });
        await bench.create("y");
        await bench.ledger.fact([gone("y")]);
        expect(await bench.admitOne(firing("y"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });

      it("judges by time while the state cannot be known: five minutes from the intent, not sliding", async () => {
        await bench.create("x");
        bench.time.now += RULES.fallbackTtlMs - 1;
        expect(await bench.admitOne(firing("x", { unreachable: true }))).toMatchObject({
          outcome: "duplicate",
          rung: "time",
          reason: "within-fallback-time",
        });
        bench.time.now += 1;
        expect(await bench.admitOne(firing("x", { unreachable: true }))).toMatchObject({ kind: "ensure", reason: "state-unknown" });
      });

      it("judges by time where state-based deduplication is off, and ignores a state at hand", async () => {
        bench = await openBench(open, { shares: BY_TIME });
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", rung: "time" });
        bench.time.now += RULES.fallbackTtlMs;
        expect((await bench.admitOne(firing("x"))).kind).toBe("ensure");
      });
    });

    describe("deliveries", () => {
      const delivery = "f".repeat(32);

      it("answers an alert of a delivery seen before as the first time, and counts it once", async () => {
        await bench.create("x");
        const first = await bench.admitOne(firing("x"), { delivery });
        expect(await bench.admitOne(firing("x"), { delivery })).toEqual(first);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ occurrences: 3 });
      });

      it("admits what a broken first try left out, whatever else of the delivery is known", async () => {
        await bench.admit([firing("a"), firing("b")], { delivery });
        const again = await bench.admit([firing("a"), firing("b"), firing("c")], { delivery });
        expect(again.map(({ kind }) => kind)).toEqual(["settled", "settled", "ensure"]);
        expect(again[0]).toMatchObject({ outcome: "accepted", request: null, occurrences: 1 });
      });

      it("answers a repeated delivery `created` once its request is confirmed", async () => {
        const intent = intentOf(await bench.admitOne(firing("x"), { delivery }));
        expect(await bench.admitOne(firing("x"), { delivery })).toMatchObject({ outcome: "accepted" });
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.admitOne(firing("x"), { delivery })).toMatchObject({
          outcome: "created",
          request: { name: "rr-x-1" },
          occurrences: 1,
        });
      });

      it("leaves the state of one and gives the same verdicts when the same call is sent twice", async () => {
        const sent = call([firing("x"), firing("y"), resolved("z")]);
        const verdicts = await bench.ledger.admit(sent);
        expect(await bench.ledger.admit(sent)).toEqual(verdicts);
        expect(await bench.ledger.counters()).toMatchObject({ alerts_received: 3, deduplication_misses: 2, deduplication_hits: 0 });
      });

      it("remembers a delivery from first sight, not from its last repeat", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"), { delivery });
        bench.time.now += RULES.deliveryTtlMs - 1;
        expect(await bench.admitOne(firing("x"), { delivery })).toMatchObject({ occurrences: 2 });
        bench.time.now += 1;
        expect((await bench.admitOne(firing("x"), { delivery })).kind).toBe("check");
        expect(await bench.admitOne(firing("x"), { delivery, facts: [seen("x")] })).toMatchObject({ occurrences: 3 });
      });

      it("tells two clusters' equal fingerprints apart by being one cluster's ledger", async () => {
        const other = await open(RULES, () => bench.time.now);
        await bench.create("x");
        expect((await other.admit(call([firing("x")])))[0]?.kind).toBe("ensure");
      });
    });

    describe("resolved alerts", () => {
      it("resolves a request with its last instance only", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x", { instance: "b" }));
        expect(await bench.admitOne(resolved("x", { instance: "a" }))).toMatchObject({
          outcome: "ignored",
          reason: "other-instances-firing",
        });
        expect(await bench.admitOne(resolved("x", { instance: "b" }))).toMatchObject({
          outcome: "resolved",
          reason: "last-instance-resolved",
        });
        expect(await bench.countsDue()).toMatchObject([{ count: 2, resolvedAtMs: bench.time.now }]);
      });

      it("never creates anything", async () => {
        expect(await bench.admitOne(resolved("x"))).toEqual({
          kind: "settled",
          outcome: "ignored",
          request: null,
          occurrences: 0,
          reason: "no-request",
          rung: "cache",
        });
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("does not let a resolve of an earlier time silence an instance that fires again", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x", { startsAtMs: 2_000 }));
        expect(await bench.admitOne(resolved("x", { startsAtMs: 1_000 }))).toMatchObject({ outcome: "ignored", reason: "late" });
        expect(await bench.countsDue()).toMatchObject([{ resolvedAtMs: null }]);
      });

      it("takes the resolve back when the alert fires again", async () => {
        await bench.create("x");
        await bench.admitOne(resolved("x"));
        await bench.admitOne(firing("x", { startsAtMs: 5_000 }));
        expect(await bench.countsDue()).toMatchObject([{ count: 2, resolvedAtMs: null }]);
      });

      it("keeps a resolve that comes before the object is known", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        expect(await bench.admitOne(resolved("x"))).toMatchObject({ outcome: "resolved", request: null });
        const resolvedAtMs = bench.time.now;
        bench.time.now += 100;
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.countsDue()).toMatchObject([{ count: 1, resolvedAtMs }]);
      });

      it("never resolves a fingerprint with more instances than it can remember", async () => {
        await bench.create("x");
        const instances = Array.from({ length: 65 }, (_, index) => `i${index}`);
        await bench.admit(instances.map((instance) => firing("x", { instance })));
        const answers = await bench.admit([...instances, "a"].map((instance) => resolved("x", { instance })));
        expect(answers.every((answer) => answer.kind === "settled" && answer.outcome === "ignored")).toBe(true);
      });
    });

    describe("kubernetes events", () => {
      const event = (count: number | null, uid = "e1", lastMs: number | null = null) =>
        firing("x", { instance: uid, event: { uid, count, lastMs } });

      it("counts by the growth of the event's own count", async () => {
        const intent = intentOf(await bench.admitOne(event(7)));
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.admitOne(event(9))).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        expect(await bench.admitOne(event(9))).toMatchObject({ outcome: "duplicate", reason: "event-already-counted", occurrences: 3 });
        expect(await bench.admitOne(event(4, "e2"))).toMatchObject({ occurrences: 4 });
      });

      it("ignores what it counted already once the request has ended", async () => {
        const intent = intentOf(await bench.admitOne(event(7)));
        await bench.ledger.fact([ensured("x", intent), seen("x", { resourceVersion: "101", ended: true })]);
        expect(await bench.admitOne(event(7))).toMatchObject({ outcome: "ignored", reason: "event-already-counted" });
        expect(await bench.admitOne(event(9))).toMatchObject({ kind: "ensure", occurrences: 2 });
      });

      it("counts one without a count by its last time, also once the request has ended", async () => {
        const intent = intentOf(await bench.admitOne(event(null, "e1", 1_000)));
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.admitOne(event(null, "e1", 1_000))).toMatchObject({ reason: "event-already-counted", occurrences: 1 });
        expect(await bench.admitOne(event(null, "e1", 2_000))).toMatchObject({ outcome: "duplicate", occurrences: 2 });
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true })]);
        expect(await bench.admitOne(event(null, "e1", 2_000))).toMatchObject({ outcome: "ignored" });
        expect(await bench.admitOne(event(null, "e1", 2_001))).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });

      it("goes on from an event without a count, which has happened once, to its first count", async () => {
        await bench.admitOne(event(null, "e1", 1_000));
        expect(await bench.admitOne(event(3, "e1", 1_500))).toMatchObject({ occurrences: 3 });
        expect(await bench.admitOne(event(null, "e1", 1_500))).toMatchObject({ reason: "event-already-counted" });
        expect(await bench.admitOne(event(4, "e1", 1_600))).toMatchObject({ occurrences: 4 });
      });

      it("is not silenced by a count that was too high: a later time, or two minutes, say more than a lower count", async () => {
        const intent = intentOf(await bench.admitOne(event(9_000_000, "e1", 1_000)));
        await bench.ledger.fact([ensured("x", intent), seen("x", { resourceVersion: "101", ended: true })]);
        expect(await bench.admitOne(event(5, "e1", 1_000))).toMatchObject({ outcome: "ignored", reason: "event-already-counted" });
        expect(await bench.admitOne(event(5, "e1", 1_001))).toMatchObject({ kind: "ensure", reason: "request-ended" });
        expect(await bench.admitOne(event(7, "e1", 1_001))).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        bench.time.now += RULES.deliveryTtlMs;
        expect(await bench.admitOne(event(6))).toMatchObject({ outcome: "duplicate", occurrences: 4 });
        expect(await bench.admitOne(event(7))).toMatchObject({ outcome: "duplicate", occurrences: 5 });
      });
    });
  });
}
