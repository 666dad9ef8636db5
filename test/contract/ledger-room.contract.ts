import { describe, expect, it } from "vitest";
import { DEAD_RETRY_MS } from "../../src/domain/ledger-limits.ts";
import type { AdmitAlert, AdmitCall, LedgerRules, SourceTerms, Verdict } from "../../src/ports/ledger.ts";
import { ensured, firing } from "../support/ledger-builders.ts";
import { stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger, openBench } from "./ledger-bench.ts";

const TWO: SourceTerms = { sources: 2, rate: null };

const kindsOf = (verdicts: readonly Verdict[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(verdicts, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]));

/** What every ledger promises to a source beside others: its part of the room, and of the time. */
export function ledgerRoomContract(name: string, open: OpenLedger): void {
  describe(`room: ${name}`, () => {
    const openRoom = async (rules: Partial<LedgerRules>) => {
      const bench = await openBench(open, rules);
      const send = (source: string, alerts: readonly AdmitAlert[], over: Partial<AdmitCall> = {}) =>
        bench.admit([...alerts], { source, terms: TWO, ...over });
      /** Alerts of one invented namespace each. */
      const invented = (from: number, size: number) =>
        Array.from({ length: size }, (_, at) => firing(`i${from + at}`, { namespace: `ns${from + at}` }));
      return { ...bench, send, invented };
    };

    it("a source that invents namespaces fills its own part of the intents, and no other's", async () => {
      const { send, invented } = await openRoom({ intentsMax: 20 });
      expect(kindsOf(await send("noisy", invented(0, 30)))).toEqual({ ensure: 10, full: 20 });
      expect(kindsOf(await send("calm", [firing("x"), firing("y")]))).toEqual({ ensure: 2 });
      expect(kindsOf(await send("noisy", invented(50, 1)))).toEqual({ full: 1 });
    });

    it("a source that is alone has all the room", async () => {
      const { send, invented } = await openRoom({ intentsMax: 20 });
      expect(kindsOf(await send("only", invented(0, 30), { terms: { sources: 1, rate: null } }))).toEqual({ ensure: 20, full: 10 });
    });

    it("what is left of all the room bounds a source that has not filled its part", async () => {
      const { send, invented } = await openRoom({ intentsMax: 3 });
      expect(kindsOf(await send("noisy", invented(0, 2)))).toEqual({ ensure: 2 });
      expect(kindsOf(await send("calm", invented(10, 2)))).toEqual({ ensure: 1, full: 1 });
    });

    it("gives the room of an intent back once, to the source that took it", async () => {
      const { send, invented, ledger } = await openRoom({ intentsMax: 4 });
      const [first] = await send("noisy", invented(0, 2));
      const made = ensured("i0", intentOf(first as Verdict));
      await ledger.fact([made, made]);
      expect(kindsOf(await send("noisy", invented(2, 2)))).toEqual({ ensure: 1, full: 1 });
    });

    it("counts an intent that is opened again for the source that opened it first", async () => {
      const { send, invented, ledger, time } = await openRoom({ intentsMax: 4 });
      const [first] = await send("noisy", invented(0, 1));
      await ledger.settle([
        {
          kind: "intent-dead",
          subject: invented(0, 1)[0]?.fingerprint ?? "",
          intent: intentOf(first as Verdict),
          reason: "invalid",
          afterMs: 1,
        },
      ]);
      time.now += DEAD_RETRY_MS;
      expect(kindsOf(await send("calm", invented(0, 1)))).toEqual({ ensure: 1 });
      expect(kindsOf(await send("calm", invented(2, 2)))).toEqual({ ensure: 2 });
      expect(kindsOf(await send("noisy", invented(5, 2)))).toEqual({ ensure: 1, full: 1 });
    });

    it("a dry run foresees where the room ends", async () => {
      const { send, invented, ledger } = await openRoom({ intentsMax: 20 });
      await send("noisy", invented(0, 6));
      const asked = {
        operation: "f".repeat(32),
        delivery: "d",
        source: "noisy",
        body: null,
        facts: [],
        more: false,
        aside: null,
        strays: null,
      };
      const foreseen = await ledger.foresee({ ...asked, alerts: invented(10, 8), terms: TWO });
      expect(foreseen.map(({ kind }) => kind)).toEqual((await send("noisy", invented(10, 8))).map(({ kind }) => kind));
    });

    it("lets alerts pass singly once a source's part of the windows is taken, and no other's", async () => {
      const { send } = await openRoom({ bufferedMax: { perNamespace: 50, total: 8 } });
      const lone = (from: number, size: number) =>
        Array.from({ length: size }, (_, at) =>
          stormy(`w${from + at}`, { group: (from + at).toString(16).padStart(64, "0"), namespace: `n${from + at}` }),
        );
      expect(kindsOf(await send("noisy", lone(0, 6)))).toEqual({ settled: 4, ensure: 2 });
      expect(kindsOf(await send("calm", lone(20, 4)))).toEqual({ settled: 4 });
    });

    describe("alerts a minute", () => {
      const rate = (alerts: number) => ({ terms: { sources: 2, rate: { alerts, perMinute: 60, holds: 100 } } });
      const openRate = async () => {
        const room = await openRoom({ intentsMax: 10_000 });
        let from = 0;
        const post = (source: string, size: number, over: Partial<AdmitCall> = {}) => {
          from += size;
          return room.send(source, [firing(`r${from}`)], { ...rate(size), ...over });
        };
        return { ...room, post };
      };

      it("takes what was saved up, a last payload whole, and then nothing until that is made up for", async () => {
        const { post, time } = await openRate();
        expect(kindsOf(await post("noisy", 99))).toEqual({ ensure: 1 });
        expect(kindsOf(await post("noisy", 31))).toEqual({ ensure: 1 });
        expect(await post("noisy", 1)).toEqual([{ kind: "limited", waitMs: 31_000 }]);
        expect(kindsOf(await post("calm", 1))).toEqual({ ensure: 1 });
        time.now += 30_000;
        expect(await post("noisy", 1)).toEqual([{ kind: "limited", waitMs: 1_000 }]);
        time.now += 1_000;
        expect(kindsOf(await post("noisy", 1))).toEqual({ ensure: 1 });
      });

      it("saves up no more than the bucket holds", async () => {
        const { post, time } = await openRate();
        time.now += 3_600_000;
        await post("noisy", 100);
        expect(await post("noisy", 1)).toMatchObject([{ kind: "limited" }]);
      });

      it("charges a delivery once, however often it comes, and lets it go on", async () => {
        const { post } = await openRate();
        const delivery = { delivery: "c".repeat(32) };
        for (let time = 0; time < 4; time += 1) expect(kindsOf(await post("noisy", 60, delivery))).toEqual({ ensure: 1 });
        expect(kindsOf(await post("noisy", 60))).toEqual({ ensure: 1 });
        expect(kindsOf(await post("noisy", 60))).toEqual({ limited: 1 });
        expect(kindsOf(await post("noisy", 60, delivery))).toEqual({ ensure: 1 });
      });

      it("stores nothing of what is not taken", async () => {
        const { post, ledger } = await openRate();
        await post("noisy", 150);
        const before = [await ledger.counters(), await ledger.survey()];
        const refused = { delivery: "b".repeat(32), aside: { ...NOTHING, truncatedAlerts: 7 } };
        expect(kindsOf(await post("noisy", 10, refused))).toEqual({ limited: 1 });
        expect([await ledger.counters(), await ledger.survey()]).toEqual(before);
        expect(await ledger.recall("b".repeat(32), [firing("r160")], null)).toEqual([null]);
      });
    });
  });
}

const NOTHING = { ignoredAlerts: 0, unknownSeverities: 0, unreadableTimes: 0, watchdog: false };
