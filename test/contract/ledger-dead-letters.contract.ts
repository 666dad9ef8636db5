import { beforeEach, describe, expect, it } from "vitest";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Settlement, Verdict } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, invalid, RULES, resolved, seen, WINDOW_RULES } from "../support/ledger-builders.ts";
import { type Bench, intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const DAY = 24 * 3_600_000;
const RETRY = 300_000;
const LIFE = 7 * DAY;

/** What every ledger promises of requests that cannot be made, and of the letters that they become. */
export function ledgerDeadLettersContract(name: string, open: OpenLedger): void {
  describe(`dead letters: ${name}`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await openBench(open);
    });
    const id = fingerprint("x");
    const settled = (kind: "intent-failed" | "intent-dead", word: string, intent: string, reason: Trouble = "forbidden"): Settlement => ({
      ...{ kind, subject: fingerprint(word), intent, reason, afterMs: 20_000 },
    });
    const fail = (word: string, intent: string, reason?: Trouble) => bench.ledger.settle([settled("intent-failed", word, intent, reason)]);
    const refuse = (word: string, intent: string) => bench.ledger.settle([settled("intent-dead", word, intent, "invalid")]);
    /** An alert whose request was refused; names the intent. */
    const kill = async (word: string, over: Parameters<typeof firing>[1] = {}) => {
      const intent = intentOf(await bench.admitOne(firing(word, over)));
      await refuse(word, intent);
      return intent;
    };
    const pass = (ms: number) => {
      bench.time.now += ms;
    };
    const letters = async () => (await bench.ledger.deadLetters(0, 10)).letters.map(({ id: whose, kind, reason }) => [whose, kind, reason]);
    const waits = async () => {
      const { openIntents, deadLetters } = await bench.ledger.survey();
      return { openIntents, ...deadLetters };
    };
    const NONE = { invalid: 0, refused: 0, exhausted: 0 };

    describe("a refusal", () => {
      it("is a letter at once, which tells what it is about, and nothing is tried any more", async () => {
        await kill("x");
        expect(await bench.ledger.deadLetter(id)).toEqual({
          ...{ id, kind: "refused", source: "test", reason: "invalid", count: 1, signalType: "prometheus-alert", retrying: false },
          ...{ firstSeenMs: bench.time.now, lastSeenMs: bench.time.now, payload: "{}" },
        });
        expect(await waits()).toEqual({ openIntents: 0, ...NONE, refused: 1 });
        pass(RULES.leaseMs);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
      });

      it("told twice is one, and of another intent, or of one that was confirmed, is none", async () => {
        const intent = await kill("x");
        await refuse("x", intent);
        await bench.create("y");
        await refuse("y", "other");
        expect([await letters(), (await bench.ledger.survey()).failures]).toEqual([
          [[id, "refused", "invalid"]],
          [{ reason: "invalid", count: 1 }],
        ]);
      });

      it("of a storm leaves its members a request each, and is counted", async () => {
        const verdicts = await bench.admit(["a", "b", "c"].map((word) => firing(word, { windowRules: WINDOW_RULES })));
        const { subject, intent } = verdicts[2] as Extract<Verdict, { kind: "ensure" }>;
        const told: Settlement = { kind: "storm-refused", subject, intent, reason: "too-large" };
        await bench.ledger.settle([told, told]);
        await bench.ledger.sweep({ operation: "f".repeat(32), limit: 10 });
        expect([await waits(), (await bench.ledger.survey()).failures]).toEqual([
          { openIntents: 3, ...NONE },
          [{ reason: "too-large", count: 1 }],
        ]);
      });
    });

    describe("any other failure", () => {
      it("is tried again for a day from when the intent was written, by the ledger's time, each try counted by its reason", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await fail("x", intent, "quota");
        await fail("x", intent, "quota");
        pass(DAY - 1);
        await fail("x", intent, "forbidden");
        expect(await waits()).toEqual({ openIntents: 1, ...NONE });
        pass(1);
        await fail("x", intent, "quota");
        await fail("x", intent, "quota");
        expect([await letters(), (await bench.ledger.survey()).failures]).toEqual([
          [[id, "exhausted", "quota"]],
          [
            { reason: "forbidden", count: 1 },
            { reason: "quota", count: 2 },
          ],
        ]);
      });

      it("of a storm dissolves it after a day", async () => {
        const verdicts = await bench.admit(["a", "b", "c"].map((word) => firing(word, { windowRules: WINDOW_RULES })));
        const { subject, intent } = verdicts[2] as Extract<Verdict, { kind: "ensure" }>;
        const failed: Settlement = { kind: "intent-failed", subject, intent, reason: "forbidden", afterMs: 20_000 };
        pass(DAY - 1);
        await bench.ledger.settle([failed]);
        expect(await waits()).toEqual({ openIntents: 1, ...NONE });
        pass(1);
        await bench.ledger.settle([failed, failed]);
        await bench.ledger.sweep({ operation: "f".repeat(32), limit: 10 });
        expect(await waits()).toEqual({ openIntents: 3, ...NONE });
      });
    });

    it("a source that has a thousand of requests keeps its intents open, and they are tried again", async () => {
      bench = await openBench(open, { intentsMax: 10_000 });
      const killAll = async (namespace: string) => {
        const some = Array.from({ length: 200 }, (_, at) => `${namespace}-${at}`);
        const verdicts = await bench.admit(some.map((word) => firing(word, { namespace })));
        await bench.ledger.settle(some.map((word, at) => settled("intent-dead", word, intentOf(verdicts[at] as Verdict), "invalid")));
      };
      for (const namespace of ["a", "b", "c", "d", "e"]) await killAll(namespace);
      await bench.admitOne(invalid("bad"));
      const intent = intentOf(await bench.admitOne(firing("x")));
      const [other] = await bench.admit([firing("y")], { source: "other" });
      await refuse("x", intent);
      await refuse("y", intentOf(other as Verdict));
      expect(await waits()).toEqual({ openIntents: 1, ...NONE, invalid: 1, refused: 1_001 });
      pass(20_000 - 1);
      expect((await bench.ledger.lease(10)).intents).toEqual([]);
      pass(1);
      expect((await bench.ledger.lease(10)).intents).toMatchObject([{ subject: id, intent }]);
      expect(await bench.ledger.discard(fingerprint("a-1"))).toBe(true);
      await refuse("x", intent);
      expect(await waits()).toEqual({ openIntents: 0, ...NONE, invalid: 1, refused: 1_001 });
      // One that has its letter needs no other.
      pass(RETRY);
      intentOf(await bench.admitOne(firing("x")));
      await refuse("x", intent);
      expect(await waits()).toEqual({ openIntents: 0, ...NONE, invalid: 1, refused: 1_001 });
    });

    describe("an alert whose request is a letter", () => {
      it("counts on it, and is told why", async () => {
        await kill("x");
        pass(1_000);
        expect(await bench.admitOne(firing("x", { instance: "b" }))).toEqual({
          ...{ kind: "settled", outcome: "quarantined", reason: "request-refused", request: null, occurrences: 2, rung: "cache" },
        });
        expect(await bench.ledger.deadLetter(id)).toMatchObject({ count: 2, lastSeenMs: bench.time.now });
        expect(await bench.ledger.counters()).toMatchObject({ quarantined: 1, deduplication_hits: 0 });
        const intent = intentOf(await bench.admitOne(firing("y")));
        pass(DAY);
        await fail("y", intent);
        expect(await bench.admitOne(firing("y"))).toMatchObject({ outcome: "quarantined", reason: "retries-exhausted" });
      });

      it("is told so by a repeat of the delivery that it came with", async () => {
        const sent = call([firing("x")]);
        const [verdict] = await bench.ledger.admit(sent);
        await refuse("x", intentOf(verdict as Verdict));
        expect(await bench.ledger.admit(sent)).toMatchObject([{ outcome: "quarantined", reason: "request-refused", occurrences: 1 }]);
        await bench.ledger.discard(id);
        expect(await bench.ledger.admit(sent)).toMatchObject([{ outcome: "accepted", request: null, occurrences: 1 }]);
      });

      it("adds nothing as an event that was counted, and counts what fires again after its resolve", async () => {
        await kill("x", { event: { uid: "e", count: 3, lastMs: null } });
        expect(await bench.admitOne(firing("x", { event: { uid: "e", count: 3, lastMs: null } }))).toMatchObject({
          ...{ outcome: "ignored", reason: "event-already-counted", occurrences: 1 },
        });
        await bench.admitOne(resolved("x"));
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "quarantined", reason: "request-refused", occurrences: 2 });
      });

      it("tries for it again after five minutes, one alone, under the same intent, which is its caller's", async () => {
        const intent = await kill("x");
        pass(RETRY - 1);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "quarantined" });
        pass(1);
        const sent = call([firing("x"), firing("x", { instance: "b" })]);
        const verdicts = await bench.ledger.admit(sent);
        expect(verdicts).toMatchObject([
          { kind: "ensure", subject: id, intent, reason: "request-retried", occurrences: 3 },
          { outcome: "duplicate", reason: "request-pending", occurrences: 4 },
        ]);
        expect(await bench.ledger.admit(sent)).toMatchObject([{ kind: "ensure", subject: id, intent, reason: "request-retried" }, {}]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", reason: "request-pending" });
        expect(await bench.ledger.deadLetter(id)).toMatchObject({ retrying: true });
        pass(RULES.leaseMs - 1);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        pass(1);
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ subject: id, intent, tries: 2 }]);
      });

      it("costs one try: what fails again is a letter again, for another five minutes", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        pass(DAY);
        await fail("x", intent, "quota");
        pass(RETRY);
        intentOf(await bench.admitOne(firing("x")));
        expect((await bench.ledger.survey()).oldestIntentMs).toBe(0);
        pass(1_000);
        await fail("x", intent, "forbidden");
        expect(await letters()).toEqual([[id, "exhausted", "forbidden"]]);
        pass(RETRY - 1);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "quarantined", occurrences: 3 });
        pass(1);
        intentOf(await bench.admitOne(firing("x")));
        await refuse("x", intent);
        expect(await letters()).toEqual([[id, "refused", "invalid"]]);
      });

      it("waits with its letter while there is no room for another intent", async () => {
        bench = await openBench(open, { intentsMax: 1 });
        await kill("x");
        await bench.admitOne(firing("y"));
        pass(RETRY);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "quarantined" });
        expect(await bench.ledger.replay(id)).toBe("full");
      });

      it("that is resolved says so, and its letter stays", async () => {
        const intent = await kill("x");
        pass(1_000);
        expect(await bench.admitOne(resolved("x"))).toMatchObject({ outcome: "resolved", reason: "last-instance-resolved" });
        expect(await letters()).toEqual([[id, "refused", "invalid"]]);
        await bench.ledger.fact([ensured("x", intent)]);
        expect(await bench.countsDue()).toMatchObject([{ count: 1, resolvedAtMs: bench.time.now }]);
      });
    });

    describe("a request that is made after all", () => {
      it("ends its letter, and is owed what was counted on it", async () => {
        const intent = await kill("x");
        pass(RETRY);
        await bench.admitOne(firing("x"));
        expect(await bench.ledger.fact([ensured("x", intent)])).toMatchObject([{ kind: "bound", occurrences: 2 }]);
        expect(await waits()).toEqual({ openIntents: 0, ...NONE });
        expect(await bench.ledger.deadLetter(id)).toBeNull();
        expect(await bench.countsDue()).toMatchObject([{ slot: intent, count: 2 }]);
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", reason: "request-live" });
      });

      it.each(["ensured", "seen"] as const)("is believed where it is %s while nobody tries: an answer was late", async (kind) => {
        const intent = await kill("x");
        const fact = kind === "ensured" ? ensured("x", intent) : seen("x", { intent });
        expect(await bench.ledger.fact([fact])).toMatchObject([{ kind: "bound" }]);
        expect(await waits()).toEqual({ openIntents: 0, ...NONE });
      });
    });

    describe("seven days after it was last seen", () => {
      it("a letter is gone, and the next alert starts anew", async () => {
        const intent = await kill("x");
        pass(LIFE - 1);
        await bench.admitOne(firing("y"));
        expect((await bench.ledger.receipt({ fingerprint: id }))?.state).toBe("dead");
        pass(1);
        expect([await letters(), await bench.ledger.deadLetter(id), await bench.ledger.discard(id), await bench.ledger.replay(id)]).toEqual(
          [...[[], null, false, "unknown"]],
        );
        expect(await bench.ledger.foresee(call([firing("x")]))).toMatchObject([{ kind: "ensure", reason: "request-ended" }]);
        expect((await bench.ledger.receipt({ fingerprint: id }))?.state).toBe("ended");
        expect(intentOf(await bench.admitOne(firing("x")))).not.toBe(intent);
        expect(await waits()).toMatchObject({ refused: 0 });
      });
    });

    describe("a discard", () => {
      it("forgets a letter of either sort, once", async () => {
        await kill("x");
        await bench.admitOne(invalid("bad"));
        for (const whose of [id, fingerprint("bad")]) {
          expect(await bench.ledger.discard(whose)).toBe(true);
          expect(await bench.ledger.discard(whose)).toBe(false);
        }
        await bench.create("live");
        expect(await bench.ledger.discard(fingerprint("live"))).toBe(false);
        expect([await letters(), await bench.ledger.deadLetter(id)]).toEqual([[], null]);
        expect(await bench.admitOne(invalid("bad"))).toMatchObject({ occurrences: 1 });
      });

      it("also stops what is being tried, and the next alert starts anew", async () => {
        const intent = await kill("x");
        await bench.ledger.replay(id);
        await bench.ledger.discard(id);
        expect(await waits()).toEqual({ openIntents: 0, ...NONE });
        expect(await bench.ledger.fact([ensured("x", intent)])).toMatchObject([{ kind: "dropped" }]);
        const verdict = await bench.admitOne(firing("x"));
        expect([verdict.kind, intentOf(verdict) === intent]).toEqual(["ensure", false]);
      });
    });

    describe("a replay", () => {
      it("opens the intent, due now, also when it is told twice, and the letter stays until the request is there", async () => {
        const intent = await kill("x");
        pass(60_000);
        expect([await bench.ledger.replay(id), await bench.ledger.replay(id)]).toEqual(["opened", "opened"]);
        expect(await waits()).toEqual({ openIntents: 1, ...NONE, refused: 1 });
        expect((await bench.ledger.lease(10)).intents).toMatchObject([{ subject: id, intent, tries: 2 }]);
        await bench.ledger.replay(id);
        expect((await bench.ledger.lease(10)).intents).toEqual([]);
        const events = (await bench.ledger.receipt({ fingerprint: id }))?.steps.map(({ event, reason, times }) => [event, reason, times]);
        expect(events).toEqual([
          ["accepted", "new", 1],
          ["dead-lettered", "request-refused", 1],
          ["letter-replayed", null, 1],
        ]);
      });

      it("gives it another day", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        pass(DAY);
        await fail("x", intent);
        await bench.ledger.replay(id);
        pass(DAY - 1);
        await fail("x", intent);
        expect(await waits()).toMatchObject({ openIntents: 1 });
        pass(1);
        await fail("x", intent);
        expect(await waits()).toEqual({ openIntents: 0, ...NONE, exhausted: 1 });
      });

      it("changes nothing of an invalid alert, and finds no other letters", async () => {
        await bench.admitOne(invalid("bad"));
        await bench.create("live");
        const replays = [fingerprint("bad"), fingerprint("live"), fingerprint("unknown")].map((whose) => bench.ledger.replay(whose));
        expect(await Promise.all(replays)).toEqual(["invalid", "unknown", "unknown"]);
        expect(await waits()).toEqual({ openIntents: 0, ...NONE, invalid: 1 });
      });
    });

    it("letters are listed by kind or all, page by page, latest first, and counted, with the age of the oldest", async () => {
      expect((await bench.ledger.survey()).deadLetterOldestMs).toBeNull();
      await kill("a");
      pass(10);
      await bench.admitOne(invalid("b"));
      pass(10);
      await kill("c");
      pass(10);
      await bench.admitOne(firing("a"));
      const list = async (offset: number, limit: number, kind?: "invalid" | "refused" | "exhausted") => {
        const { total, letters: page } = await bench.ledger.deadLetters(offset, limit, kind);
        return [total, ...page.map(({ id: whose }) => whose.slice(0, 2))];
      };
      expect(await list(0, 10)).toEqual([3, "61", "63", "62"]);
      expect(await list(1, 1)).toEqual([3, "63"]);
      expect(await list(0, 10, "refused")).toEqual([2, "61", "63"]);
      expect(await list(1, 1, "refused")).toEqual([2, "63"]);
      expect([await list(0, 10, "invalid"), await list(0, 10, "exhausted")]).toEqual([[1, "62"], [0]]);
      expect((await bench.ledger.survey()).deadLetterOldestMs).toBe(30);
      pass(LIFE - 20);
      expect(await list(0, 10)).toEqual([2, "61", "63"]);
      expect(await waits()).toMatchObject({ ...NONE, refused: 2 });
      pass(20);
      expect(await bench.ledger.survey()).toMatchObject({ deadLetters: NONE, deadLetterOldestMs: null });
    });

    it("a dry run tells the letter, and whether the next alert tries again", async () => {
      await kill("x");
      const look = async () => (await bench.ledger.foresee(call([firing("x")])))[0];
      expect(await look()).toMatchObject({ outcome: "quarantined", reason: "request-refused", occurrences: 2, request: null });
      pass(RETRY);
      expect(await look()).toMatchObject({ kind: "ensure", reason: "request-retried" });
      await bench.admitOne(firing("x"));
      expect(await look()).toMatchObject({ outcome: "duplicate", reason: "request-pending", occurrences: 3 });
    });

    it("every alert that led to an intent has a request, waits for one, or has a letter", async () => {
      await kill("x");
      await bench.create("y");
      await bench.admitOne(firing("z"));
      await bench.admitOne(firing("x"));
      pass(RETRY);
      const balance = async () => {
        const { outcomes, openIntents, deadLetters } = await bench.ledger.survey();
        const accepted = outcomes.filter(({ outcome }) => outcome === "accepted").reduce((sum, { count }) => sum + count, 0);
        const { requests_created: created, requests_found: found } = await bench.ledger.counters();
        return accepted - (created + found + openIntents + deadLetters.refused + deadLetters.exhausted);
      };
      expect(await balance()).toBe(0);
      const intent = intentOf(await bench.admitOne(firing("x")));
      await refuse("x", intent);
      expect(await balance()).toBe(0);
      await bench.ledger.fact([ensured("x", intent)]);
      expect(await balance()).toBe(0);
    });
  });
}
