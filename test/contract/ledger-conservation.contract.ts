import { beforeEach, describe, expect, it } from "vitest";
import { AGAIN_MS, DEAD_LETTER_LIFE_MS, DEAD_RETRY_MS, INTENT_LIFE_MS } from "../../src/domain/ledger-limits.ts";
import type { Fact } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, gone, invalid, resolved, seen } from "../support/ledger-builders.ts";
import { held, stormEnded, stormEnsured, stormGone } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench } from "./ledger-storm-bench.ts";

/** What every ledger promises about what it owes to alerts: how that ends is counted once, by what it was. That nothing is out of sight, every contract holds. */
export function ledgerConservationContract(name: string, open: OpenLedger): void {
  describe(`what is owed: ${name}`, () => {
    let bench: StormBench;
    /** All that was ever owed, what of it has ended and what is open, each where it is not 0. */
    const account = async () => {
      const { owed, settled, open: places } = await bench.ledger.survey();
      return Object.fromEntries(Object.entries({ owed, ...settled, ...places }).filter(([, count]) => count !== 0));
    };
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    const giveUp = (subject: string, intent: string) =>
      bench.ledger.settle([{ kind: "intent-dead", subject, intent, reason: "invalid", afterMs: 1_000 }]);
    const twice = async (...facts: Fact[]) => {
      await bench.tell(...facts);
      await bench.tell(...facts);
    };
    beforeEach(async () => {
      bench = await openStormBench(open);
    });

    it("is a request of its own until it is there, and nothing for a repeat", async () => {
      const sent = call([firing("x")]);
      const [verdict] = await bench.ledger.admit(sent);
      await bench.ledger.admit(sent);
      await bench.admitOne(firing("x"));
      expect(await account()).toEqual({ owed: 1, intent: 1 });
      await twice(ensured("x", intentOf(verdict as never)));
      expect(await account()).toEqual({ owed: 1, request: 1 });
    });

    it("is a request again where it went before it was confirmed, or ended before the alert came", async () => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      await bench.tell(seen("x", { intent }));
      await twice(gone("x"));
      expect(await account()).toEqual({ owed: 2, request: 1, intent: 1 });
      await bench.create("y");
      later(1_000);
      await bench.admitOne(firing("y"));
      await twice(seen("y", { resourceVersion: "900", phase: "Completed", ended: true, endedAtMs: bench.time.now - 500 }));
      expect(await account()).toEqual({ owed: 4, request: 2, intent: 2 });
    });

    it("is a wait in a window, which a resolve cancels, and which a request of its own takes the place of", async () => {
      await bench.fire("a", "b");
      expect(await account()).toEqual({ owed: 2, window: 2 });
      await bench.resolve("a");
      expect(await account()).toEqual({ owed: 2, cancelled: 1, window: 1 });
      later(3_600_000);
      await bench.sweepAll();
      expect(await account()).toEqual({ owed: 2, cancelled: 1, intent: 1 });
    });

    it("is the storm's request in place of its members', and each member's again where that cannot be made", async () => {
      const { subject, intent } = await bench.reach("a", "b", "c");
      expect(await account()).toEqual({ owed: 4, storm: 3, intent: 1 });
      await bench.fire("d");
      expect(await account()).toEqual({ owed: 5, storm: 4, intent: 1 });
      await giveUp(subject, intent);
      await giveUp(subject, intent);
      expect(await account()).toEqual({ owed: 9, storm: 4, dissolved: 1, window: 4 });
      await bench.tell(held(subject, intent, "a"));
      expect(await account()).toEqual({ owed: 9, storm: 4, dissolved: 1, request: 1, window: 3 });
      await bench.sweepAll();
      expect(await account()).toEqual({ owed: 9, storm: 4, dissolved: 1, request: 1, intent: 3 });
    });

    it("is the storm's request until it is there, once more where that goes before it is confirmed, and none where every member has another", async () => {
      const { subject, intent } = await bench.storm();
      expect(await account()).toEqual({ owed: 4, storm: 3, request: 1 });
      await bench.fire("d");
      expect(await account()).toEqual({ owed: 5, storm: 4, request: 1 });
      await bench.tell(stormGone(subject));
      expect(await account()).toEqual({ owed: 5, storm: 4, request: 1 });
      bench = await openStormBench(open);
      const next = await bench.reach("a", "b", "c");
      for (const word of ["a", "b", "c"]) await twice(held(next.subject, next.intent, word));
      expect(await account()).toEqual({ owed: 4, storm: 3, request: 1 });
      expect(intent).not.toBe(next.intent);
    });

    it("is a wait again for who fired after the end of its storm", async () => {
      const { subject } = await bench.storm();
      later(10_000);
      await bench.fire("a", "b");
      await bench.tell(stormEnded(subject, bench.time.now - 5_000));
      await bench.sweep();
      expect(await account()).toEqual({ owed: 6, storm: 3, request: 1, window: 2 });
    });

    it("moves with who fires again after its own resolve into the storm that its group has by then", async () => {
      await bench.create("x");
      await bench.tell(seen("x", { resourceVersion: "900", phase: "Completed", ended: true }));
      await bench.resolve("x");
      await bench.fire("x");
      expect(await account()).toEqual({ owed: 2, request: 1, window: 1 });
      await bench.reach("a", "b", "c");
      later(AGAIN_MS);
      await bench.sweepAll();
      expect(await account()).toEqual({ owed: 6, request: 1, storm: 4, intent: 1 });
    });

    describe("a dead letter", () => {
      const kill = async (word: string) => {
        const intent = intentOf(await bench.admitOne(firing(word)));
        await giveUp(fingerprint(word), intent);
        return intent;
      };

      it("takes the place of the request, is tried for beside it, and ends with the request", async () => {
        const intent = await kill("x");
        expect(await account()).toEqual({ owed: 1, "dead-letter": 1 });
        later(DEAD_RETRY_MS);
        await bench.admitOne(firing("x"));
        expect(await account()).toEqual({ owed: 2, "dead-letter": 1, intent: 1 });
        // The word of an end and of a place is the same: one has ended, one stands.
        await giveUp(fingerprint("x"), intent);
        const { settled, open: places } = await bench.ledger.survey();
        expect([settled["dead-letter"], places]).toEqual([1, { window: 0, intent: 0, "dead-letter": 1 }]);
        await bench.ledger.replay(fingerprint("x"));
        await bench.ledger.replay(fingerprint("x"));
        await twice(ensured("x", intent));
        const { owed, settled: ended } = await bench.ledger.survey();
        expect([owed, ended.request, ended["dead-letter"]]).toEqual([3, 2, 1]);
      });

      it("ends with the request that was made unheard, when it is discarded, and with what is tried for beside it", async () => {
        const intent = await kill("x");
        await bench.tell(ensured("x", intent));
        expect(await account()).toEqual({ owed: 1, request: 1 });
        await kill("y");
        await bench.ledger.replay(fingerprint("y"));
        for (let times = 0; times < 2; times += 1) await bench.ledger.discard(fingerprint("y"));
        expect(await account()).toEqual({ owed: 3, request: 1, discarded: 2 });
      });

      it("ends by its age, also where a new one of its alert comes first", async () => {
        await kill("x");
        await bench.admitOne(invalid("bad"));
        later(DEAD_LETTER_LIFE_MS);
        await kill("x");
        expect(await account()).toEqual({ owed: 3, expired: 2, "dead-letter": 1 });
      });

      it("of an invalid alert is one for all of its cause", async () => {
        for (let times = 0; times < 2; times += 1) await bench.admitOne(invalid("bad"));
        await bench.admitOne(invalid("worse"));
        expect(await account()).toEqual({ owed: 2, "dead-letter": 2 });
        await bench.ledger.discard(fingerprint("bad"));
        expect(await account()).toEqual({ owed: 2, discarded: 1, "dead-letter": 1 });
      });
    });

    it("is the same after a day of tries that failed", async () => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      later(INTENT_LIFE_MS);
      const failed = {
        kind: "intent-failed",
        subject: fingerprint("x"),
        intent,
        reason: "quota",
        afterMs: 1_000,
      } as const;
      await bench.ledger.settle([failed]);
      await bench.admitOne(resolved("x"));
      expect(await account()).toEqual({ owed: 1, "dead-letter": 1 });
    });
  });

  describe(`how long alerts wait for their request: ${name}`, () => {
    let bench: StormBench;
    beforeEach(async () => {
      bench = await openStormBench(open);
    });
    /** Which bucket each of an alert's waits is in. */
    const waitsOf = async (kind: "lone" | "storm") => {
      const { counts, sumMs } = (await bench.ledger.survey()).waits[kind];
      return { buckets: counts.flatMap((count, at) => Array.from({ length: count }, () => at)), sumMs };
    };

    it.each([
      [0, 0],
      [1_000, 0],
      [1_001, 1],
      [45_000, 5],
      [50_000, 6],
      [50_001, 7],
      [3_600_000, 12],
      [3_600_001, 13],
    ])("%d ms is within the least bound that is not below it, and is counted once", async (ms, bucket) => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      bench.time.now += ms;
      for (let times = 0; times < 2; times += 1) await bench.tell(ensured("x", intent));
      expect([await waitsOf("lone"), await waitsOf("storm")]).toEqual([
        { buckets: [bucket], sumMs: ms },
        { buckets: [], sumMs: 0 },
      ]);
    });

    it("counts from when it came in, also where it waited in a window first; a storm's from its first member", async () => {
      await bench.fire("a");
      bench.time.now += 2_000;
      await bench.fire("b");
      bench.time.now += 2_000;
      const { subject, intent } = await bench.reach("c");
      bench.time.now += 2_000;
      await bench.tell(stormEnsured(subject, intent));
      expect(await waitsOf("storm")).toEqual({ buckets: [2], sumMs: 6_000 });
      bench = await openStormBench(open);
      await bench.fire("a");
      bench.time.now += 3_600_000;
      await bench.sweepAll();
      const [own] = await bench.intents();
      await bench.tell(ensured("a", own?.intent ?? ""));
      expect(await waitsOf("lone")).toEqual({ buckets: [12], sumMs: 3_600_000 });
    });
  });

  describe(`what is late: ${name}`, () => {
    let bench: StormBench;
    beforeEach(async () => {
      bench = await openStormBench(open);
    });
    const late = async () => {
      const { sweepLagMs, intentsOverdueMs, countsPending, countsOverdueMs } = await bench.ledger.survey();
      return { sweepLagMs, intentsOverdueMs, countsPending, countsOverdueMs };
    };
    const NONE = { sweepLagMs: 0, intentsOverdueMs: 0, countsPending: 0, countsOverdueMs: 0 };

    it("is a window past its time, until it is swept", async () => {
      await bench.fire("a");
      expect(await late()).toEqual(NONE);
      const [window] = await bench.windows();
      bench.time.now = (window?.dueAtMs ?? 0) + 7_000;
      expect(await late()).toEqual({ ...NONE, sweepLagMs: 7_000 });
      await bench.sweepAll();
      expect(await late()).toEqual(NONE);
    });

    it("is an intent past its next try, until it is leased, and a count past the time that it is to be written at", async () => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      expect(await late()).toEqual(NONE);
      bench.time.now += 100_000;
      expect((await late()).intentsOverdueMs).toBeGreaterThan(60_000);
      await bench.ledger.lease(10);
      expect(await late()).toEqual(NONE);
      await bench.tell(ensured("x", intent));
      await bench.admitOne(firing("x"));
      expect(await late()).toEqual({ ...NONE, countsPending: 1 });
      bench.time.now += 8_000;
      expect(await late()).toEqual({ ...NONE, countsPending: 1, countsOverdueMs: 8_000 });
    });

    it("is told when a watch last beat, also long after its session is over", async () => {
      expect((await bench.ledger.survey()).heartbeatSeenMs).toBeNull();
      await bench.ledger.heartbeat("s1");
      const beatMs = bench.time.now;
      bench.time.now += 3_600_000;
      expect((await bench.ledger.survey()).heartbeatSeenMs).toBe(beatMs);
    });
  });
}
