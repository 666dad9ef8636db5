import { beforeEach, describe, expect, it } from "vitest";
import { CARRIED_MAX } from "../../src/domain/ledger-limits.ts";
import type { Subject } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, GROUP, resolved, WINDOW_RULES } from "../support/ledger-builders.ts";
import { held, lineOf, stormEnded, stormEnsured, stormGone, stormSeen, stormy } from "../support/storm-builders.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const wordOf = (whose: string): string =>
  whose.replace(/(?:00)+$/, "").replace(/../g, (code) => String.fromCharCode(Number.parseInt(code, 16)));

/** What every ledger promises to the members of a storm whose request is over, can never be made, or is to be closed by hand. */
export function ledgerStormEndsContract(name: string, open: OpenLedger): void {
  describe(`ends of storms: ${name}`, () => {
    let bench: StormBench;
    const start = async (rules: Parameters<typeof openStormBench>[1] = {}) => {
      bench = await openStormBench(open, rules);
    };
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    /** Whose own requests are due, by word. */
    const alone = async () =>
      (await bench.intents()).map(({ subject }) => (subject.length === 64 ? wordOf(subject) : "a storm")).toSorted();
    const end = (subject: Subject, agoMs: number) => bench.tell(stormEnded(subject, bench.time.now - agoMs));
    beforeEach(() => start());

    describe("resolved", () => {
      it("is a storm with its last member, until one fires or joins again", async () => {
        const { subject } = await bench.storm();
        await bench.record();
        bench.time.now += 5_000;
        for (const word of ["a", "b"]) expect(told(await bench.resolve(word))).toBe("resolved last-instance-resolved");
        await bench.resolve("b");
        expect(await bench.countsDue()).toEqual([]);
        await bench.resolve("c");
        const resolvedAtMs = bench.time.now;
        expect(await bench.record("102")).toMatchObject([{ subject, count: 3, resolvedAtMs }]);
        bench.time.now += 5_000;
        await bench.fireOne("a", { startsAtMs: 2_000 });
        expect(await bench.record("103")).toMatchObject([{ count: 4, resolvedAtMs: null }]);
        bench.time.now += 5_000;
        await bench.fireOne("b", { startsAtMs: 2_000 });
        await bench.resolve("a", { startsAtMs: 2_000 });
        expect(await bench.record("104")).toMatchObject([{ count: 5, resolvedAtMs: null }]);
        bench.time.now += 5_000;
        await bench.resolve("b", { startsAtMs: 2_000 });
        expect(await bench.record("105")).toMatchObject([{ resolvedAtMs: bench.time.now }]);
        bench.time.now += 5_000;
        await bench.admit([stormy("d")], { facts: [stormSeen(subject)] });
        expect(await bench.countsDue()).toMatchObject([{ count: 6, resolvedAtMs: null }]);
      });

      it("is a storm before its object is known, and without members that others hold", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c", "d", "e");
        await bench.admit(["a", "d"].map((word) => resolved(word)));
        await bench.tell(...["a", "b", "e"].map((word) => held(subject, intent, word)));
        await bench.resolve("c");
        await bench.tell(stormEnsured(subject, intent));
        const due = await bench.countsDue();
        expect(due.find((count) => count.subject === subject)).toMatchObject({ count: 2, resolvedAtMs: bench.time.now });
      });
    });

    describe("over, a storm", () => {
      it("hands on who joined too late to be in its request and still fires", async () => {
        const { subject } = await bench.storm();
        await bench.record();
        later(1_000);
        expect(await bench.fire("d", "e")).toEqual(["appended storm-joined", "appended storm-joined"]);
        await bench.resolve("e");
        later(1_000);
        expect(await end(subject, 0)).toEqual(["applied"]);
        await bench.sweepAll();
        expect(await alone()).toEqual(["d"]);
        expect(
          (await Promise.all(["a", "d", "e"].map((word) => bench.ledger.receipt(stormy(word))))).map((receipt) => receipt?.state),
        ).toEqual([...["ended", "pending", "ended"]]);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 1, storms_detected: 1 });
      });

      it("hands on who was never listed where it was adopted, and nobody whom its object lists", async () => {
        for (const [lists, expected] of [
          [false, ["a", "b", "c", "d"]],
          [true, ["d"]],
        ] as const) {
          await start();
          const { subject, intent } = await bench.reach("a", "b", "c");
          const fact = { ...stormEnsured(subject, intent, { intent: "another" }), adopted: { openedAtMs: bench.time.now, members: 2 } };
          await bench.tell({ ...fact, outcome: "existing" });
          if (lists) await bench.record();
          await bench.fire("d");
          await end(subject, 0);
          later(1_000);
          await bench.sweepAll();
          const crewed = (await bench.windows()).flatMap(({ members, state }) => (state === "pending" ? [members] : []));
          expect(lists ? await alone() : crewed).toEqual(lists ? expected : [expected.length]);
        }
      });

      it("hands on who fired after its end and is not resolved, with a count of its own that begins again", async () => {
        const { subject } = await bench.storm();
        await bench.record();
        later(10_000);
        await bench.fire("a", "b", "a");
        await bench.resolve("b");
        await end(subject, 5_000);
        await bench.sweepAll();
        const { intents, counts } = await bench.ledger.lease(10);
        expect(intents).toMatchObject([{ subject: fingerprint("a"), buffered: true, tries: 1 }]);
        expect(counts).toMatchObject([{ subject, count: 5, storm: { members: [] } }]);
        await bench.tell(ensured("a", intents[0]?.intent as string));
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", occurrences: 2 });
        expect(await bench.countsDue()).toMatchObject([{ subject: fingerprint("a"), count: 2 }]);
      });

      it("hands nobody on who fired before its end", async () => {
        const { subject } = await bench.storm();
        later(10_000);
        await bench.fire("a");
        later(10_000);
        await end(subject, 5_000);
        await bench.sweepAll();
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, buffered: 0 });
      });

      it("leads at once to one more storm of those handed on where they reach the threshold", async () => {
        const { subject } = await bench.storm(["a", "b", "c", "d"]);
        later(10_000);
        await bench.fire("a", "b", "c");
        await end(subject, 5_000);
        expect(await bench.sweepAll()).toBe(1);
        const [next, ...others] = await bench.intents();
        expect(others).toEqual([]);
        expect(next).toMatchObject({ subject: expect.stringContaining(`${GROUP}.`), tries: 1, draft: null });
        const crew = await bench.ledger.crew(next?.subject as string, next?.intent as string, 0, 10);
        expect(crew?.members.map(({ fingerprint: whose }) => wordOf(whose))).toEqual(["a", "b", "c"]);
        expect(await bench.ledger.window(next?.subject as string, 0, 0)).toMatchObject({ window: { members: 3, occurrences: 3 } });
        expect(await bench.fire("d", "a")).toEqual(["appended storm-joined", "duplicate request-pending"]);
        expect(await bench.ledger.counters()).toMatchObject({ storms_detected: 2, windows_expired: 0 });
      });

      it("makes the request of very many with as many as one call brings, and tells of the others by counts", async () => {
        await start({ windowAlertsMax: 1_000 });
        const words = Array.from({ length: CARRIED_MAX + 20 }, (_, at) => `w${at}`);
        const { subject } = await bench.storm(["a", "b", "c"]);
        await bench.fire(...words.slice(0, 300));
        await bench.fire(...words.slice(300));
        later(10_000);
        await end(subject, 5_000);
        await bench.sweepAll(1_000);
        const [next] = await bench.intents();
        const crew = await bench.ledger.crew(next?.subject as string, next?.intent as string, 0, 1_000);
        expect(crew?.members).toHaveLength(CARRIED_MAX);
        await bench.ledger.fact([stormEnsured(next?.subject as string, next?.intent as string)]);
        const [count] = (await bench.countsDue()).filter((one) => one.subject === next?.subject);
        expect(count).toMatchObject({ count: words.length });
        expect(count?.storm?.members).toHaveLength(words.length);
      });

      it("is forgotten once it is swept and its object was told the rest", async () => {
        const { subject } = await bench.storm();
        await end(subject, 0);
        await bench.sweepAll();
        expect(await bench.windows()).toMatchObject([{ subject, state: "ended", members: 0, dueAtMs: null }]);
        expect(await bench.record("901")).toMatchObject([{ count: 3, storm: { members: [] } }]);
        expect(await bench.ledger.windows(0, 50)).toEqual({ total: 0, windows: [] });
        expect(await bench.tell(stormSeen(subject, { resourceVersion: "902" }))).toEqual(["dropped"]);
        const next = await bench.reach("d", "e", "f");
        expect(await bench.ledger.crew(next.subject, next.intent, 0, 1)).toMatchObject({ knownUids: [] });
        await bench.tell(stormEnsured(next.subject, next.intent), stormEnded(next.subject, bench.time.now));
        await bench.sweepAll();
        await bench.record("903");
        expect(await bench.ledger.lease(10)).toMatchObject({ sweepDue: false, nextInMs: null });
      });

      it("is told no member any more, and one that was told too late counts as not listed", async () => {
        const { subject } = await bench.storm();
        await bench.fire("d");
        const [leased] = await bench.countsDue();
        expect(leased?.storm?.members).toHaveLength(4);
        later(1_000);
        await end(subject, 0);
        later(5_000);
        expect(await bench.countsDue()).toMatchObject([{ count: 4, through: 0, storm: { members: [] } }]);
        if (leased) await bench.recorded(leased, "950");
        await bench.sweepAll();
        expect(await alone()).toEqual(["d"]);
      });

      it("whose list was erased before its end hands on only those it was not made of", async () => {
        const { subject } = await bench.storm();
        await bench.fire("d");
        await bench.record();
        await bench.tell(stormSeen(subject, { resourceVersion: "102" }, { slots: {}, resolvedAtMs: null, members: 0 }));
        await end(subject, 0);
        later(1_000);
        await bench.sweepAll();
        expect(await alone()).toEqual(["d"]);
      });

      it("that is gone does the same, and what it was still owed is lost", async () => {
        const { subject } = await bench.storm();
        later(10_000);
        await bench.fire("d");
        expect(await bench.tell(stormGone(subject), stormGone(subject))).toEqual(["applied", "dropped"]);
        await bench.sweepAll();
        expect(await alone()).toEqual(["d"]);
        expect(await bench.ledger.counters()).toMatchObject({ counts_lost: 1 });
        expect(await bench.ledger.windows(0, 50)).toMatchObject({ total: 0 });
      });

      it("that went before its ensure has answered is pending again, with all its members", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(stormSeen(subject, { intent, uid: "taken-back" }), stormGone(subject, "taken-back"));
        expect(await bench.windows()).toMatchObject([{ state: "pending", members: 3, request: null }]);
        expect(await bench.fire("a")).toEqual(["duplicate request-pending"]);
        later(5_000);
        expect(await bench.intents()).toMatchObject([{ subject, intent }]);
      });

      it("hands on nobody who has found another window by then", async () => {
        const { subject } = await bench.storm();
        later(10_000);
        await bench.fire("a", "b");
        await end(subject, 5_000);
        expect(await bench.fire("a")).toEqual(["buffered window-opened"]);
        expect(await bench.fireOne("c", { windowRules: null })).toMatchObject({ kind: "ensure", reason: "request-ended" });
        await bench.sweepAll();
        expect(await alone()).toEqual(["b"]);
        later(WINDOW_RULES.firstRequestMs);
        await bench.sweepAll();
        expect(await alone()).toEqual(["a", "b", "c"]);
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 3, buffered: 0 });
      });

      it("is swept a part at a time, by several at once or again, with one outcome for each member", async () => {
        const words = ["a", "b", "c", "d", "e", "f", "g"];
        const { subject } = await bench.storm(words);
        later(10_000);
        await bench.fire(...words);
        await end(subject, 5_000);
        const again = { operation: call([]).operation, limit: 2 };
        expect(await bench.ledger.sweep(again)).toBe(true);
        expect(await bench.windows()).toMatchObject([
          { subject, state: "ended", members: 5 },
          { state: "buffering", members: 2, dueAtMs: null },
        ]);
        expect(await bench.fire("h")).toEqual(["buffered window-opened"]);
        await Promise.all([bench.ledger.sweep(again), bench.sweep(2), bench.sweep(1)]);
        await bench.sweepAll(1);
        const [next, ...others] = await bench.intents();
        expect(others).toEqual([]);
        const crew = await bench.ledger.crew(next?.subject as string, next?.intent as string, 0, 10);
        expect(crew?.members.map(({ fingerprint: whose }) => wordOf(whose)).toSorted()).toEqual(words);
        expect(await bench.ledger.counters()).toMatchObject({ storms_detected: 2, windows_expired: 0 });
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 1, buffered: 1 });
      });
    });

    describe("refused, a storm", () => {
      it("gives each member a request of its own, with its count, and leaves nothing behind", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.fire("d", "a");
        const refused = { kind: "storm-refused", subject, intent, reason: "invalid" } as const;
        await bench.ledger.settle([refused]);
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, buffered: 4 });
        expect(await bench.windows()).toMatchObject([{ state: "expired", members: 4, occurrences: 5 }]);
        expect(await bench.ledger.lease(10)).toMatchObject({ intents: [], sweepDue: true });
        expect(await bench.fire("e", "b")).toEqual(["buffered window-opened", "buffered waits-in-window"]);
        await bench.sweepAll(3);
        await bench.ledger.settle([refused]);
        expect(await alone()).toEqual(["a", "b", "c", "d"]);
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", occurrences: 3 });
        expect(await bench.windows()).toMatchObject([{ state: "buffering", members: 1 }]);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 0, storms_detected: 1 });
      });

      it("by a late answer stays what it is", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.ledger.settle([{ kind: "storm-refused", subject, intent: "another", reason: "invalid" }]);
        await bench.tell(stormEnsured(subject, intent));
        await bench.ledger.settle([{ kind: "storm-refused", subject, intent, reason: "invalid" }]);
        expect(await bench.windows()).toMatchObject([{ state: "live", members: 3 }]);
      });

      it("for now is tried again when told", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.ledger.settle([{ kind: "intent-failed", subject, intent, reason: "timeout", afterMs: 7_000 }]);
        later(6_999);
        expect(await bench.intents()).toEqual([]);
        later(1);
        expect(await bench.intents()).toMatchObject([{ subject, intent, tries: 2 }]);
      });
    });

    describe("flushed by hand, a window", () => {
      const flushed = async () => (await bench.windows()).map(({ subject }) => bench.ledger.flush(subject));

      it("below its threshold is due at once", async () => {
        await bench.fire("a", "b");
        expect(await Promise.all(await flushed())).toEqual([true]);
        expect((await bench.ledger.lease(10)).sweepDue).toBe(true);
        await bench.sweepAll();
        expect(await alone()).toEqual(["a", "b"]);
      });

      it("of a storm closes with the next sweep or alert, whatever became of its request", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        expect(await bench.ledger.flush(subject)).toBe(true);
        expect(await bench.fire("d")).toEqual(["buffered window-opened"]);
        await bench.tell(stormEnsured(subject, intent));
        expect(await bench.countsDue()).toMatchObject([{ storm: { closedAtMs: bench.time.now, members: ["a", "b", "c"].map(lineOf) } }]);
      });

      it("that is closed, expired, over or unknown says so and stays as it is", async () => {
        const { subject } = await bench.storm();
        await bench.ledger.flush(subject);
        await bench.sweep();
        await bench.fire("d", "e");
        later(WINDOW_RULES.firstRequestMs);
        await bench.sweep(1);
        const before = await bench.windows();
        expect(before.map(({ state }) => state)).toEqual(["expired", "closed"]);
        expect(await Promise.all(await flushed())).toEqual([false, false]);
        await bench.tell(stormEnded(subject, bench.time.now));
        expect(await bench.ledger.flush(subject)).toBe(false);
        expect(await bench.ledger.flush(`${GROUP}.${"0".repeat(32)}`)).toBe(false);
        expect(await bench.ledger.flush(fingerprint("a"))).toBe(false);
      });
    });
  });
}
