import { beforeEach, describe, expect, it } from "vitest";
import { FORMER_INVALID_REASONS } from "../../src/domain/alert.ts";
import { ensured, fingerprint, firing, gone, invalid, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

/** What every ledger promises about facts, what is owed to Kubernetes, and what people read. */
export function ledgerUpkeepContract(name: string, open: OpenLedger): void {
  describe(`ledger: ${name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });

    describe("facts", () => {
      it("binds only the intent it answers", async () => {
        await bench.admitOne(firing("x"));
        expect(await bench.ledger.fact([ensured("x", "another")])).toEqual([{ kind: "dropped", occurrences: 1 }]);
        expect(await bench.ledger.fact([seen("x")])).toMatchObject([{ kind: "dropped" }]);
        expect(await bench.ledger.fact([ensured("unknown", "i")])).toEqual([{ kind: "dropped", occurrences: 0 }]);
      });

      it("applied twice changes nothing the second time", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.ledger.fact([ensured("x", intent)])).toEqual([{ kind: "bound", occurrences: 1 }]);
        expect(await bench.ledger.counters()).toMatchObject({ requests_created: 1, storms_created: 0 });
      });

      it("drops an older resourceVersion, compared as a number, and another uid", async () => {
        await bench.create("x", { resourceVersion: "999" });
        expect(await bench.ledger.fact([seen("x", { resourceVersion: "998", ended: true, phase: "Failed" })])).toMatchObject([
          { kind: "dropped" },
        ]);
        expect(await bench.ledger.fact([seen("x", { resourceVersion: "2000", uid: "other", ended: true })])).toMatchObject([
          { kind: "dropped" },
        ]);
        expect(await bench.ledger.fact([gone("x", "other")])).toMatchObject([{ kind: "dropped" }]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate" });
        expect(await bench.ledger.fact([seen("x", { resourceVersion: "1000", ended: true, phase: "Failed" })])).toMatchObject([
          { kind: "applied" },
        ]);
      });

      it("makes a late look at a former request say nothing about the present one", async () => {
        await bench.create("x");
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true, phase: "Completed" })]);
        await bench.create("x", { uid: "uid-x-2", name: "rr-x-2", resourceVersion: "50" });
        await bench.ledger.fact([seen("x", { resourceVersion: "500", ended: true, phase: "Completed" }), gone("x", "uid-x-1")]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", request: { name: "rr-x-2" } });
      });

      it("gives an alert that fired after the request's end a new intent at once", async () => {
        const intent = await bench.create("x");
        bench.time.now += 10_000;
        await bench.admitOne(firing("x", { instance: "b" }));
        bench.time.now += 1_000;
        await bench.ledger.fact([
          seen("x", { resourceVersion: "101", ended: true, phase: "Completed", endedAtMs: bench.time.now - 5_000 }),
        ]);
        const { intents, counts } = await bench.ledger.lease(10);
        expect(intents).toMatchObject([{ intent: `${intent}.2`, tries: 1 }]);
        expect(intents[0]?.draft).toEqual(firing("x").draft);
        expect(counts).toMatchObject([{ slot: intent, count: 2, request: { uid: "uid-x-1" } }]);
      });

      it("gives an alert that came with a look a new intent where the request had ended before that look", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        const verdict = await bench.admitOne(firing("x", { instance: "b" }), { facts: [seen("x", { resourceVersion: "101" })] });
        expect(verdict).toMatchObject({ outcome: "duplicate", rung: "kubernetes" });
        const ended = { resourceVersion: "102", ended: true, phase: "Completed", endedAtMs: bench.time.now - 1_000 } as const;
        bench.time.now += 5_000;
        await bench.ledger.fact([seen("x", ended)]);
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ tries: 1 }]);
      });

      it("lets an end before the last alert stand where it is resolved since", async () => {
        await bench.create("x");
        bench.time.now += 10_000;
        await bench.admitOne(firing("x"));
        await bench.admitOne(resolved("x"));
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true, endedAtMs: bench.time.now - 5_000 })]);
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("does not believe an end from before the request was last seen live, nor one from the future", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true, endedAtMs: 5 })]);
        await bench.create("y");
        bench.time.now += 5_000;
        await bench.admitOne(firing("y"));
        await bench.ledger.fact([seen("y", { resourceVersion: "101", ended: true, endedAtMs: bench.time.now + 99_000 })]);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("believes an end from before a look that comes late: who fired in between gets a new intent", async () => {
        const intent = await bench.create("x");
        bench.time.now += 10_000;
        const endedAtMs = bench.time.now;
        bench.time.now += 1_000;
        await bench.admitOne(firing("x"));
        bench.time.now += 1_000;
        await bench.ledger.fact([seen("x", { resourceVersion: "100" }), seen("x", { resourceVersion: "101", ended: true, endedAtMs })]);
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ intent: `${intent}.2` }]);
      });

      it("takes an alert that a look has answered as fired before that look", async () => {
        await bench.create("x");
        bench.time.now += 10_000;
        const looked = { ...seen("x", { resourceVersion: "100" }), agoMs: 500 };
        expect(await bench.admitOne(firing("x"), { facts: [looked] })).toMatchObject({ reason: "request-live", rung: "kubernetes" });
        bench.time.now += 1_000;
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true })]);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("believes an end from long before a look no more than a look can be late", async () => {
        await bench.create("x");
        const endedAtMs = bench.time.now + 1_000;
        bench.time.now += 20_000;
        await bench.admitOne(firing("x"));
        bench.time.now += 60_000;
        await bench.ledger.fact([seen("x", { resourceVersion: "100" }), seen("x", { resourceVersion: "101", ended: true, endedAtMs })]);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("gives an alert that fired while its ensure was under way a new intent where the request had gone by then", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        bench.time.now += 1_000;
        await bench.admitOne(firing("x", { instance: "b" }));
        bench.time.now += 1_000;
        await bench.ledger.fact([ensured("x", intent), gone("x")]);
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ intent: `${intent}.2` }]);
      });

      it("does not ensure again what was created and had ended before anybody heard of it", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        bench.time.now += 1_000;
        await bench.ledger.fact([ensured("x", intent, { ended: true, phase: "Completed" })]);
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });
    });

    describe("the drain", () => {
      it("names the next deadline, or nothing where nothing waits", async () => {
        expect(await bench.ledger.lease(10)).toMatchObject({ intents: [], counts: [], sweepDue: false, nextInMs: null });
        await bench.admitOne(firing("x"));
        bench.time.now += 1_000;
        expect(await bench.ledger.lease(10)).toMatchObject({ nextInMs: RULES.leaseMs - 1_000 });
      });

      it("hands out oldest first and no more than asked for", async () => {
        await bench.admitOne(firing("b"));
        bench.time.now += 1;
        await bench.admitOne(firing("a"));
        bench.time.now += 2 * RULES.leaseMs;
        const { intents, nextInMs } = await bench.ledger.lease(1);
        expect(intents.map((one) => one.subject)).toEqual([fingerprint("b")]);
        expect(nextInMs).toBe(0);
      });

      it("puts off what failed for as long as told, also when told twice", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        const failed = { kind: "intent-failed", subject: fingerprint("x"), intent, reason: "forbidden", afterMs: 20_000 } as const;
        await bench.ledger.settle([failed]);
        await bench.ledger.settle([failed]);
        bench.time.now += 19_999;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        bench.time.now += 1;
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
        await bench.ledger.fact([ensured("x", intent)]);
        await bench.ledger.settle([failed]);
        bench.time.now += 100_000;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("writes an object at most once in five seconds", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const [first] = await bench.countsDue();
        await bench.ledger.settle([
          { kind: "recorded", mark: first?.mark as string, count: 2, resolvedAtMs: null, resourceVersion: "200", storm: null },
        ]);
        await bench.admitOne(firing("x"));
        expect(await bench.countsDue()).toEqual([]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ count: 3 }]);
      });

      it("keeps the mark where the count has grown while it was written", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const [leased] = await bench.countsDue();
        await bench.admitOne(firing("x"));
        await bench.ledger.settle([
          { kind: "recorded", mark: leased?.mark as string, count: 2, resolvedAtMs: null, resourceVersion: "200", storm: null },
        ]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ count: 3 }]);
      });

      it("lets a late lessee clear nothing that a later one has not written", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const [late] = await bench.countsDue();
        await bench.admitOne(firing("x"));
        bench.time.now += RULES.leaseMs;
        const [second] = await bench.countsDue();
        expect(second).toMatchObject({ count: 3 });
        await bench.admitOne(firing("x"));
        await bench.ledger.settle([
          { kind: "recorded", mark: second?.mark as string, count: 3, resolvedAtMs: null, resourceVersion: "200", storm: null },
        ]);
        await bench.ledger.settle([
          { kind: "recorded", mark: late?.mark as string, count: 2, resolvedAtMs: null, resourceVersion: "200", storm: null },
        ]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ count: 4 }]);
      });

      it("still owes a former request its last count after the fingerprint has begun a new one", async () => {
        const slot = await bench.create("x");
        await bench.admitOne(firing("x"));
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true })]);
        await bench.create("x", { uid: "uid-x-2", name: "rr-x-2" });
        const counts = await bench.countsDue();
        expect(counts).toMatchObject([{ slot, count: 2, request: { uid: "uid-x-1" } }]);
        await bench.ledger.settle([
          { kind: "recorded", mark: counts[0]?.mark as string, count: 2, resolvedAtMs: null, resourceVersion: "200", storm: null },
        ]);
        bench.time.now += 60_000;
        expect(await bench.countsDue()).toEqual([]);
      });

      it("stops owing anything to an object that is gone, and says so", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const [leased] = await bench.countsDue();
        await bench.ledger.settle([{ kind: "lost", mark: leased?.mark as string }]);
        await bench.ledger.fact([gone("x")]);
        bench.time.now += 60_000;
        expect(await bench.countsDue()).toEqual([]);
        expect(await bench.ledger.counters()).toMatchObject({ counts_lost: 1 });
      });

      it("gives up a count that its object refuses for good, until there is more to count, and not at once then", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const refused = async () => ({ kind: "count-refused", mark: (await bench.countsDue())[0]?.mark as string }) as const;
        const settlement = await refused();
        await bench.ledger.settle([settlement, settlement]);
        bench.time.now += 20_000;
        expect(await bench.countsDue()).toEqual([]);
        expect(await bench.ledger.counters()).toMatchObject({ counts_lost: 1 });
        await bench.admitOne(firing("x"));
        await bench.ledger.settle([await refused()]);
        await bench.admitOne(firing("x"));
        expect(await bench.countsDue()).toEqual([]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ count: 4 }]);
      });

      it("gives up what an object is still owed of a former episode where that refuses it", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        await bench.ledger.fact([seen("x", { resourceVersion: "900", ended: true, phase: "Completed", endedAtMs: bench.time.now })]);
        await bench.create("x", { uid: "uid-x-2", name: "rr-x-2" });
        const [owed] = await bench.countsDue();
        await bench.ledger.settle([{ kind: "count-refused", mark: owed?.mark as string }]);
        bench.time.now += 1_000_000;
        expect(await bench.countsDue()).toEqual([]);
      });

      it("tries a count again after the wait it was given", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const [leased] = await bench.countsDue();
        await bench.ledger.settle([{ kind: "count-failed", mark: leased?.mark as string, afterMs: 7_000 }]);
        bench.time.now += 6_999;
        expect(await bench.countsDue()).toEqual([]);
        bench.time.now += 1;
        expect(await bench.countsDue()).toHaveLength(1);
      });
    });

    describe("dead letters", () => {
      it("keeps a bad alert once with a count, latest first", async () => {
        expect(await bench.admitOne(invalid("bad"))).toMatchObject({ outcome: "quarantined", reason: "alertname-missing", occurrences: 1 });
        bench.time.now += 10;
        await bench.admitOne(invalid("worse", '{"a":1}'));
        bench.time.now += 10;
        expect(await bench.admitOne(invalid("bad"))).toMatchObject({ occurrences: 2 });
        const { total, letters } = await bench.ledger.deadLetters(0, 10);
        expect(total).toBe(2);
        expect(letters).toEqual([
          {
            ...{ id: fingerprint("bad"), kind: "invalid", signalType: "prometheus-alert", retrying: false },
            source: "test",
            reason: "alertname-missing",
            count: 2,
            firstSeenMs: bench.time.now - 20,
            lastSeenMs: bench.time.now,
            payload: '{"bad":true}',
          },
          {
            ...{ id: fingerprint("worse"), kind: "invalid", signalType: "prometheus-alert", retrying: false },
            source: "test",
            reason: "alertname-missing",
            count: 1,
            firstSeenMs: bench.time.now - 10,
            lastSeenMs: bench.time.now - 10,
            payload: '{"a":1}',
          },
        ]);
        expect((await bench.ledger.deadLetters(1, 1)).letters.map(({ id }) => id)).toEqual([fingerprint("worse")]);
      });

      it("counts a bad alert once a delivery", async () => {
        const delivery = "9".repeat(32);
        await bench.admitOne(invalid("bad"), { delivery });
        expect(await bench.admitOne(invalid("bad"), { delivery })).toMatchObject({ outcome: "quarantined", occurrences: 1 });
      });

      it.each(FORMER_INVALID_REASONS)("still shows and repeats what was kept as %s", async (reason) => {
        const delivery = "9".repeat(32);
        const bad = invalid("bad");
        await bench.admitOne({ ...bad, invalid: bad.invalid && { ...bad.invalid, reason } }, { delivery });
        expect(await bench.admitOne(bad, { delivery })).toMatchObject({ outcome: "quarantined", reason, occurrences: 1 });
        expect(await bench.ledger.deadLetter(fingerprint("bad"))).toMatchObject({ reason });
      });

      it("forgets them after seven days", async () => {
        await bench.admitOne(invalid("bad"));
        bench.time.now += 7 * 24 * 3_600_000;
        expect(await bench.ledger.deadLetters(0, 10)).toEqual({ total: 0, letters: [] });
        expect(await bench.admitOne(invalid("bad"))).toMatchObject({ occurrences: 1 });
      });
    });

    describe("read-outs", () => {
      it("counts hits and misses of both memories", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        bench.time.now += RULES.stateTtlMs;
        await bench.admitOne(firing("x"));
        await bench.admitOne(firing("x"), { facts: [seen("x")] });
        expect(await bench.ledger.counters()).toMatchObject({
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
