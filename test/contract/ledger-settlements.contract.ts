import { beforeEach, describe, expect, it } from "vitest";
import { MEMBERS_MAX } from "../../src/domain/ledger-limits.ts";
import type { LeasedCount, Settlement } from "../../src/ports/ledger.ts";
import { call, ensured, fingerprint, firing, gone, RULES, seen, WINDOW_RULES } from "../support/ledger-builders.ts";
import { stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

/** The object shows what the count tells. */
const shown = ({ mark, count, resolvedAtMs, through, storm }: LeasedCount): Settlement => ({
  ...{ kind: "recorded", mark, count, resolvedAtMs, resourceVersion: "101" },
  storm: storm && { through, members: through, closed: storm.closedAtMs !== null },
});

/** What every ledger promises to who tells it what was written. */
export function ledgerSettlementsContract(name: string, open: OpenLedger): void {
  describe(`settlements: ${name}`, () => {
    let bench: StormBench;
    const writes = async () => (await bench.ledger.counters()).updates_succeeded;
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    beforeEach(async () => {
      bench = await openStormBench(open);
    });

    it("leases nothing where nothing is asked for, and tells when something is due", async () => {
      expect(await bench.ledger.lease(0)).toMatchObject({ intents: [], counts: [], nextInMs: null });
      await bench.admit([firing("x")]);
      later(RULES.leaseMs);
      expect(await bench.ledger.lease(0)).toMatchObject({ intents: [], counts: [], nextInMs: 0 });
    });

    it("settles several at once, of storms and of alerts, each for itself", async () => {
      await bench.create("x");
      await bench.create("y");
      await bench.storm();
      await bench.admit([firing("x"), firing("y"), firing("x", { instance: "b" })]);
      const counts = await bench.countsDue();
      expect(counts.map(({ subject, count }) => [subject.length > 64 ? "storm" : subject, count]).toSorted()).toEqual(
        [
          [fingerprint("x"), 3],
          [fingerprint("y"), 2],
          ["storm", 3],
        ].toSorted(),
      );
      await bench.ledger.settle(counts.toSorted((one, other) => other.subject.length - one.subject.length).map(shown));
      later(RULES.leaseMs * 2);
      expect(await bench.countsDue()).toEqual([]);
      expect(await writes()).toBe(3);
    });

    it("owes an object what it was told too little of, also after its episode is over", async () => {
      const intent = await bench.create("x");
      await bench.admitOne(firing("x"));
      const [early] = await bench.countsDue();
      await bench.admitOne(firing("x"));
      later(1_000);
      await bench.ledger.fact([seen("x", { resourceVersion: "900", ended: true, phase: "Completed", endedAtMs: bench.time.now })]);
      await bench.create("x", { uid: "uid-x-2", name: "rr-x-2" });
      if (early) await bench.ledger.settle([shown(early)]);
      later(RULES.leaseMs * 2);
      const [owed] = await bench.countsDue();
      expect(owed).toMatchObject({ slot: intent, count: 3, request: { uid: "uid-x-1" } });
      if (owed) await bench.ledger.settle([shown(owed)]);
      later(RULES.leaseMs * 2);
      expect(await bench.countsDue()).toEqual([]);
    });

    it("does not count a write that a later version may have erased", async () => {
      await bench.create("x");
      await bench.admitOne(firing("x"));
      const [count] = await bench.countsDue();
      await bench.ledger.fact([seen("x", { resourceVersion: "200" })]);
      if (count) await bench.recorded(count, "101");
      expect(await writes()).toBe(0);
      if (count) await bench.recorded(count, "201");
      expect(await writes()).toBe(1);
    });

    it("tells of a request that was made after a wait when its alert fired first and last", async () => {
      const firstSeenMs = bench.time.now;
      await bench.fire("a");
      later(1_000);
      const lastSeenMs = bench.time.now;
      await bench.fire("a");
      later(WINDOW_RULES.firstRequestMs);
      expect((await bench.ledger.lease(10)).sweepDue).toBe(true);
      await bench.sweepAll();
      const [made] = await bench.intents();
      await bench.tell(ensured("a", made?.intent ?? ""));
      expect(await bench.countsDue()).toMatchObject([{ count: 2, firstSeenMs, lastSeenMs }]);
    });

    it("says that windows are due, however many", async () => {
      await bench.admit(["1", "2", "3"].map((digit) => stormy(digit, { group: digit.repeat(64) })));
      later(WINDOW_RULES.firstRequestMs);
      expect(await bench.ledger.lease(10)).toMatchObject({ sweepDue: true, nextInMs: 0 });
    });

    it("lets no late answer bring back any of several objects that went before it", async () => {
      const intent = intentOf(await bench.admitOne(firing("x")));
      await bench.tell(gone("x", "first"), gone("x", "second"));
      for (const uid of ["first", "second"]) expect(await bench.tell(ensured("x", intent, { uid }))).toEqual(["dropped"]);
      expect(await bench.tell(ensured("x", intent, { uid: "third" }))).toEqual(["bound"]);
    });

    it("remembers the resolves of as many instances as there is room for", async () => {
      await bench.create("x");
      const instances = Array.from({ length: MEMBERS_MAX + 1 }, (_, at) => `i${at}`);
      for (const instance of instances) await bench.resolve("x", { instance });
      await bench.tell(seen("x", { resourceVersion: "900", phase: "Completed", ended: true }));
      const again = async (instance = "") => (await bench.ledger.foresee(call([firing("x", { instance })]))).map(told);
      expect(await again(instances.at(-2))).toEqual(["buffered fired-after-resolve"]);
      expect(await again(instances.at(-1))).toEqual(["ensure request-ended"]);
    });

    it("counts each write that lists more members, once", async () => {
      await bench.storm();
      await bench.record();
      later(5_000);
      await bench.fire("d", "e", "f");
      const [count] = await bench.countsDue();
      const before = await writes();
      const counted: number[] = [];
      for (const through of [4, 5, 5, 6]) {
        if (count) await bench.recorded({ ...count, through });
        counted.push((await writes()) - before);
      }
      expect(counted).toEqual([1, 2, 2, 3]);
    });
  });
}
