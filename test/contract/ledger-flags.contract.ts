import { beforeEach, describe, expect, it } from "vitest";
import { FEATURES, type Feature, placesOf, type Shares } from "../../src/domain/feature.ts";
import { FLAG_CHANGES_MAX, SETTING_COUNTS_MS, SETTING_TOLD_EVERY_MS } from "../../src/domain/ledger-limits.ts";
import type { FlagChange, Ledger, Verdict } from "../../src/ports/ledger.ts";
import type { LedgerStore } from "../support/embedded-ledger.ts";
import { call, ensured, fingerprint, firing, invalid, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { stormy } from "../support/storm-builders.ts";
import type { OpenStore } from "./kept-store.ts";
import { intentOf } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const BUFFERING: Feature = "storm-buffering";
const STATES: Feature = "state-based-dedup";

/** What the engine promises about the features that only some namespaces have, whoever says which. */
export function ledgerFlagsContract(name: string, open: OpenStore): void {
  describe(`flags: ${name}`, () => {
    let store: LedgerStore;
    let bench: StormBench;
    const start = async (shares: Partial<Shares> = {}) => {
      bench = await openStormBench(
        async (rules, nowMs) => {
          store = await open(rules, nowMs);
          return store.ledger;
        },
        { shares: { ...RULES.shares, ...shares }, intentsMax: 100_000 },
      );
    };
    /** A gateway beside it that is set to other shares. */
    const beside = (shares: Partial<Shares>) => store.beside({ ...RULES, shares: { ...RULES.shares, ...shares } });
    let operations = 0;
    const set = (percent: number | null, over: Partial<FlagChange & { operation: string }> = {}, ledger: Ledger = bench.ledger) => {
      operations += 1;
      const operation = operations.toString(16).padStart(32, "f");
      return ledger.setFlag({ operation, feature: BUFFERING, percent, by: "12345678", reason: "a trial", ...over });
    };
    const sightOf = async (feature: Feature, ledger: Ledger = bench.ledger) =>
      (await ledger.flags()).features.find((one) => one.feature === feature);
    const arms = async () =>
      (await bench.ledger.flags()).arms.map(({ feature, arm, outcome, count }) => `${feature} ${arm} ${outcome} ${count}`);
    /** Which settings are noted, and when. */
    const toldOf = async (feature: Feature) =>
      String(await store.run("HGET", store.keys.flags, `${feature}:told`))
        .split(",")
        .map((one) => one.split("=").map(Number));
    const namespaces = (count: number) => Array.from({ length: count }, (_, at) => `team-${at}`);
    /** Which of the namespaces let an alert wait. */
    const waiting = async (names: readonly string[], ledger: Ledger = bench.ledger) => {
      const verdicts: Verdict[] = [];
      for (let from = 0; from < names.length; from += 100) {
        const alerts = names.slice(from, from + 100).map((namespace) => lone(namespace));
        verdicts.push(...(await ledger.foresee(call(alerts))));
      }
      return names.filter((_, at) => verdicts[at]?.kind === "settled");
    };
    const lone = (namespace: string) =>
      stormy(`x-${namespace}`, { namespace, group: fingerprint(`group ${namespace}`).slice(0, 64), fingerprint: hexOf(namespace) });
    /** A namespace whose place for a feature lies within [from, to). */
    const placedAt = (feature: Feature, from: number, to: number) =>
      namespaces(20_000).find((namespace) => {
        const place = placesOf(store.cluster, namespace)[FEATURES.indexOf(feature)] as number;
        return place >= from && place < to;
      }) as string;
    beforeEach(() => start());

    describe("a share of the namespaces", () => {
      it("has the feature, whoever asks, and a larger share contains it", async () => {
        const names = namespaces(2_000);
        await start({ [BUFFERING]: 50 });
        const half = await waiting(names);
        await set(25);
        const quarter = await waiting(names);
        expect(quarter.length / names.length).toBeCloseTo(0.25, 1);
        expect(half.length / names.length).toBeCloseTo(0.5, 1);
        expect(half).toEqual(expect.arrayContaining(quarter));
      });

      it.each([
        [BUFFERING, 25, [2_499, 2_500]],
        [BUFFERING, 1, [99, 100]],
        [BUFFERING, 100, [9_999, null]],
        [BUFFERING, 0, [null, 0]],
      ] as const)("of %s at %i %% ends between the places %j", async (feature, percent, [last, first]) => {
        await start({ [feature]: percent });
        // Of a namespace near each side of the border, as one at the very place is hard to find.
        if (last !== null) expect(await waiting([placedAt(feature, Math.max(0, last - 20), last + 1)])).toHaveLength(1);
        if (first !== null) expect(await waiting([placedAt(feature, first, first + 20)])).toEqual([]);
      });

      it("ends before the namespace whose place is the share itself", async () => {
        const border = namespaces(20_000).find((namespace) => placesOf(store.cluster, namespace)[1] % 100 === 0) as string;
        const percent = placesOf(store.cluster, border)[1] / 100;
        await set(percent);
        expect(await waiting([border])).toEqual([]);
        await set(percent + 1);
        expect(await waiting([border])).toEqual([border]);
      });

      it("leaves no storm in two halves: all alerts of a group wait, or none does", async () => {
        await start({ [BUFFERING]: 50 });
        for (const namespace of namespaces(20)) {
          const group = fingerprint(namespace);
          const verdicts = await bench.admit(["a", "b"].map((word) => stormy(word + namespace, { namespace, group })));
          expect(new Set(verdicts.map(({ kind }) => kind)).size).toBe(1);
        }
      });

      it("of one feature says nothing of the other", async () => {
        await start({ [BUFFERING]: 0, [STATES]: 100 });
        expect(told((await bench.admit([lone("team-1")]))[0] ?? { kind: "full" })).toBe("ensure new");
        expect((await bench.ledger.survey()).shares).toEqual({ [STATES]: 100, [BUFFERING]: 0 });
        expect(await arms()).toEqual(["state-based-dedup on accepted 1", "storm-buffering off accepted 1"]);
      });
    });

    describe("an override", () => {
      it("holds from the next decision on, in a window's midst, and open windows finish under their own rules", async () => {
        await bench.fire("a", "b");
        await set(0);
        expect(await bench.fire("c", "a")).toEqual(["ensure new", "buffered waits-in-window"]);
        bench.time.now += 45_000;
        await bench.sweepAll();
        expect((await bench.intents()).map(({ buffered }) => buffered)).toContain(true);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 1, storms_detected: 0 });
        await set(null);
        expect(await bench.fire("d")).toEqual(["buffered window-opened"]);
      });

      it("is foreseen as it is then decided", async () => {
        await set(0);
        expect(await bench.fire("a")).toEqual(["ensure new"]);
      });

      it("lowers the setting only, by which all that is above it is refused", async () => {
        await start({ [BUFFERING]: 50 });
        expect(await set(51)).toEqual({ kind: "above", lowestSetting: 50 });
        expect(await sightOf(BUFFERING)).toMatchObject({ percent: 50, override: null });
        expect((await bench.ledger.flags()).changes).toEqual([]);
        expect(await set(50)).toEqual({ kind: "set" });
        expect(await set(10)).toEqual({ kind: "set" });
        expect(await sightOf(BUFFERING)).toMatchObject({ percent: 10, setting: 50, override: { percent: 10, atMs: bench.time.now } });
        expect(await sightOf(STATES)).toMatchObject({ percent: 100, setting: 100, override: null });
      });

      it("gives way to a setting that was lowered below it since", async () => {
        await set(50);
        expect(await sightOf(BUFFERING, beside({ [BUFFERING]: 20 }))).toMatchObject({ percent: 20, override: { percent: 50 } });
      });

      it("of two the later wins, and both stay in the list of changes, latest first", async () => {
        await set(50, { by: "aaaaaaaa", reason: "first | of two" });
        bench.time.now += 1;
        await set(null, { by: "bbbbbbbb", reason: "", feature: STATES });
        bench.time.now += 1;
        await set(20, { by: "bbbbbbbb", reason: "second" });
        expect(await sightOf(BUFFERING)).toMatchObject({ percent: 20 });
        expect((await bench.ledger.flags()).changes).toEqual([
          { atMs: bench.time.now, feature: BUFFERING, percent: 20, by: "bbbbbbbb", reason: "second" },
          { atMs: bench.time.now - 1, feature: STATES, percent: null, by: "bbbbbbbb", reason: "" },
          { atMs: bench.time.now - 2, feature: BUFFERING, percent: 50, by: "aaaaaaaa", reason: "first | of two" },
        ]);
      });

      it("whose call is sent twice is one change, and does not come back over a later one", async () => {
        const operation = "e".repeat(32);
        await set(50, { operation });
        await set(20);
        await set(50, { operation });
        expect(await sightOf(BUFFERING)).toMatchObject({ percent: 20 });
        expect((await bench.ledger.flags()).changes).toHaveLength(2);
      });

      it("that comes again as one of the last changes is known, whichever it is", async () => {
        const nameOf = (at: number) => at.toString(16).padStart(32, "d");
        for (let at = 1; at <= FLAG_CHANGES_MAX; at += 1) await set(at, { operation: nameOf(at) });
        for (let at = 1; at <= FLAG_CHANGES_MAX; at += 1) await set(0, { operation: nameOf(at) });
        expect(await sightOf(BUFFERING)).toMatchObject({ percent: FLAG_CHANGES_MAX });
      });

      it("is one of the last changes, of which a bounded number is kept", async () => {
        for (let at = 0; at <= FLAG_CHANGES_MAX; at += 1) {
          bench.time.now += 1;
          await set(at, { reason: `${at}` });
        }
        const { changes } = await bench.ledger.flags();
        expect(changes).toHaveLength(FLAG_CHANGES_MAX);
        expect([changes[0]?.reason, changes.at(-1)?.reason]).toEqual([`${FLAG_CHANGES_MAX}`, "1"]);
      });
    });

    describe("gateways of different settings", () => {
      it("decide alike, by the lowest", async () => {
        const [half, quarter] = [beside({ [BUFFERING]: 50 }), beside({ [BUFFERING]: 25 })];
        await quarter.lease(10);
        const names = namespaces(300);
        expect(await waiting(names, half)).toEqual(await waiting(names, quarter));
        expect(await sightOf(BUFFERING, half)).toMatchObject({ percent: 25, setting: 50, lowestSetting: 25 });
        expect(await sightOf(BUFFERING, quarter)).toMatchObject({ percent: 25, setting: 25, lowestSetting: 25 });
      });

      it("go by one that only decides, and by one that only drains", async () => {
        await beside({ [STATES]: 10 }).admit(call([firing("a")]));
        await beside({ [BUFFERING]: 20 }).lease(1);
        expect((await bench.ledger.survey()).shares).toEqual({ [STATES]: 10, [BUFFERING]: 20 });
      });

      it("go by the higher setting again when the lower one was not told for some time", async () => {
        await beside({ [BUFFERING]: 0 }).lease(1);
        bench.time.now += SETTING_COUNTS_MS - 1;
        expect(await bench.fire("a")).toEqual(["ensure new"]);
        bench.time.now += 1;
        expect(await bench.fire("b")).toEqual(["buffered window-opened"]);
        bench.time.now += SETTING_TOLD_EVERY_MS;
        await bench.fire("b");
        expect(await toldOf(BUFFERING)).toEqual([[100, bench.time.now]]);
      });

      it("go by a lower setting as long as it is told, though that is noted only once in a while", async () => {
        const off = beside({ [BUFFERING]: 0 });
        await off.lease(1);
        const notedAtMs = bench.time.now;
        bench.time.now += SETTING_TOLD_EVERY_MS - 1;
        await off.lease(1);
        expect(await toldOf(BUFFERING)).toEqual([[0, notedAtMs]]);
        bench.time.now += 1;
        await off.lease(1);
        expect(await toldOf(BUFFERING)).toEqual([[0, bench.time.now]]);
      });
    });

    describe("a store that lost an override", () => {
      const remembered = async () => (await bench.ledger.lease(1)).flags.map(({ override }) => override);

      it("goes by the settings, and says so to all as soon as one comes that has seen it", async () => {
        await set(0);
        const overrides = await remembered();
        const lostAtMs = bench.time.now;
        await store.run("DEL", store.keys.flags);
        bench.time.now += 1_000;
        expect(await bench.fire("a")).toEqual(["buffered window-opened"]);
        expect((await bench.ledger.lease(1, [null, null])).flags[1]).toMatchObject({ lost: null });
        const lost = { percent: 0, atMs: lostAtMs, noticedAtMs: bench.time.now };
        expect((await bench.ledger.lease(1, overrides)).flags).toMatchObject([{ lost: null }, { percent: 100, override: null, lost }]);
        bench.time.now += 1_000;
        expect(await sightOf(BUFFERING)).toMatchObject({ lost });
      });

      it("says so as well where an older override came back with an older state", async () => {
        await set(50);
        const older = (await store.run("HGET", store.keys.flags, BUFFERING)) as string;
        bench.time.now += 1;
        await set(10);
        const overrides = await remembered();
        await store.run("HSET", store.keys.flags, BUFFERING, older);
        expect((await bench.ledger.lease(1, overrides)).flags[1]).toMatchObject({ percent: 50, lost: { percent: 10 } });
      });

      it("says it until the next change, and nothing of an override that is there, was taken back or was changed", async () => {
        await set(10);
        const overrides = await remembered();
        expect((await bench.ledger.lease(1, overrides)).flags[1]).toMatchObject({ override: { percent: 10 }, lost: null });
        bench.time.now += 1;
        await set(null);
        expect((await bench.ledger.lease(1, overrides)).flags[1]).toMatchObject({ override: null, lost: null });
        await store.run("DEL", store.keys.flags);
        expect((await bench.ledger.lease(1, overrides)).flags[1]).toMatchObject({ lost: { percent: 10 } });
        await set(30);
        expect((await bench.ledger.lease(1, overrides)).flags[1]).toMatchObject({ percent: 30, lost: null });
      });

      it("decides on where what is kept cannot be read", async () => {
        await store.run("HSET", store.keys.flags, BUFFERING, "much", `${BUFFERING}:told`, "=,x=1,100", "change:7", "?");
        expect(await bench.fire("a")).toEqual(["buffered window-opened"]);
        expect(await bench.ledger.flags()).toMatchObject({ changes: [] });
      });
    });

    describe("both arms", () => {
      it("are counted with each decision, by feature and outcome, and each delivery once", async () => {
        await start({ [STATES]: 0 });
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([ensured("x", intent)]);
        const repeat = call([firing("x"), resolved("x"), resolved("y"), invalid("bad")]);
        for (let sendings = 0; sendings < 2; sendings += 1) await bench.ledger.admit(repeat);
        const of = (arm: string) => [`${arm} accepted 1`, `${arm} duplicate 1`, `${arm} ignored 1`, `${arm} resolved 1`];
        expect(await arms()).toEqual([...of("state-based-dedup off"), ...of("storm-buffering on")]);
        expect((await bench.ledger.survey()).arms).toEqual((await bench.ledger.flags()).arms);
      });

      it("count nothing of a check, whose alert comes again", async () => {
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.ledger.fact([ensured("x", intent)]);
        bench.time.now += RULES.stateTtlMs;
        expect((await bench.admitOne(firing("x"))).kind).toBe("check");
        await bench.admitOne(firing("x"), { facts: [seen("x")] });
        expect(await arms()).toContain("state-based-dedup on duplicate 1");
      });
    });
  });
}

/** 64 hex of any text. */
const hexOf = (text: string): string => Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
