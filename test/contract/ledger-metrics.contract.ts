import { beforeEach, describe, expect, it } from "vitest";
import type { Aside, Fact } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, gone, invalid, RULES, resolved, seen, stateOf } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const NOTHING: Aside = { ignoredAlerts: 0, truncatedAlerts: 0, unknownSeverities: 0, unreadableTimes: 0, watchdog: false };

/** What every ledger promises to who reads its totals: each is changed with the decision that it counts, and by no repeat of it. */
export function ledgerMetricsContract(name: string, open: OpenLedger): void {
  describe(`what is counted: ${name}`, () => {
    let bench: Bench;
    const outcomes = async () =>
      (await bench.ledger.survey()).outcomes.map(({ source, outcome, rung, count }) => `${source} ${outcome} ${rung} ${count}`);
    beforeEach(async () => {
      bench = await openBench(open);
    });

    describe("outcomes", () => {
      it("counts what was decided without the ledger with the rest, once", async () => {
        const outcomes = [
          { source: "test", outcome: "created", count: 2 },
          { source: "other", outcome: "duplicate", count: 3 },
        ] as const;
        const strays = { id: "f".repeat(32), outcomes };
        for (let sendings = 0; sendings < 2; sendings += 1) await bench.admit([firing(`x${sendings}`)], { strays });
        const { outcomes: counted } = await bench.ledger.survey();
        expect(counted).toEqual([
          { source: "other", outcome: "duplicate", rung: "direct", count: 3 },
          { source: "test", outcome: "accepted", rung: "cache", count: 2 },
          { source: "test", outcome: "created", rung: "direct", count: 2 },
        ]);
        expect(await bench.ledger.counters()).toMatchObject({ alerts_received: 7 });
      });

      it("stand by source, word and rung, and add up to what was received", async () => {
        await bench.create("x", { session: "s1" });
        await bench.admitOne(firing("x"));
        await bench.ledger.heartbeat("s1");
        await bench.admitOne(firing("x"), { source: "other" });
        await bench.admitOne(firing("x"), { facts: [seen("x", { session: "s1" })] });
        await bench.admitOne(firing("x", { unreachable: true }));
        await bench.admitOne(resolved("x"));
        await bench.admitOne(resolved("y"));
        await bench.admitOne(invalid("bad"));
        expect(await outcomes()).toEqual([
          "other duplicate relay 1",
          "test accepted cache 1",
          "test duplicate cache 1",
          "test duplicate kubernetes 1",
          "test duplicate time 1",
          "test ignored cache 1",
          "test quarantined cache 1",
          "test resolved cache 1",
        ]);
        expect(await bench.ledger.counters()).toMatchObject({ alerts_received: 8, quarantined: 1 });
      });

      it("count a delivery once, and nothing that was not decided", async () => {
        const sent = call([firing("x"), invalid("bad")]);
        await bench.ledger.admit(sent);
        await bench.ledger.admit(sent);
        bench = await openBench(open, { intentsMax: 0 });
        await bench.admitOne(firing("x"));
        expect(await outcomes()).toEqual([]);
      });

      it("count no alert that waits for a look at its request", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        await bench.admitOne(firing("x"));
        expect(await outcomes()).toEqual(["test accepted cache 1"]);
      });
    });

    it("counts a try that met another's object of its name as a collision, once, and no other failure", async () => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      const failed = { kind: "intent-failed", subject: fingerprint("x"), intent, afterMs: 1_000 } as const;
      for (const reason of ["contended", "contended", "timeout"] as const) await bench.ledger.settle([{ ...failed, reason }]);
      expect(await bench.ledger.counters()).toMatchObject({ collisions: 1 });
      bench.time.now += 1_000;
      await bench.ledger.settle([{ ...failed, reason: "contended" }]);
      expect(await bench.ledger.counters()).toMatchObject({ collisions: 2 });
    });

    it("tells which rules found the targets of what was decided, each once a delivery", async () => {
      const sent = call([firing("x"), firing("y", { rule: "unknown" }), resolved("z", { rule: "rule:mine" }), invalid("bad")]);
      for (let sendings = 0; sendings < 2; sendings += 1) await bench.ledger.admit(sent);
      await bench.admitOne(firing("x"));
      expect((await bench.ledger.survey()).targets).toEqual([
        { rule: "pod", count: 2 },
        { rule: "rule:mine", count: 1 },
        { rule: "unknown", count: 1 },
      ]);
    });

    describe("what a delivery brings beside its alerts", () => {
      const aside = { ignoredAlerts: 2, truncatedAlerts: 7, unknownSeverities: 1, unreadableTimes: 3, watchdog: true };

      it("counts once, however often the delivery comes and in however many calls", async () => {
        const sent = call([firing("x")], { aside });
        await bench.ledger.admit(sent);
        await bench.ledger.admit(sent);
        await bench.admitOne(firing("y"), { delivery: sent.delivery, aside });
        const counted = { alerts_received: 4, truncated_alerts: 7, unknown_severities: 1, unreadable_times: 3 };
        expect(await bench.ledger.counters()).toMatchObject(counted);
        expect(await outcomes()).toEqual(["test accepted cache 2", "test ignored cache 2"]);
        await bench.admit([], { aside });
        expect(await bench.ledger.counters()).toMatchObject({ alerts_received: 6, truncated_alerts: 14 });
      });

      it("tells when a Watchdog was last seen", async () => {
        expect((await bench.ledger.survey()).watchdogSeenMs).toBeNull();
        await bench.admit([], { aside });
        const seenMs = bench.time.now;
        bench.time.now += 60_000;
        await bench.admit([], { aside: { ...NOTHING, ignoredAlerts: 1 } });
        expect((await bench.ledger.survey()).watchdogSeenMs).toBe(seenMs);
      });
    });

    describe("what waits", () => {
      const waits = async () => {
        const { openIntents, oldestIntentMs, deadLetters } = await bench.ledger.survey();
        return [openIntents, oldestIntentMs, deadLetters.invalid];
      };

      it("is every open intent, aged from when it was written, whoever has it and however often it failed", async () => {
        expect(await waits()).toEqual([0, null, 0]);
        const intent = intentOf(await bench.admitOne(firing("x")));
        bench.time.now += 10_000;
        await bench.admitOne(firing("y"));
        await bench.ledger.lease(10);
        await bench.ledger.settle([{ kind: "intent-failed", subject: fingerprint("x"), intent, reason: "timeout", afterMs: 60_000 }]);
        bench.time.now += 1_000;
        expect(await waits()).toEqual([2, 11_000, 0]);
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await waits()).toEqual([1, 1_000, 0]);
      });

      it("is an intent again whose object went before its ensure has answered, as old as it is", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([seen("x", { intent })]);
        expect(await waits()).toEqual([0, null, 0]);
        bench.time.now += 3_000;
        await bench.ledger.fact([gone("x")]);
        expect(await waits()).toEqual([1, 3_000, 0]);
      });

      it("is every dead letter, until its seven days are over", async () => {
        await bench.admit([invalid("bad"), invalid("worse")]);
        await bench.admitOne(invalid("bad"));
        expect(await waits()).toEqual([0, null, 2]);
        bench.time.now += 7 * 24 * 3_600_000;
        expect(await waits()).toEqual([0, null, 0]);
      });
    });

    describe("writes into a request's status", () => {
      const updates = async () => {
        const { updates_succeeded, updates_failed, counts_lost } = await bench.ledger.counters();
        return [updates_succeeded, updates_failed, counts_lost];
      };
      const leased = async () => {
        const [count] = await bench.countsDue();
        return { mark: count?.mark ?? "", count: count?.count ?? 0, resolvedAtMs: count?.resolvedAtMs ?? null };
      };

      it("count when they worked, also where more is to be written by then, and once", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const first = { kind: "recorded", ...(await leased()), resourceVersion: "101", storm: null } as const;
        await bench.admitOne(firing("x"));
        await bench.ledger.settle([first, first]);
        expect(await updates()).toEqual([1, 0, 0]);
        bench.time.now += 5_000;
        const second = { kind: "recorded", ...(await leased()), resourceVersion: "102", storm: null } as const;
        await bench.ledger.settle([second, second]);
        expect(await updates()).toEqual([2, 0, 0]);
      });

      it("count when they worked for a former request", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        await bench.ledger.fact([seen("x", { resourceVersion: "101", ended: true })]);
        await bench.admitOne(firing("x"));
        const owed = { kind: "recorded", ...(await leased()), resourceVersion: "102", storm: null } as const;
        await bench.ledger.settle([owed, owed]);
        expect(await updates()).toEqual([1, 0, 0]);
      });

      it("count each failure, and apart from them what can never be written", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        const failed = { kind: "count-failed", mark: (await leased()).mark, afterMs: 7_000 } as const;
        await bench.ledger.settle([failed, failed]);
        bench.time.now += 7_000;
        await bench.ledger.settle([{ kind: "lost", mark: (await leased()).mark }]);
        expect(await updates()).toEqual([0, 1, 1]);
      });
    });

    describe("requests taken back", () => {
      const collisions = async () => (await bench.ledger.counters()).collisions;
      const survivor = { uid: "first", name: "rr-x-9", intent: "another", resourceVersion: "90" };
      const moved: Fact = { kind: "moved", subject: fingerprint("x"), uid: "second", state: stateOf("x", survivor) };

      it("count once each, whether ensure or the watch tells of them first, however often", async () => {
        for (const watchFirst of [true, false]) {
          bench = await openBench(open);
          const intent = intentOf(await bench.admitOne(firing("x")));
          await bench.ledger.fact([seen("x", { intent, uid: "second" })]);
          const answer = { ...ensured("x", intent, survivor, "existing"), takenBack: ["second", "third"] } as Fact;
          for (const fact of watchFirst ? [moved, answer, answer] : [answer, moved, answer]) await bench.ledger.fact([fact]);
          expect(await collisions()).toBe(2);
        }
      });

      it("count where nobody but the watch tells of them", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([seen("x", { intent, uid: "second" }), moved, moved]);
        expect(await collisions()).toBe(1);
      });

      it("do not count where the answer is merely late", async () => {
        const intent = await bench.create("x");
        await bench.ledger.fact([{ ...ensured("x", intent, survivor, "existing"), takenBack: ["second"] } as Fact, moved]);
        expect(await collisions()).toBe(0);
      });

      it("count anew for the next intent", async () => {
        for (const turn of ["1", "2"]) {
          const intent = intentOf(await bench.admitOne(firing("x")));
          const made = { uid: `kept-${turn}`, name: `rr-x-${turn}` };
          await bench.ledger.fact([{ ...ensured("x", intent, made), takenBack: [`back-${turn}`] } as Fact, gone("x", `kept-${turn}`)]);
        }
        expect(await collisions()).toBe(2);
      });
    });
  });
}
