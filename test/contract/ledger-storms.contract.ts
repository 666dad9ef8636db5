import { beforeEach, describe, expect, it } from "vitest";
import type { AdmitAlert, Subject } from "../../src/ports/ledger.ts";
import { BY_TIME, fingerprint, GROUP, gone, RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import {
  held,
  lineOf,
  stormAdopted,
  stormEnded,
  stormEnsured,
  stormGone,
  stormSeen,
  stormState,
  stormy,
} from "../support/storm-builders.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const { joinMs } = WINDOW_RULES;
const refOf = (subject: Subject) => ({ namespace: "shop", name: stormState(subject).name });

/** What every ledger promises of a storm while its request is pending or live. */
export function ledgerStormsContract(name: string, open: OpenLedger): void {
  describe(`storms: ${name}`, () => {
    let bench: StormBench;
    const start = async (rules: Parameters<typeof openStormBench>[1] = {}) => {
      bench = await openStormBench(open, rules);
    };
    const crewOf = async ({ subject, intent }: { subject: Subject; intent: string }, after = 0, limit = 100) =>
      (await bench.ledger.crew(subject, intent, after, limit))?.members.map(({ seq, target }) => seq + target.slice("shop:Pod:".length));
    /** Of the storm that is due first. */
    const sight = async () => (await bench.windows())[0];
    /** Joins after somebody has looked at the storm. */
    const fireSeen = (subject: Subject, ...words: string[]) =>
      bench.admit(
        words.map((word) => stormy(word)),
        { facts: [stormSeen(subject)] },
      );
    beforeEach(() => start());

    describe("members", () => {
      it("that repeat are duplicates of the storm's request, counted for themselves", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        expect(await bench.fireOne("a")).toEqual({
          ...{ kind: "settled", outcome: "duplicate", request: null, occurrences: 2, reason: "request-pending", rung: "cache" },
        });
        await bench.tell(stormEnsured(subject, intent));
        expect(await bench.fireOne("b")).toEqual({
          ...{ kind: "settled", outcome: "duplicate", request: refOf(subject), occurrences: 2, reason: "request-live", rung: "cache" },
        });
        expect(await bench.fireOne("c")).toMatchObject({ occurrences: 2 });
        expect(await bench.windows()).toMatchObject([{ members: 3, occurrences: 6 }]);
      });

      it("count together on its request, since the first of them fired", async () => {
        const firstSeenMs = bench.time.now;
        await bench.fire("a", "b");
        bench.time.now += 5_000;
        await bench.fire("a");
        const { subject, intent } = await bench.reach("c");
        await bench.fire("a");
        expect(await bench.countsDue()).toEqual([]);
        await bench.tell(stormEnsured(subject, intent));
        const { uid, ...ref } = stormState(subject);
        expect(await bench.countsDue()).toMatchObject([
          {
            ...{ subject, request: { namespace: ref.namespace, name: ref.name, uid }, slot: intent, count: 5 },
            ...{ firstSeenMs, lastSeenMs: bench.time.now, resolvedAtMs: null, through: 3 },
            storm: { members: ["a", "b", "c"].map(lineOf), closedAtMs: null },
          },
        ]);
      });

      it("go into its request when they joined in the call that reached the threshold; counts tell of later ones", async () => {
        const storm = await bench.reach("a", "b", "c", "d");
        expect(await bench.fire("e")).toEqual(["appended storm-joined"]);
        expect(await crewOf(storm)).toEqual(["1a", "2b", "3c", "4d"]);
        expect(await crewOf(storm, 1, 2)).toEqual(["2b", "3c"]);
        expect(await bench.ledger.crew(storm.subject, storm.intent, 0, 1)).toMatchObject({
          ...{ firstRequestMs: WINDOW_RULES.firstRequestMs, knownUids: [], members: [{ fingerprint: fingerprint("a") }] },
        });
        expect(await bench.ledger.crew(storm.subject, "another", 0, 1)).toBeNull();
        await bench.tell(stormEnsured(storm.subject, storm.intent));
        expect(await crewOf(storm)).toBeUndefined();
        expect(await bench.countsDue()).toMatchObject([{ through: 5, storm: { members: ["a", "b", "c", "d", "e"].map(lineOf) } }]);
      });

      it("that join later are told at most every five seconds, and each once", async () => {
        const { subject } = await bench.storm();
        await bench.record();
        expect(await bench.fire("d", "e")).toEqual(["appended storm-joined", "appended storm-joined"]);
        bench.time.now += 4_999;
        await fireSeen(subject, "f");
        expect(await bench.countsDue()).toEqual([]);
        bench.time.now += 1;
        expect(await bench.record("102")).toMatchObject([{ count: 6, through: 6, storm: { members: ["d", "e", "f"].map(lineOf) } }]);
        bench.time.now += 10_000;
        expect(await bench.countsDue()).toEqual([]);
        await fireSeen(subject, "a");
        expect(await bench.countsDue()).toMatchObject([{ count: 7, through: 6, storm: { members: [] } }]);
      });

      it("are told again where the object lists fewer than it was told", async () => {
        const { subject, intent } = await bench.storm();
        await bench.record();
        bench.time.now += 5_000;
        const shown = { slots: { [intent]: 3 }, resolvedAtMs: null, members: 3 };
        await bench.tell(stormSeen(subject, { resourceVersion: "102" }, shown));
        expect(await bench.countsDue()).toEqual([]);
        await bench.tell(stormSeen(subject, { resourceVersion: "103" }, { ...shown, members: 2 }));
        expect(await bench.countsDue()).toMatchObject([{ through: 3, storm: { members: ["a", "b", "c"].map(lineOf) } }]);
      });

      it("of an event that is counted already change nothing", async () => {
        const event = (count: number): Partial<AdmitAlert> => ({ event: { uid: "e1", count, lastMs: null } });
        await bench.fire("b", "c");
        const { subject } = (await bench.fireOne("a", event(4))) as { subject: string };
        expect(await bench.fireOne("a", event(4))).toMatchObject({ outcome: "duplicate", reason: "event-already-counted", occurrences: 1 });
        expect(await bench.fireOne("a", event(6))).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        expect(await bench.windows()).toMatchObject([{ subject, occurrences: 5 }]);
      });
    });

    describe("the time to join", () => {
      it("grows with each that joins, not with repeats, up to a window's longest life", async () => {
        await start({ windowMaxMs: joinMs + 200_000 });
        const { subject } = await bench.storm();
        const openedAtMs = bench.time.now;
        expect(await sight()).toMatchObject({ state: "live", dueAtMs: openedAtMs + joinMs });
        bench.time.now += 100_000;
        await fireSeen(subject, "a");
        expect(await sight()).toMatchObject({ dueAtMs: openedAtMs + joinMs });
        await fireSeen(subject, "d");
        expect(await sight()).toMatchObject({ dueAtMs: openedAtMs + joinMs + 100_000 });
        bench.time.now += 200_000;
        await fireSeen(subject, "e");
        expect(await sight()).toMatchObject({ openedAtMs, dueAtMs: openedAtMs + joinMs + 200_000 });
      });

      it("ends with a sweep: the object is told once, repeats stay its own, and others open the next window", async () => {
        const { subject } = await bench.storm();
        await bench.record();
        bench.time.now += joinMs;
        expect((await bench.ledger.lease(10)).sweepDue).toBe(true);
        const closedAtMs = bench.time.now;
        expect(await bench.sweep()).toBe(false);
        expect(await bench.windows()).toMatchObject([{ state: "closed", dueAtMs: null, members: 3 }]);
        expect(await bench.record("102")).toMatchObject([{ storm: { members: [], closedAtMs } }]);
        bench.time.now += 10_000;
        expect(await bench.countsDue()).toEqual([]);
        expect((await fireSeen(subject, "a", "d")).map(told)).toEqual(["duplicate request-live", "buffered window-opened"]);
      });

      it("ends without a sweep, too", async () => {
        const { subject } = await bench.storm();
        bench.time.now += joinMs;
        expect((await fireSeen(subject, "d")).map(told)).toEqual(["buffered window-opened"]);
        expect(await bench.windows()).toMatchObject([{ state: "buffering" }, { subject, state: "closed", dueAtMs: null }]);
      });

      it("ends while the request is pending, which is made all the same", async () => {
        const storm = await bench.reach("a", "b", "c");
        bench.time.now += joinMs;
        await bench.sweep();
        expect(await bench.fire("d")).toEqual(["buffered window-opened"]);
        expect(await crewOf(storm)).toEqual(["1a", "2b", "3c"]);
        await bench.tell(stormEnsured(storm.subject, storm.intent));
        expect(await bench.countsDue()).toMatchObject([{ storm: { closedAtMs: bench.time.now } }]);
      });
    });

    describe("a storm's state", () => {
      it("that is stale is one caller's to check, for members and newcomers; others go by what was known", async () => {
        const { subject } = await bench.storm();
        bench.time.now += RULES.stateTtlMs;
        const { namespace, name: object, uid } = stormState(subject);
        const check = { kind: "check", subject, request: { namespace, name: object, uid } };
        const delivery = "d".repeat(32);
        expect(await bench.admit([stormy("d"), stormy("a"), stormy("e")], { delivery })).toEqual([check, check, check]);
        expect(await bench.fire("f", "a")).toEqual(["appended storm-joined", "duplicate request-live"]);
        const facts = [stormSeen(subject)];
        expect((await bench.admit([stormy("d"), stormy("a"), stormy("e")], { delivery, facts })).map(told)).toEqual([
          ...["appended storm-joined", "duplicate request-live", "appended storm-joined"],
        ]);
        expect(await bench.ledger.counters()).toMatchObject({ state_cache_misses: 1, state_cache_hits: 2 });
        bench.time.now += RULES.stateTtlMs;
        expect(told(await bench.fireOne("g"))).toBe("check");
        bench.time.now += RULES.leaseMs;
        expect(told(await bench.fireOne("g"))).toBe("check");
      });

      it("that is over, as the check finds, takes nobody in", async () => {
        const { subject } = await bench.storm();
        bench.time.now += RULES.stateTtlMs;
        expect(told(await bench.fireOne("d"))).toBe("check");
        const facts = [stormEnded(subject, bench.time.now)];
        expect((await bench.admit([stormy("d"), stormy("a")], { facts })).map(told)).toEqual([
          ...["buffered window-opened", "buffered window-joined"],
        ]);
      });

      it("that a watch tells is over takes nobody in, whether it ended or is gone", async () => {
        for (const fact of [(subject: Subject) => stormEnded(subject, bench.time.now), (subject: Subject) => stormGone(subject)]) {
          await start();
          const { subject } = await bench.storm();
          expect(await bench.tell(fact(subject))).toEqual(["applied"]);
          expect(await bench.fire("d", "a", "b")).toEqual(["buffered window-opened", "buffered window-joined", "ensure threshold-reached"]);
        }
      });

      it("that a watch vouches for needs no check", async () => {
        await bench.storm(["a", "b", "c"], { session: "s1" });
        bench.time.now += RULES.stateTtlMs;
        await bench.ledger.heartbeat("s1");
        expect(await bench.fireOne("d")).toMatchObject({ outcome: "appended", request: { namespace: "shop" }, occurrences: 1 });
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", rung: "relay" });
      });

      it("that nobody can ask for takes no newcomer in, and members by time", async () => {
        const { subject } = await bench.storm();
        expect(await bench.fireOne("a", { unreachable: true })).toMatchObject({
          outcome: "duplicate",
          rung: "time",
          request: refOf(subject),
        });
        expect(told(await bench.fireOne("d", { unreachable: true }))).toBe("buffered window-opened");
        bench.time.now += RULES.fallbackTtlMs;
        expect(told(await bench.fireOne("a", { unreachable: true }))).toBe("buffered window-joined");
        expect(await bench.windows()).toMatchObject([
          { state: "buffering", members: 2 },
          { subject, members: 2, occurrences: 4 },
        ]);
        expect(told(await bench.fireOne("b", { unreachable: true, windowRules: null }))).toBe("ensure state-unknown");
        expect((await bench.windows())[1]).toMatchObject({ subject, members: 1 });
      });

      it("is not gone by where state-based deduplication is off", async () => {
        await start({ shares: BY_TIME });
        await bench.storm();
        expect(await bench.fire("a", "d")).toEqual(["duplicate within-fallback-time", "buffered window-opened"]);
      });

      it("is known by its object, also where a look names another window", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        const former = `${GROUP}.${"f".repeat(32)}`;
        const uid = "uid-of-former";
        await bench.tell(stormAdopted(subject, intent, uid, { openedAtMs: bench.time.now, members: 2 }));
        expect(await bench.tell(stormSeen(former, { uid, session: "s1", resourceVersion: "101" }))).toEqual(["applied"]);
        bench.time.now += RULES.stateTtlMs;
        await bench.ledger.heartbeat("s1");
        expect(told(await bench.fireOne("d"))).toBe("appended storm-joined");
        expect(await bench.tell(stormGone(former, "uid-of-nobody"), stormGone(former, uid))).toEqual(["dropped", "applied"]);
        expect(told(await bench.fireOne("e"))).toBe("buffered window-opened");
      });

      it("is bound by a look at the object that was made for its intent", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        expect(await bench.tell(stormSeen(subject, { intent: "another" }))).toEqual(["dropped"]);
        expect(await bench.tell(stormSeen(subject, { intent }), stormEnsured(subject, intent))).toEqual(["bound", "bound"]);
        expect(await bench.ledger.counters()).toMatchObject({ storms_detected: 1, storms_created: 1, requests_created: 1 });
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0 });
      });
    });

    describe("a storm that another was adopted for", () => {
      const adopt = async (members: number, ageMs = 0) => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(stormAdopted(subject, intent, "uid-old", { openedAtMs: bench.time.now - ageMs, members }));
        return subject;
      };

      it("goes on at its age", async () => {
        const openedAtMs = bench.time.now - 3_500_000;
        await adopt(2, 3_500_000);
        expect(await sight()).toMatchObject({ state: "live", openedAtMs, dueAtMs: openedAtMs + RULES.windowMaxMs });
        await bench.fire("d");
        expect(await sight()).toMatchObject({ dueAtMs: openedAtMs + RULES.windowMaxMs });
      });

      it("stays closed where it was", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.ledger.flush(subject);
        await bench.sweep();
        await bench.tell(stormAdopted(subject, intent, "uid-old", { openedAtMs: bench.time.now, members: 2 }));
        expect(await bench.windows()).toMatchObject([{ state: "closed", dueAtMs: null }]);
      });

      it("is as full as both, and tells the object of all its own members", async () => {
        await start({ windowAlertsMax: 8 });
        const subject = await adopt(4);
        expect(await bench.countsDue()).toMatchObject([
          { count: 3, request: { uid: "uid-old" }, through: 3, storm: { members: ["a", "b", "c"].map(lineOf) } },
        ]);
        expect(await bench.fire("d", "e")).toEqual(["appended storm-joined", "buffered window-full"]);
        expect(await bench.windows()).toMatchObject([
          { state: "buffering" },
          { subject, state: "closed", request: { name: "rr-storm-old" } },
        ]);
        expect(await bench.ledger.counters()).toMatchObject({
          requests_found: 1,
          requests_created: 0,
          storms_detected: 1,
          storms_created: 0,
        });
      });

      it("is no object for the group's next windows to adopt", async () => {
        await start({ windowAlertsMax: 3 });
        await adopt(1);
        const { subject, intent } = await bench.reach("d", "e", "f");
        expect(await bench.ledger.crew(subject, intent, 0, 1)).toMatchObject({ knownUids: ["uid-old"] });
      });
    });

    describe("members that others hold", () => {
      it("belong to their holder with their own count, and leave the window", async () => {
        const firstSeenMs = bench.time.now;
        await bench.fire("a", "b");
        await bench.fire("a");
        bench.time.now += 1_000;
        const storm = await bench.reach("c");
        const { subject, intent } = storm;
        expect(await bench.tell(held(subject, intent, "a"), held(subject, intent, "a"), held(subject, "another", "b"))).toEqual([
          ...["applied", "dropped", "dropped"],
        ]);
        expect(await crewOf(storm)).toEqual(["2b", "3c"]);
        expect(await bench.windows()).toMatchObject([{ members: 2, occurrences: 2 }]);
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", request: { name: "rr-a-1" }, occurrences: 3 });
        const slot = `${intent}:${fingerprint("a").slice(0, 16)}`;
        expect(await bench.countsDue()).toMatchObject([
          { subject: fingerprint("a"), slot, count: 3, firstSeenMs, request: { uid: "uid-a-1" } },
        ]);
        expect(await bench.ledger.counters()).toMatchObject({ requests_found: 1, requests_created: 0 });
      });

      it("leave nothing of a window that has no other", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(...["a", "b", "c"].map((word) => held(subject, intent, word)));
        expect(await bench.ledger.windows(0, 50)).toEqual({ total: 0, windows: [] });
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, buffered: 0 });
        expect(await bench.tell(stormEnsured(subject, intent))).toEqual(["dropped"]);
        expect(await bench.fire("d", "b")).toEqual(["buffered window-opened", "duplicate request-live"]);
      });

      it("leave those that joined since to be what the request is made of", async () => {
        const storm = await bench.reach("a", "b", "c");
        await bench.fire("d", "e");
        await bench.tell(held(storm.subject, storm.intent, "a"), held(storm.subject, storm.intent, "b"));
        expect(await crewOf(storm)).toEqual(["3c"]);
        await bench.tell(held(storm.subject, storm.intent, "c"));
        expect(await crewOf(storm)).toEqual(["4d", "5e"]);
      });

      it("have ended where their holder has", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        bench.time.now += 1_000;
        await bench.tell(held(subject, intent, "a", { phase: "Completed", ended: true, endedAtMs: bench.time.now }));
        expect(await bench.fireOne("a", { windowRules: null })).toMatchObject({ kind: "ensure", reason: "request-ended", occurrences: 1 });
      });

      it("fire on where their holder has ended, and nobody knows whether it was before", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        bench.time.now += 1_000;
        await bench.fire("a");
        bench.time.now += 1_000;
        await bench.tell(held(subject, intent, "a", { phase: "Failed", ended: true }));
        expect(await bench.intents()).toMatchObject([{ subject: fingerprint("a") }]);
      });

      it("have ended where their holder is gone, and are not pending again", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(held(subject, intent, "a"), gone("a"));
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 1 });
        expect(await bench.fire("a")).toEqual(["appended storm-joined"]);
      });

      it("leave a live storm to others that join", async () => {
        const { subject, intent } = await bench.storm();
        await bench.record();
        await bench.tell(...["a", "b", "c"].map((word) => held(subject, intent, word)));
        expect(await bench.windows()).toMatchObject([{ subject, state: "live", members: 0 }]);
        expect(await bench.fire("d")).toEqual(["appended storm-joined"]);
      });

      it("take back no count that an object may show", async () => {
        const { subject, intent } = await bench.storm();
        expect(await bench.tell(held(subject, intent, "a"))).toEqual(["applied"]);
        expect(await bench.windows()).toMatchObject([{ members: 2, occurrences: 3 }]);
      });
    });
  });
}
