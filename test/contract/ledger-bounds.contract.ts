import { beforeEach, describe, expect, it } from "vitest";
import { OCCURRENCES_MAX } from "../../src/domain/ledger-limits.ts";
import { ensured, fingerprint, firing, invalid, RULES, stateOf } from "../support/ledger-builders.ts";
import { stormEnsured, stormy } from "../support/storm-builders.ts";
import { keepStore, type OpenStore } from "./kept-store.ts";
import { intentOf } from "./ledger-bench.ts";
import { openStormBench, type StormBench } from "./ledger-storm-bench.ts";

const HUGE = Number.MAX_SAFE_INTEGER;
/** The largest number that Redis itself can count to. */
const REDIS_MAX = "9223372036854775807";

const event = (uid: string, count: number) => ({ event: { uid, count, lastMs: null }, instance: uid });

/** What the engine promises of numbers that somebody else chose, and of numbers in its Redis that cannot be counted on. */
export function ledgerBoundsContract(name: string, open: OpenStore): void {
  describe(`bounds: ${name}`, () => {
    let bench: StormBench;
    const { openKept, keys, run } = keepStore(open);
    beforeEach(async () => {
      bench = await openStormBench(openKept);
    });

    it("a number from outside near 2^53 saturates when it is summed: the count is capped, written and settled", async () => {
      await bench.admitOne(firing("x", event("u", 1)));
      await bench.admitOne(firing("x", event("v", 1)));
      expect(await bench.admitOne(firing("x", event("u", HUGE)))).toMatchObject({ occurrences: OCCURRENCES_MAX });
      expect(await bench.admitOne(firing("x", event("v", HUGE)))).toMatchObject({ occurrences: OCCURRENCES_MAX });
      bench.time.now += RULES.leaseMs;
      const intent = (await bench.ledger.lease(1)).intents[0]?.intent ?? "";
      const fact = ensured("x", intent, {}, "existing");
      await bench.ledger.fact([{ ...fact, otherOccurrences: HUGE } as typeof fact]);
      expect(await bench.record()).toMatchObject([{ slot: intent, count: OCCURRENCES_MAX }]);
      bench.time.now += RULES.leaseMs;
      expect(await bench.countsDue()).toEqual([]);
      expect(await bench.admitOne(firing("x"))).toMatchObject({ occurrences: OCCURRENCES_MAX });
    });

    it("a storm's sum that stands at its bound never falls below its members when some leave it", async () => {
      for (const word of ["a", "b"]) await bench.admitOne(stormy(word, event(word, 1)));
      for (const word of ["a", "b"]) await bench.admitOne(stormy(word, event(word, HUGE)));
      const { subject, intent } = await bench.reach("c");
      for (const word of ["a", "b"]) {
        await bench.tell({ kind: "held", subject, intent, fingerprint: fingerprint(word), state: stateOf(word) });
      }
      await bench.tell(stormEnsured(subject, intent));
      expect(await bench.countsDue()).toContainEqual(expect.objectContaining({ subject, slot: intent, count: 1 }));
    });

    it("a count over the bound that the version before stored is read as the bound", async () => {
      const intent = await bench.create("x");
      await run("HSET", keys().episode(fingerprint("x")), "count", String(HUGE), "others", String(HUGE));
      expect(await bench.ledger.receipt(firing("x"))).toMatchObject({ occurrences: OCCURRENCES_MAX });
      expect(await bench.admitOne(firing("x"))).toMatchObject({ occurrences: OCCURRENCES_MAX });
      const mark = `${fingerprint("x")}|${intent}`;
      expect(await bench.record()).toMatchObject([{ mark, count: OCCURRENCES_MAX }]);
      await run("ZADD", keys().counts, String(bench.time.now), mark);
      await run("HSET", keys().sealed, mark, ["shop", "rr-x-1", "uid-x-1", intent, HUGE, 1, 2, ""].join("|"));
      expect(await bench.record()).toMatchObject([{ mark, count: OCCURRENCES_MAX }]);
      expect(await run("ZCARD", keys().counts)).toBe(0);
    });

    const decidesAll = async () => {
      const aside = { ignoredAlerts: 1, truncatedAlerts: HUGE, unknownSeverities: 1, unreadableTimes: 1, watchdog: true };
      const verdicts = await bench.admit([firing("x"), stormy("a"), invalid("bad")], { aside });
      expect(verdicts).toMatchObject([{ kind: "ensure" }, { outcome: "buffered" }, { outcome: "quarantined" }]);
      await bench.tell(ensured("x", intentOf(verdicts[0] as never)));
      expect((await bench.reach("b", "c")).kind).toBe("ensure");
      expect((await bench.admit([invalid("bad")]))[0]).toMatchObject({ outcome: "quarantined", occurrences: 2 });
    };

    it.each([[REDIS_MAX], ["many"], ["-7"], ["1.5"]])("bookkeeping that stands at %s never fails a decision", async (value) => {
      const counted = ["alerts_received", "outcome:test:accepted:cache", "truncated_alerts", "requests_created", "quarantined"];
      await run("HSET", keys().counters, ...counted.flatMap((counter) => [counter, value]));
      await run("HSET", keys().intentsOf, "shop", value === REDIS_MAX ? "0" : value);
      await run("HSET", keys().buffered, "total", value === REDIS_MAX ? "0" : value, "of:shop", "0");
      await decidesAll();
      expect(await run("HGET", keys().counters, "truncated_alerts")).toBe(value === "-7" ? String(HUGE - 7) : value);
    });

    it("bookkeeping of another type never fails a decision", async () => {
      for (const key of [keys().counters, keys().intentsOf, keys().buffered]) await run("SET", key, "not a hash");
      await decidesAll();
    });

    it.each([
      ["of another type", ["SET", "not a hash"]],
      [
        "full of nonsense",
        ["HSET", ...["judged", "x", "collisions:on", "many|x|y", "collisions:on:all", "many|few", "collisions:on:groups", "x"]],
      ],
    ])("what features are judged by fails no decision where it is %s", async (_, [command = "", ...args]) => {
      await run(command, keys().canary, ...args);
      await decidesAll();
      bench.time.now += RULES.leaseMs;
      expect((await bench.ledger.lease(10)).rolledBack).toEqual([]);
    });

    it("tries that cannot be counted never keep an intent from the drain", async () => {
      await bench.admitOne(firing("x"));
      await run("HSET", keys().episode(fingerprint("x")), "tries", "many");
      bench.time.now += RULES.leaseMs;
      expect((await bench.ledger.lease(10)).intents).toMatchObject([{ subject: fingerprint("x") }]);
    });
  });
}
