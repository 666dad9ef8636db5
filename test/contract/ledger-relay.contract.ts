import { beforeEach, describe, expect, it } from "vitest";
import type { Shares } from "../../src/domain/feature.ts";
import type { Fact, Verdict } from "../../src/ports/ledger.ts";
import { BY_TIME, ensured, firing, gone, RULES, resolved, seen, stateOf } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

/** What every ledger promises to a watch that tells it of every change. */
export function ledgerRelayContract(name: string, open: OpenLedger): void {
  describe(`ledger and relay: ${name}`, () => {
    let bench: Bench;
    const fact = async (...facts: Fact[]) => (await bench.ledger.fact(facts)).map(({ kind }) => kind);
    const again = () => bench.admitOne(firing("x"));
    const shownBy = (over: Parameters<typeof stateOf>[1], slots: Record<string, number>, resolvedAtMs: number | null = null): Fact => ({
      ...(seen("x", over) as Extract<Fact, { kind: "seen" }>),
      shown: { slots, resolvedAtMs, members: 0 },
    });
    beforeEach(async () => {
      bench = await openBench(open);
    });

    describe("sessions", () => {
      beforeEach(async () => {
        await bench.create("x", { session: "s1" });
        await bench.ledger.heartbeat("s1");
      });

      it("keep a state fresh as long as heartbeats of the watch it was seen under come in", async () => {
        bench.time.now += 44_999;
        expect(await again()).toMatchObject({ outcome: "duplicate", rung: "relay" });
        bench.time.now += 1;
        expect((await again()).kind).toBe("check");
        await bench.ledger.heartbeat("s1");
        expect(await again()).toMatchObject({ rung: "relay" });
      });

      it("do not vouch for what another session saw", async () => {
        bench.time.now += RULES.stateTtlMs;
        await bench.ledger.heartbeat("s2");
        bench.time.now += 15_000;
        expect((await again()).kind).toBe("check");
      });

      it("vouch for as long as they come: a week of repeats, 5 min to 4 h apart, costs no look, and hundreds where states are off", async () => {
        const asked = async (shares: Shares) => {
          const { ledger, create, admitOne, time } = await openBench(open, { shares });
          await create("x", { session: "s" });
          const verdicts: Verdict[] = [];
          const gapsMs = [300_000, 3_600_000, 4 * 3_600_000];
          for (const from = time.now; time.now - from < 7 * 24 * 3_600_000; ) {
            time.now += gapsMs[verdicts.length % gapsMs.length] ?? 0;
            await ledger.heartbeat("s");
            const verdict = await admitOne(firing("x"));
            verdicts.push(verdict);
            if (verdict.kind === "ensure") await ledger.fact([ensured("x", verdict.intent, { session: "s" }, "existing")]);
          }
          const looks = verdicts.filter(({ kind }) => kind !== "settled").length;
          return {
            looks,
            repeats: verdicts.length,
            vouched: verdicts.filter((each) => each.kind === "settled" && each.rung === "relay").length,
          };
        };
        const on = await asked(RULES.shares);
        expect(on).toEqual({ looks: 0, repeats: on.repeats, vouched: on.repeats });
        expect((await asked(BY_TIME)).looks).toBeGreaterThan(50);
      });

      it("outlive a look by somebody without a watch", async () => {
        await fact(seen("x"));
        bench.time.now += RULES.stateTtlMs;
        expect(await again()).toMatchObject({ rung: "relay" });
      });

      it("know when a request ended that does not tell: what fired before the watch heard of it was counted in time", async () => {
        const ended = (agoMs: number): Fact => ({
          ...(seen("x", { session: "s1", resourceVersion: "101", ended: true, phase: "Completed" }) as Extract<Fact, { kind: "seen" }>),
          agoMs,
        });
        bench.time.now += 1_000;
        await again();
        bench.time.now += 1_000;
        await fact(ended(500));
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        bench = await openBench(open);
        await bench.create("x", { session: "s1" });
        bench.time.now += 1_000;
        await again();
        bench.time.now += 1_000;
        await fact(ended(1_500));
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
      });

      it("know when a request was deleted, too", async () => {
        bench.time.now += 1_000;
        await again();
        bench.time.now += 1_000;
        await fact(gone("x", "uid-x-1", "s1", 500));
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        bench = await openBench(open);
        await bench.create("x", { session: "s1" });
        bench.time.now += 1_000;
        await again();
        bench.time.now += 1_000;
        await fact(gone("x", "uid-x-1", "s2", 500));
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
      });

      it("do not know when a request ended that another session saw last", async () => {
        bench.time.now += 1_000;
        await again();
        await fact({
          ...(seen("x", { session: "s2", resourceVersion: "101", ended: true }) as Extract<Fact, { kind: "seen" }>),
          agoMs: 0,
        });
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
      });

      it("vouch for what the watch heard when it heard it, however late it is told", async () => {
        const late = (over: Parameters<typeof stateOf>[1], agoMs: number): Fact => ({
          ...(seen("x", { session: "s1", ...over }) as Extract<Fact, { kind: "seen" }>),
          agoMs,
        });
        const endedAtMs = bench.time.now + 2_000;
        bench.time.now += 3_000;
        await again();
        bench.time.now += 1_000;
        await fact(late({ resourceVersion: "101" }, 3_000), late({ resourceVersion: "102", ended: true, endedAtMs }, 2_000));
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
      });

      it("end with the request", async () => {
        expect(await fact(seen("x", { session: "s1", resourceVersion: "101", ended: true, phase: "Completed" }))).toEqual(["applied"]);
        expect(await again()).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });
    });

    describe("pushes before the answer of ensure", () => {
      it("bind the episode to the object made for its intent, with its phase", async () => {
        const intent = intentOf(await again());
        expect(await fact(seen("x", { intent, session: "s1" }))).toEqual(["bound"]);
        expect(await again()).toMatchObject({ outcome: "duplicate", request: { name: "rr-x-1" }, occurrences: 2 });
        bench.time.now += 10 * RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        expect(await bench.ledger.counters()).toMatchObject({ requests_created: 1 });
      });

      it("let no late answer bring back a phase that is over", async () => {
        const intent = intentOf(await again());
        bench.time.now += 50;
        await fact(seen("x", { intent, resourceVersion: "105", phase: "Completed", ended: true, endedAtMs: bench.time.now }));
        expect(await fact(ensured("x", intent, { resourceVersion: "100" }))).toEqual(["bound"]);
        expect(await again()).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });

      it("say nothing of the time after the watch heard them", async () => {
        const intent = intentOf(await again());
        const endedAtMs = bench.time.now + 2_000;
        bench.time.now += 3_000;
        await again();
        bench.time.now += 1_000;
        const live = seen("x", { intent, session: "s1" }) as Extract<Fact, { kind: "seen" }>;
        await fact({ ...live, agoMs: 3_000 }, seen("x", { intent, resourceVersion: "101", ended: true, endedAtMs }));
        expect((await bench.ledger.lease(10)).intents).toHaveLength(1);
      });

      it("do not bind an episode to an object of another intent", async () => {
        await again();
        expect(await fact(seen("x", { intent: "another" }))).toEqual(["dropped"]);
      });

      it("leave the intent open where the object went again before ensure has answered", async () => {
        const intent = intentOf(await again());
        await fact(seen("x", { intent, uid: "taken-back" }), gone("x", "taken-back"));
        expect(await again()).toMatchObject({ outcome: "duplicate", reason: "request-pending", request: null });
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ intent }]);
      });

      it("let no late answer bring back what has gone", async () => {
        const intent = intentOf(await again());
        await fact(seen("x", { intent }), gone("x"));
        expect(await fact(ensured("x", intent), seen("x", { intent, session: "s1" }))).toEqual(["dropped", "dropped"]);
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ intent }]);
        expect(await fact(ensured("x", intent, { uid: "another" }))).toEqual(["bound"]);
      });

      it("leave nothing to another's object that has ended, of which an ensure answers late that it is live", async () => {
        const intent = intentOf(await again());
        const other = { uid: "other", intent: "another" };
        await fact(seen("x", { ...other, resourceVersion: "105", phase: "Completed", ended: true }));
        expect(await fact(ensured("x", intent, other, "existing"))).toEqual(["dropped"]);
        bench.time.now += RULES.leaseMs;
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ intent }]);
        expect(await fact(ensured("x", intent))).toEqual(["bound"]);
      });

      it("bind no episode to what went before its ensure answered that it is there", async () => {
        const intent = intentOf(await again());
        await fact(gone("x", "other"));
        expect(await fact(ensured("x", intent, { uid: "other" }, "existing"))).toEqual(["dropped"]);
      });

      it("do not make a confirmed object's deletion an open intent", async () => {
        const intent = intentOf(await again());
        await fact(seen("x", { intent }), ensured("x", intent), gone("x"));
        expect(await again()).toMatchObject({ kind: "ensure", reason: "request-ended" });
      });
    });

    describe("a request taken back", () => {
      const survivor = { uid: "first", name: "rr-x-9", intent: "another", resourceVersion: "90" };

      it("moves the episode and its count to the one that stays, whichever is told first", async () => {
        for (const goneFirst of [true, false]) {
          bench = await openBench(open);
          const intent = intentOf(await again());
          await fact(seen("x", { intent, uid: "second", resourceVersion: "100" }));
          await again();
          const answer = { ...ensured("x", intent, survivor, "existing"), takenBack: ["second"] } as Fact;
          await (goneFirst ? fact(gone("x", "second"), answer) : fact(answer, gone("x", "second")));
          expect(await again()).toMatchObject({ outcome: "duplicate", request: { name: "rr-x-9" } });
          expect(await bench.countsDue()).toMatchObject([{ request: { uid: "first" }, slot: intent, count: 3 }]);
        }
      });

      it("by the watch moves a confirmed episode too", async () => {
        const slot = await bench.create("x");
        expect(await fact({ kind: "moved", subject: firing("x").fingerprint, uid: "uid-x-1", state: stateOf("x", survivor) })).toEqual([
          "applied",
        ]);
        await fact(gone("x"));
        expect(await bench.countsDue()).toMatchObject([{ request: { uid: "first" }, slot, count: 1 }]);
      });

      it("says nothing to an episode that is bound elsewhere", async () => {
        await bench.create("x");
        expect(await fact({ kind: "moved", subject: firing("x").fingerprint, uid: "other", state: stateOf("x", survivor) })).toEqual([
          "dropped",
        ]);
      });

      it("is not believed of an answer that is merely late", async () => {
        const intent = await bench.create("x");
        expect(await fact(ensured("x", intent, survivor, "existing"))).toEqual(["dropped"]);
        expect(await again()).toMatchObject({ request: { name: "rr-x-1" } });
      });
    });

    describe("an object that shows less than was written", () => {
      const written = async () => {
        const slot = await bench.create("x");
        await again();
        const [leased] = await bench.countsDue();
        const { mark = "" } = leased ?? {};
        await bench.ledger.settle([{ kind: "recorded", mark, count: 2, resolvedAtMs: null, resourceVersion: "101", storm: null }]);
        await fact(seen("x", { resourceVersion: "101" }));
        expect(await bench.countsDue()).toEqual([]);
        return slot;
      };

      it("is owed its count again", async () => {
        const slot = await written();
        expect(await fact(shownBy({ resourceVersion: "102" }, { [slot]: 1 }))).toEqual(["applied"]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ slot, count: 2 }]);
      });

      it("is owed nothing where it shows all, or the look is older than the write", async () => {
        const slot = await written();
        await fact(shownBy({ resourceVersion: "103" }, { other: 7, [slot]: 2 }), shownBy({ resourceVersion: "100" }, {}));
        bench.time.now += 60_000;
        expect(await bench.countsDue()).toEqual([]);
      });

      it("is owed its resolve again", async () => {
        const slot = await bench.create("x");
        await bench.admitOne(resolved("x"));
        const [leased] = await bench.countsDue();
        const { mark = "", resolvedAtMs = null } = leased ?? {};
        await bench.ledger.settle([{ kind: "recorded", mark, count: 1, resolvedAtMs, resourceVersion: "101", storm: null }]);
        await fact(shownBy({ resourceVersion: "102" }, { [slot]: 1 }));
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ resolvedAtMs }]);
      });

      it("is owed again what was erased between the write and its settlement", async () => {
        const slot = await bench.create("x");
        await again();
        const [leased] = await bench.countsDue();
        await fact(shownBy({ resourceVersion: "110" }, {}));
        const { mark = "" } = leased ?? {};
        await bench.ledger.settle([{ kind: "recorded", mark, count: 2, resolvedAtMs: null, resourceVersion: "105", storm: null }]);
        bench.time.now += 5_000;
        expect(await bench.countsDue()).toMatchObject([{ slot, count: 2 }]);
      });
    });
  });
}
