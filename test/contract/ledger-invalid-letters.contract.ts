import { beforeEach, describe, expect, it } from "vitest";
import type { LetterFilter, Verdict } from "../../src/ports/ledger.ts";
import { call, fingerprint, firing, invalid } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const LIFE = 7 * 24 * 3_600_000;
const MAX = 1_000;

/** What every ledger promises of alerts that cannot be judged, and of letters that are discarded by what they have in common. */
export function ledgerInvalidLettersContract(name: string, open: OpenLedger): void {
  describe(`letters of invalid alerts: ${name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    const pass = (ms: number) => {
      bench.time.now += ms;
    };
    const ones = (count: number, word: string) => Array.from({ length: count }, (_, at) => invalid(`${word}-${at}`));
    const refuse = async (word: string, source = "test") => {
      const [verdict] = await bench.admit([firing(word)], { source });
      const told = { kind: "intent-dead", subject: fingerprint(word), intent: intentOf(verdict as Verdict), reason: "invalid" } as const;
      await bench.ledger.settle([{ ...told, afterMs: 1 }]);
    };
    const left = async () => {
      const { total, letters } = await bench.ledger.deadLetters(0, 500);
      expect(letters).toHaveLength(Math.min(500, total));
      return letters.map(({ id }) => id);
    };
    const named = (...words: string[]) => words.map(fingerprint);

    it("alerts of one cause are one letter, with their number, the first and the last time, and the last of them", async () => {
      const cause = (from: number) =>
        Array.from({ length: 500 }, (_, at) => ({ ...invalid("bad", `{"n":${from + at}}`), identity: `${at}` }));
      const startedMs = bench.time.now;
      for (const from of [0, 500, 1_000]) {
        await bench.admit(cause(from));
        pass(1_000);
      }
      expect(await bench.ledger.deadLetter(fingerprint("bad"))).toEqual({
        ...{ id: fingerprint("bad"), kind: "invalid", source: "test", reason: "alertname-missing", count: 1_500, retrying: false },
        ...{ firstSeenMs: startedMs, lastSeenMs: startedMs + 2_000, signalType: "prometheus-alert", payload: '{"n":1499}' },
      });
      expect(await bench.ledger.survey()).toMatchObject({ deadLetters: { invalid: 1 }, lettersDropped: [] });
      expect(await bench.admitOne(firing("good"))).toMatchObject({ kind: "ensure" });
    });

    it("one that is sent twice counts once, and is answered as the first time", async () => {
      const sent = call([invalid("bad")]);
      const first = await bench.ledger.admit(sent);
      expect(await bench.ledger.admit(sent)).toEqual(first);
      expect(await bench.ledger.deadLetter(fingerprint("bad"))).toMatchObject({ count: 1 });
    });

    it("at the cap of a source the oldest go and are counted, nobody is refused, and no request's letter goes", async () => {
      await refuse("dead");
      pass(1);
      await bench.admit([invalid("other")], { source: "other" });
      const verdicts: Verdict[] = [];
      for (const batch of ["a", "b", "c"]) {
        verdicts.push(...(await bench.admit([...ones(499, batch), firing(`good-${batch}`)])));
        pass(1);
      }
      expect(
        verdicts.map((verdict) => (verdict.kind === "settled" ? verdict.outcome : verdict.kind)).filter((word) => word === "full"),
      ).toEqual([]);
      await bench.admit([invalid("c-1"), invalid("d-0"), invalid("d-1"), invalid("d-2")]);
      const { deadLetters, lettersDropped } = await bench.ledger.survey();
      expect([deadLetters, lettersDropped]).toEqual([
        { invalid: MAX + 1, refused: 1, exhausted: 0 },
        [{ source: "test", count: 3 * 499 + 3 - MAX }],
      ]);
      const has = async (word: string) => (await bench.ledger.deadLetter(fingerprint(word))) !== null;
      expect(await Promise.all(["dead", "other", "a-0", "a-498", "b-0", "b-498", "c-0", "d-2"].map(has))).toEqual([
        ...[true, true, false, false, false, true, true, true],
      ]);
    });

    it("one that still comes is not among the oldest", async () => {
      await bench.admit(ones(500, "a"));
      pass(1);
      await bench.admit(ones(500, "b"));
      pass(1);
      await bench.admit([invalid("a-7"), ...ones(499, "c")]);
      expect(await bench.ledger.deadLetter(fingerprint("a-7"))).toMatchObject({ count: 2 });
      expect((await bench.ledger.survey()).lettersDropped).toEqual([{ source: "test", count: 499 }]);
    });

    it("requests have their room, however many alerts are invalid", async () => {
      for (const batch of ["a", "b", "c"]) await bench.admit(ones(400, batch));
      await refuse("dead");
      expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, deadLetters: { invalid: MAX, refused: 1 } });
    });

    it("what is over goes by itself, uncounted, and is a new letter when it comes again", async () => {
      await bench.admit(ones(MAX / 2, "a"));
      await bench.admit([...ones(499, "b"), invalid("again")]);
      await bench.admit([invalid("again")]);
      pass(LIFE);
      expect([await left(), await bench.ledger.deadLetter(fingerprint("again"))]).toEqual([[], null]);
      expect(await bench.admitOne(invalid("again"))).toMatchObject({ outcome: "quarantined", occurrences: 1 });
      await bench.admit(ones(500, "c"));
      expect([(await left()).length, (await bench.ledger.survey()).lettersDropped]).toEqual([500, []]);
    });

    describe("letters are discarded", () => {
      /** All that are meant, a few at a time, as discardLetters of the flows does. */
      const discardAll = async (filter: LetterFilter, limit = 2) => {
        let [discarded, next] = [0, undefined as string | undefined];
        for (;;) {
          const found = await bench.ledger.findLetters(filter, limit, next);
          expect(found.ids.length).toBeLessThanOrEqual(limit);
          discarded += await bench.ledger.discardLetters(found.ids, filter);
          if (found.next === null) return discarded;
          next = found.next;
        }
      };
      let middleMs: number;
      beforeEach(async () => {
        for (const source of ["test", "other"]) await bench.admit([invalid(`${source}-old`)], { source });
        await refuse("dead-old");
        await refuse("others-old", "other");
        pass(10);
        middleMs = bench.time.now;
        for (const source of ["test", "other"]) await bench.admit([invalid(`${source}-new`)], { source });
        await refuse("dead-new");
      });

      it.each([
        [{ kind: "invalid" }, ["dead-new", "others-old", "dead-old"]],
        [{ kind: "refused" }, ["other-new", "test-new", "test-old", "other-old"]],
        [{ kind: "exhausted" }, ["dead-new", "other-new", "test-new", "others-old", "dead-old", "test-old", "other-old"]],
        [{ source: "test" }, ["other-new", "others-old", "other-old"]],
        [{ kind: "invalid", source: "other" }, ["dead-new", "test-new", "others-old", "dead-old", "test-old"]],
        [{ kind: "refused", source: "other" }, ["dead-new", "other-new", "test-new", "dead-old", "test-old", "other-old"]],
        [{ source: "tes" }, ["dead-new", "other-new", "test-new", "others-old", "dead-old", "test-old", "other-old"]],
      ] as const)("by kind and source, and no others: %j", async (filter, stays) => {
        expect(await discardAll(filter)).toBe(7 - stays.length);
        expect((await left()).toSorted()).toEqual(named(...stays).toSorted());
        expect(await discardAll(filter)).toBe(0);
      });

      it("by age: those last seen before a time", async () => {
        await bench.admit([invalid("test-old")]);
        expect(await discardAll({ beforeMs: middleMs })).toBe(3);
        const stays = ["dead-new", "other-new", "test-new", "test-old"];
        expect((await left()).toSorted()).toEqual(named(...stays).toSorted());
        expect(await discardAll({ kind: "invalid", source: "test", beforeMs: middleMs + 1 })).toBe(2);
        expect((await left()).toSorted()).toEqual(named("dead-new", "other-new").toSorted());
      });

      it("as far as they are still meant: one that was seen meanwhile stays, and the same call again does nothing", async () => {
        const filter = { beforeMs: middleMs, source: "test" };
        const { ids } = await bench.ledger.findLetters(filter, 10);
        expect(ids.toSorted()).toEqual(named("dead-old", "test-old").toSorted());
        await bench.admit([invalid("test-old"), firing("dead-old")]);
        expect(await bench.ledger.discardLetters(ids, filter)).toBe(0);
        expect(await bench.ledger.discardLetters(named("test-new", "unknown"), { kind: "refused" })).toBe(0);
        expect(await bench.ledger.discardLetters(named("test-new", "test-new"), {})).toBe(1);
      });

      it("and each as by itself: its request is tried no more, and the next alert starts anew", async () => {
        await bench.ledger.replay(fingerprint("dead-old"));
        expect(await discardAll({ kind: "refused", source: "test" })).toBe(2);
        expect((await bench.ledger.survey()).openIntents).toBe(0);
        expect(await bench.admitOne(firing("dead-old"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
        expect(await discardAll({ kind: "invalid", source: "test" })).toBe(2);
        expect(await bench.admitOne(invalid("test-old"))).toMatchObject({ occurrences: 1 });
      });

      it("only as often counted as its discarder has seen", async () => {
        const id = fingerprint("test-old");
        await bench.admit([invalid("test-old")]);
        expect([await bench.ledger.discard(id, 1), await bench.ledger.discard(id, 2), await bench.ledger.discard(id, 2)]).toEqual([
          ...[false, true, false],
        ]);
      });
    });

    it("a few of one kind are found among a thousand of another, in one call and the next", async () => {
      for (const batch of ["a", "b"]) await bench.admit(ones(500, batch));
      pass(1);
      await refuse("dead");
      const filter = { kind: "refused", source: "test" } as const;
      const first = await bench.ledger.findLetters(filter, 100);
      expect(first).toEqual({ ids: [], next: expect.any(String) });
      expect(await bench.ledger.findLetters(filter, 100, first.next ?? "")).toEqual({ ids: named("dead"), next: null });
    });
  });
}
