import { beforeEach, describe, expect, it } from "vitest";
import type { LeasedCount, Settlement } from "../../src/ports/ledger.ts";
import { fingerprint, firing, RULES, seen } from "../support/ledger-builders.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench } from "./ledger-storm-bench.ts";

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
