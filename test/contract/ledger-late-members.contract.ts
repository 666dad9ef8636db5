import { beforeEach, describe, expect, it } from "vitest";
import { draft, fingerprint } from "../support/ledger-builders.ts";
import { lineOf, stormSeen } from "../support/storm-builders.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench } from "./ledger-storm-bench.ts";

/** What every ledger promises about members that join a storm after its object was made. */
export function ledgerLateMembersContract(name: string, open: OpenLedger): void {
  describe(`late members: ${name}`, () => {
    let bench: StormBench;
    beforeEach(async () => {
      bench = await openStormBench(open, { windowAlertsMax: 10_000 });
    });

    it("are named with the lines to list, and what they tell can be read; those that the object was made of are not", async () => {
      const { subject } = await bench.storm();
      expect(await bench.record()).toMatchObject([{ through: 3, late: [] }]);
      bench.time.now += 5_000;
      await bench.tell(stormSeen(subject, { resourceVersion: "101" }));
      expect(await bench.fire("d", "e")).toEqual(["appended storm-joined", "appended storm-joined"]);
      expect(await bench.countsDue()).toMatchObject([{ late: ["d", "e"].map(fingerprint), storm: { members: ["d", "e"].map(lineOf) } }]);
      expect(await bench.ledger.drafts(["e", "nobody", "a"].map(fingerprint))).toEqual([draft("e"), null, draft("a")]);
      expect(await bench.ledger.drafts([])).toEqual([]);
    });

    it("are named no more beyond the first thousand places of a storm: its object has no room for what they tell", async () => {
      await bench.storm();
      await bench.record();
      const words = Array.from({ length: 1_000 }, (_, at) => `m${at}`);
      for (let at = 0; at < words.length; at += 500) await bench.fire(...words.slice(at, at + 500));
      bench.time.now += 5_000;
      const [count] = await bench.countsDue();
      expect([count?.storm?.members.length, count?.late.length]).toEqual([1_000, 997]);
    });

    it("are listed two thousand at a time, and the next ones with the next write", async () => {
      await bench.storm();
      await bench.record();
      const words = Array.from({ length: 2_001 }, (_, at) => `m${at}`);
      for (let at = 0; at < words.length; at += 500) await bench.fire(...words.slice(at, at + 500));
      const listed: string[][] = [];
      for (const version of ["102", "103", "104"]) {
        bench.time.now += 5_000;
        for (const { storm } of await bench.record(version)) listed.push([...(storm?.members ?? [])]);
      }
      expect(listed.map(({ length }) => length)).toEqual([2_000, 1]);
      expect(listed.flat().map((line) => line.split(":").at(-1))).toEqual(words);
    });
  });
}
