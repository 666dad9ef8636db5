import { beforeEach, describe, expect, it } from "vitest";
import {
  DEAD_LETTER_LIFE_MS,
  EPISODE_LIFE_MS,
  OWED_ANEW_MS,
  RECOUNT_EVERY_MS,
  RECOUNT_MAX,
  SEEN_MAX,
  SESSION_ALIVE_MS,
} from "../../src/domain/ledger-limits.ts";
import { call, ensured, fingerprint, firing, GROUP, invalid, RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { stormEnsured, stormy } from "../support/storm-builders.ts";
import { keepStore, type OpenStore } from "./kept-store.ts";
import { intentOf } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

/** What the engine promises about the Redis behind it: whose time counts, what it keeps, and what it does where part of that is lost. */
export function ledgerStoreContract(name: string, open: OpenStore): void {
  describe(`store: ${name}`, () => {
    let bench: StormBench;
    const { openKept, keys, run } = keepStore(open);
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    const lifeOf = (word: string) => run("PTTL", keys().episode(fingerprint(word)));
    beforeEach(async () => {
      bench = await openStormBench(openKept);
    });

    it("goes by the time of Redis, whatever the caller's clock says", async () => {
      await bench.fire("a");
      expect(await bench.windows()).toMatchObject([{ openedAtMs: bench.time.now }]);
      later(1_500);
      await bench.fire("b");
      expect((await bench.ledger.receipt(firing("b")))?.steps).toMatchObject([{ atMs: bench.time.now }]);
    });

    describe("takes over from a version that knows no turns, and hands over to it", () => {
      const fill = async (size: number, from = 0) => {
        const words = Array.from({ length: size }, (_, at) => `x${from + at}`);
        await bench.admit(words.map((word, at) => firing(word, { namespace: `n${at % 3}` })));
        return words;
      };
      /** As that version leaves it. */
      const forgetTurns = async () => {
        const { intentTurns, intentsServed, countTurns, countsServed } = keys();
        for (const key of [intentTurns, intentsServed, countTurns, countsServed]) await run("DEL", key);
      };
      const forgetTurnOf = async (namespace: string) => {
        const names = (await run("ZRANGEBYLEX", keys().intentTurns, `[${namespace}:`, `(${namespace};`)) as string[];
        await run("ZREM", keys().intentTurns, ...names);
        await run("ZREM", keys().intentsServed, namespace);
      };
      const drained = async (limit: number) => {
        const subjects: string[] = [];
        for (;;) {
          const { intents, nextInMs } = await bench.ledger.lease(limit);
          subjects.push(...intents.map(({ subject }) => subject));
          if (nextInMs !== 0) return subjects.toSorted();
        }
      };
      beforeEach(async () => {
        bench = await openStormBench(openKept, { intentsMax: 1_000 });
      });

      it("hands out all that has no turn, at once", async () => {
        const words = await fill(60);
        await forgetTurns();
        later(RULES.leaseMs);
        expect(await drained(10)).toEqual(words.map(fingerprint).toSorted());
      });

      it("finds what has no turn behind a crowd that waits for its namespace", async () => {
        await fill(30);
        later(RULES.leaseMs);
        const { intents } = await bench.ledger.lease(100);
        await bench.ledger.settle(
          intents.map(({ subject, intent }) => ({
            ...({ kind: "intent-failed", subject, intent, reason: "forbidden", afterMs: 0, namespaceRefused: true } as const),
          })),
        );
        // By its name it is the last of those that have been due for as long.
        await bench.admitOne(firing("z", { namespace: "other" }));
        await run("ZADD", keys().intents, String(bench.time.now), fingerprint("z"));
        await forgetTurnOf("other");
        const found: string[] = [];
        for (let round = 0; round < 10; round += 1) {
          found.push(...(await bench.ledger.lease(4)).intents.map(({ subject }) => subject));
        }
        expect(found).toEqual([fingerprint("z")]);
      });

      it("hands out nothing that it has closed or put off meanwhile", async () => {
        await fill(30);
        later(RULES.leaseMs);
        for (const at of Array.from({ length: 30 }, (_, index) => index)) {
          if (at < 10) await run("ZREM", keys().intents, fingerprint(`x${at}`));
          else if (at < 20) await run("ZADD", keys().intents, String(bench.time.now + 500), fingerprint(`x${at}`));
        }
        expect(await drained(4)).toHaveLength(10);
        later(500);
        expect(await drained(4)).toHaveLength(10);
        const left = ["[a", "[~"].map((from) => run("ZLEXCOUNT", keys().intentTurns, from, from === "[~" ? "+" : "(~"));
        expect(await Promise.all(left)).toEqual([20, 20]);
      });

      it("writes counts that have no turn", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        await forgetTurns();
        expect(await bench.countsDue()).toMatchObject([{ count: 2 }]);
        await bench.record();
        later(RULES.leaseMs);
        expect(await bench.countsDue()).toHaveLength(1);
      });
    });

    describe("keeps", () => {
      it("a fingerprint while something is owed to it, and for its life after that", async () => {
        await bench.create("x");
        await bench.record();
        expect(await lifeOf("x")).toBe(EPISODE_LIFE_MS);
        await bench.admitOne(firing("x"));
        expect(await lifeOf("x")).toBe(-1);
        await bench.record();
        expect(await lifeOf("x")).toBe(EPISODE_LIFE_MS);
        await bench.admitOne(firing("y"));
        expect(await lifeOf("y")).toBe(-1);
        later(RULES.leaseMs);
        await bench.fire("z");
        expect(await lifeOf("z")).toBe(-1);
      });

      it("of a fingerprint nothing that only a window has", async () => {
        await bench.admitOne(firing("x"));
        const fields = await run("HKEYS", keys().episode(fingerprint("x")));
        expect(fields).toEqual(expect.arrayContaining(["retriedBy", "writtenUrgency"]));
        for (const field of ["alertname", "threshold"]) expect(fields).not.toContain(field);
      });

      it("no delivery beyond its time", async () => {
        await bench.admit([firing("a"), firing("b")]);
        expect(await run("ZCARD", keys().seenAt)).toBe(2);
        later(RULES.deliveryTtlMs);
        await bench.admit([firing("c")]);
        expect(await run("ZRANGE", keys().seenAt, "0", "-1")).toHaveLength(1);
        expect(await run("HKEYS", keys().seen)).toHaveLength(1);
      });

      it("as many answers as there is room for, and forgets none of them for those that are over anyway", async () => {
        const fill = async (from: number, count: number) => {
          const entries = Array.from({ length: count }, (_, at) => [String(bench.time.now), `e${from + at}`]).flat();
          await run("ZADD", keys().seenAt, ...entries);
        };
        await fill(0, 3);
        later(RULES.deliveryTtlMs);
        for (let from = 3; from < SEEN_MAX + 2; from += 10_000) await fill(from, Math.min(10_000, SEEN_MAX + 2 - from));
        await bench.admitOne(firing("x"));
        expect(await run("ZCARD", keys().seenAt)).toBe(SEEN_MAX);
      });

      it("no session of a watch that has ended", async () => {
        await bench.ledger.heartbeat("old");
        later(SESSION_ALIVE_MS - 1);
        await bench.ledger.heartbeat("new");
        expect(await run("HKEYS", keys().sessions)).toEqual(["old", "new"]);
        later(1);
        await bench.ledger.heartbeat("new");
        expect(await run("HKEYS", keys().sessions)).toEqual(["new"]);
        expect(await run("PTTL", keys().sessions)).toBe(2 * SESSION_ALIVE_MS);
      });

      it("no letter beyond its life, and lets go of a hundred at a time, so that no call takes long", async () => {
        await bench.admit(Array.from({ length: 150 }, (_, at) => invalid(`bad-${at}`)));
        const kept = () => run("ZLEXCOUNT", keys().letters, "[all:", "(all;");
        later(DEAD_LETTER_LIFE_MS - 1);
        await bench.ledger.survey();
        expect(await kept()).toBe(150);
        later(1);
        await bench.ledger.survey();
        expect(await kept()).toBe(50);
        await bench.ledger.survey();
        expect([await kept(), await run("ZCARD", keys().letters)]).toEqual([0, 0]);
      });

      it("no namespace without open intents or waiting alerts, and nothing of a storm that is over", async () => {
        await bench.create("x");
        await bench.fire("a");
        expect(await run("HKEYS", keys().buffered)).toEqual(["total", "of:shop", "from:test"]);
        const { subject, intent } = await bench.reach("b", "c");
        expect(await run("HGETALL", keys().intentsOf)).toEqual(["shop", "1"]);
        await bench.tell(stormEnsured(subject, intent));
        expect(await run("HKEYS", keys().intentsOf)).toEqual([]);
        expect(await run("ZRANGE", keys().intentsSince, "0", "-1")).toEqual([]);
        expect(await run("HKEYS", keys().buffered)).toEqual([]);
      });
    });

    describe("where part of it is lost", () => {
      it("tells no new request what was written to the one before", async () => {
        const first = await bench.create("x");
        await bench.admitOne(firing("x"));
        const [late] = await bench.countsDue();
        expect(late).toMatchObject({ slot: first, count: 2 });
        await run("DEL", keys().episode(fingerprint("x")));
        const second = await bench.create("x", { uid: "uid-x-2", name: "rr-x-2" });
        await bench.ledger.settle([
          { kind: "recorded", mark: late?.mark ?? "", count: 2, resolvedAtMs: null, resourceVersion: "900", storm: null },
        ]);
        expect(await run("ZRANGE", keys().counts, "0", "-1")).toEqual([]);
        await bench.admitOne(firing("x"));
        expect(await run("ZRANGE", keys().counts, "0", "-1")).toEqual([`${fingerprint("x")}|${second}`]);
        later(RULES.leaseMs + 1);
        expect(await bench.countsDue()).toMatchObject([{ slot: second, count: 2, request: { uid: "uid-x-2" } }]);
      });

      it("forgets what is owed to an object that nobody knows any more", async () => {
        await bench.create("x");
        await bench.admitOne(firing("x"));
        await run("DEL", keys().episode(fingerprint("x")));
        expect(await bench.countsDue()).toEqual([]);
        expect(await run("ZCARD", keys().counts)).toBe(0);
      });

      it("counts what was owed to whom it lost as lost, once", async () => {
        const owed = async () => {
          const { owed, settled, open } = await bench.ledger.survey();
          return { owed, lost: settled.lost, open };
        };
        const NONE = { window: 0, intent: 0, "dead-letter": 0 };
        await bench.admitOne(firing("x"));
        await bench.fire("a", "b");
        await bench.fireOne("c", { group: "1".repeat(64) });
        expect(await owed()).toEqual({ owed: 4, lost: 0, open: { ...NONE, window: 3, intent: 1 } });
        await run("DEL", keys().episode(fingerprint("x")));
        await run("DEL", keys().episode(fingerprint("a")));
        await run("DEL", keys().members("1".repeat(64)));
        later(WINDOW_RULES.firstRequestMs);
        await bench.sweepAll();
        await bench.ledger.lease(10);
        expect(await owed()).toEqual({ owed: 4, lost: 3, open: { ...NONE, intent: 1 } });
        await bench.sweepAll();
        later(RULES.leaseMs);
        await bench.ledger.lease(10);
        expect(await owed()).toEqual({ owed: 4, lost: 3, open: { ...NONE, intent: 1 } });
      });

      it("takes what stands open in a Redis of the version before for owed, once, however that is read", async () => {
        await bench.create("w");
        await bench.admitOne(firing("x"));
        await bench.fire("a", "b");
        await bench.admitOne(invalid("bad"));
        const { counters } = keys();
        await run("HDEL", counters, "owed", "settled:request");
        const account = async () => {
          const { owed, owedBefore, settled, open } = await bench.ledger.survey();
          return { owed, owedBefore, request: settled.request, open: Object.values(open) };
        };
        expect(await Promise.all([account(), account()])).toEqual(
          [0, 1].map(() => ({ owed: 4, owedBefore: 4, request: 0, open: [2, 1, 1] })),
        );
        await bench.create("y");
        expect(await account()).toEqual({ owed: 5, owedBefore: 4, request: 1, open: [2, 1, 1] });
        // That version works on for a while, and counts none of it.
        await run("HINCRBY", counters, "owed", "3");
        later(OWED_ANEW_MS - 1);
        expect(await account()).toMatchObject({ owed: 5, owedBefore: 1 });
        later(1);
        await run("HINCRBY", counters, "owed", "3");
        expect(await account()).toMatchObject({ owed: 8, owedBefore: 1 });
      });

      it("takes nothing for owed anew in a Redis that was empty when it was first read", async () => {
        await bench.ledger.survey();
        await bench.admitOne(firing("x"));
        await run("HINCRBY", keys().counters, "owed", "3");
        expect(await bench.ledger.survey()).toMatchObject({ owed: 4, owedBefore: 0, open: { intent: 1 } });
      });

      it("makes a storm's request of the members that are left", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await run("DEL", keys().episode(fingerprint("a")));
        const crew = await bench.ledger.crew(subject, intent, 0, 10);
        expect(crew?.members.map((member) => member.fingerprint)).toEqual([fingerprint("b"), fingerprint("c")]);
      });

      it("tells what became of an alert whose window is gone, and judges its next one anew", async () => {
        await bench.fire("a");
        await run("DEL", keys().group(GROUP));
        expect((await bench.ledger.receipt(firing("a")))?.steps).toMatchObject([{ event: "buffered" }]);
        expect((await bench.ledger.foresee(call([stormy("a")]))).map(told)).toEqual(["buffered window-opened"]);
        later(1_000);
        expect(told(await bench.fireOne("a"))).toBe("buffered window-opened");
      });
    });

    describe("counts anew each hour how many alerts wait, so that a count that went wrong keeps nobody out for good", () => {
      const buffered = async () => {
        const flat = (await run("HGETALL", keys().buffered)) as string[];
        return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]));
      };
      const spoil = () => run("HSET", keys().buffered, "total", "5000", "of:gone", "4000", "of:shop", "1", "from:test", "1000");
      const TRUE = { total: "2", "of:shop": "2", "from:test": "2" };
      const OTHER = { group: "0".repeat(64) };
      beforeEach(async () => {
        await bench.storm();
        for (const word of ["x", "y"]) await bench.fireOne(word, OTHER);
        await bench.ledger.lease(10);
      });

      it("from the windows that wait, whatever was counted, and not before the hour is over", async () => {
        await spoil();
        later(RECOUNT_EVERY_MS - 1);
        await bench.ledger.lease(10);
        expect(await buffered()).toMatchObject({ total: "5000" });
        later(1);
        expect(await bench.ledger.lease(10)).toMatchObject({ nextInMs: 0 });
        expect(await buffered()).toEqual(TRUE);
        await spoil();
        await bench.ledger.lease(10);
        expect(await buffered()).toMatchObject({ total: "5000" });
      });

      it("and alerts find room again", async () => {
        await spoil();
        const newcomer = async (word: string, group: string) => told(await bench.fireOne(word, { group: group.repeat(64) }));
        expect(await newcomer("n", "1")).toBe("ensure buffer-full");
        later(RECOUNT_EVERY_MS);
        await bench.ledger.lease(10);
        expect(await newcomer("o", "2")).toBe("buffered window-opened");
      });

      it("but not where more windows stand than one call gets through", async () => {
        await run("ZADD", keys().windows, ...Array.from({ length: RECOUNT_MAX }, (_, at) => ["9e15", `w${at}`]).flat());
        await spoil();
        later(RECOUNT_EVERY_MS);
        await bench.ledger.lease(10);
        expect(await buffered()).toMatchObject({ total: "5000" });
      });
    });

    it("keeps one draft that is no JSON any more from failing the lease, the letters or the receipts of others", async () => {
      await bench.admit([firing("a"), firing("b")]);
      await run("HSET", keys().episode(fingerprint("a")), "draft", "{cut");
      later(RULES.leaseMs);
      const { intents } = await bench.ledger.lease(10);
      expect(intents.map(({ subject, draft }) => [subject, draft?.spec.signalName])).toEqual([
        [fingerprint("a"), undefined],
        [fingerprint("b"), "b"],
      ]);
      await bench.ledger.settle(
        intents.map(({ subject, intent }) => ({ kind: "intent-dead", subject, intent, reason: "invalid", afterMs: 1_000 })),
      );
      const { letters } = await bench.ledger.deadLetters(0, 10);
      expect(letters.map(({ id, payload }) => [id, payload])).toEqual([
        [fingerprint("b"), "{}"],
        [fingerprint("a"), "{cut"],
      ]);
      expect(await bench.ledger.receipt(firing("a"))).toMatchObject({ draft: null });
    });

    it("shows a letter that a former version kept, until it is discarded", async () => {
      const [id, key] = [fingerprint("bad"), keys().formerLetter(fingerprint("bad"))];
      const kept = { source: "test", reason: "alertname-missing", signalType: "prometheus-alert", payload: "{}" };
      const [first, last] = [bench.time.now - 10, bench.time.now - 5];
      const fields = { ...kept, count: 7, first, last };
      await run("HSET", key, ...Object.entries(fields).flatMap(([field, value]) => [field, String(value)]));
      const shown = { id, kind: "invalid", ...kept, count: 7, firstSeenMs: first, lastSeenMs: last, retrying: false };
      expect(await bench.ledger.deadLetter(id)).toEqual(shown);
      expect(await bench.ledger.discard(id, 7)).toBe(true);
      expect(await bench.ledger.deadLetter(id)).toBeNull();
    });

    it("keeps an invalid alert for twice a letter's life, and counts it once a delivery", async () => {
      const bad = invalid("bad");
      await bench.admitOne(bad);
      expect(Number(await run("PTTL", keys().invalidLetters))).toBeGreaterThan(EPISODE_LIFE_MS);
    });

    it("names the intent of an alert by its call", async () => {
      expect(intentOf(await bench.admitOne(firing("x"), { operation: "e".repeat(32) }))).toBe(`${"e".repeat(32)}-0`);
      expect(await bench.tell(ensured("x", `${"e".repeat(32)}-0`))).toEqual(["bound"]);
    });
  });
}
