import { beforeEach, describe, expect, it } from "vitest";
import { RECEIPT_LIFE_MS, RECEIPT_STEPS } from "../../src/domain/ledger-limits.ts";
import type { AdmitAlert, Subject } from "../../src/ports/ledger.ts";
import {
  call,
  draft,
  ensured,
  fingerprint,
  firing,
  GROUP,
  invalid,
  RULES,
  resolved,
  seen,
  WINDOW_RULES,
} from "../support/ledger-builders.ts";
import { held, stormAdopted, stormEnded, stormEnsured, stormGone, stormState, stormy } from "../support/storm-builders.ts";
import type { OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const group = (name: string) => name.repeat(64);
const refOf = (subject: Subject) => ({ namespace: "shop", name: stormState(subject).name });

/** What every ledger tells of windows, and of what became of an alert. */
export function ledgerSightsContract(name: string, open: OpenLedger): void {
  describe(`sights: ${name}`, () => {
    let bench: StormBench;
    beforeEach(async () => {
      bench = await openStormBench(open);
    });

    describe("windows", () => {
      it("are shown with all that people ask for, the next due first", async () => {
        const openedAtMs = bench.time.now;
        const { subject, intent } = await bench.reach("a", "b", "c");
        const common = { namespace: "shop", alertname: "a", threshold: 3, openedAtMs };
        expect(await bench.windows()).toEqual([
          { ...common, subject, state: "pending", members: 3, occurrences: 3, dueAtMs: openedAtMs + WINDOW_RULES.joinMs, request: null },
        ]);
        await bench.tell(stormEnsured(subject, intent));
        await bench.fire("a");
        await bench.admit([stormy("x", { group: group("8"), namespace: "other" })]);
        const live = { ...common, subject, members: 3, occurrences: 4, request: refOf(subject) };
        const waits = {
          ...common,
          subject: expect.stringContaining(group("8")),
          namespace: "other",
          alertname: "x",
          members: 1,
          occurrences: 1,
        };
        const dueAtMs = openedAtMs + WINDOW_RULES.firstRequestMs;
        const all = [
          { ...waits, state: "buffering", dueAtMs, request: null },
          { ...live, state: "live", dueAtMs: openedAtMs + WINDOW_RULES.joinMs },
        ];
        expect(await bench.ledger.windows(0, 50)).toEqual({ total: 2, windows: all });
        await bench.ledger.flush(subject);
        await bench.sweep();
        expect((await bench.windows())[1]).toEqual({ ...live, state: "closed", dueAtMs: null });
        await bench.tell(stormEnded(subject, bench.time.now));
        expect((await bench.windows())[0]).toEqual({ ...live, state: "ended", dueAtMs: bench.time.now });
      });

      it("are shown a page at a time", async () => {
        for (const id of ["1", "2", "3"]) {
          await bench.admit([stormy(`a${id}`, { group: group(id) })]);
          bench.time.now += 1;
        }
        const page = async (offset: number, limit: number) => {
          const { total, windows } = await bench.ledger.windows(offset, limit);
          return [total, ...windows.map(({ subject }) => subject.slice(0, 1))];
        };
        expect(await page(0, 2)).toEqual([3, "1", "2"]);
        expect(await page(2, 2)).toEqual([3, "3"]);
        expect(await page(3, 2)).toEqual([3]);
      });

      it("show their members in the order of joining, a page at a time, with what they fired last", async () => {
        const { subject } = await bench.storm(["c", "a", "b", "d"]);
        await bench.fireOne("d", { draft: draft("again") });
        const page = async (after: number, limit: number) =>
          (await bench.ledger.window(subject, after, limit))?.members.map(({ seq, target, draft: { spec } }) => [
            seq,
            target,
            spec.signalName,
          ]);
        expect(await page(0, 2)).toEqual([
          [1, "shop:Pod:c", "c"],
          [2, "shop:Pod:a", "a"],
        ]);
        expect(await page(2, 5)).toEqual([
          [3, "shop:Pod:b", "b"],
          [4, "shop:Pod:d", "again"],
        ]);
        expect(await page(4, 5)).toEqual([]);
        expect(await bench.ledger.window(subject, 0, 0)).toMatchObject({ window: { subject, members: 4 }, members: [] });
        expect(await bench.ledger.window(`${GROUP}.${"0".repeat(32)}`, 0, 5)).toBeNull();
        expect(await bench.ledger.window(fingerprint("a"), 0, 5)).toBeNull();
      });
    });

    describe("what would become of a call", () => {
      const foresee = (...alerts: AdmitAlert[]) => bench.ledger.foresee(call(alerts));
      const foreseen = async (...words: string[]) => (await foresee(...words.map((word) => stormy(word)))).map(told);
      const all = async () => [await bench.ledger.counters(), await bench.windows(), await bench.ledger.survey()];

      it("is foreseen for all its alerts together, and changes nothing", async () => {
        await bench.fire("a");
        const before = await all();
        expect(await foreseen("a", "c", "d", "e")).toEqual([
          "buffered waits-in-window",
          "buffered window-joined",
          "ensure threshold-reached",
          "appended storm-joined",
        ]);
        expect(await foresee()).toEqual([]);
        expect((await foresee(invalid("bad"), resolved("a"))).map(told)).toEqual([
          "quarantined alertname-missing",
          "cancelled last-instance-resolved",
        ]);
        expect(await all()).toEqual(before);
        expect(await foreseen("a")).toEqual(["buffered waits-in-window"]);
      });

      it("takes the facts that it brings for known, which are forgotten with it", async () => {
        await bench.create("x");
        const over = seen("x", { resourceVersion: "200", phase: "Completed", ended: true });
        const [verdict] = await bench.ledger.foresee(call([firing("x")], { facts: [over] }));
        expect(verdict).toMatchObject({ kind: "ensure", reason: "request-ended" });
        expect(told(await bench.admitOne(firing("x")))).toBe("duplicate request-live");
      });

      it("asks for a look where the state is stale, as the call would", async () => {
        await bench.create("x");
        bench.time.now += RULES.stateTtlMs;
        const look = { kind: "check", request: { name: "rr-x-1" } };
        expect(await foresee(firing("x"))).toMatchObject([look]);
        expect(await foresee(firing("x"))).toMatchObject([look]);
      });

      it("has no room where the call has none", async () => {
        bench = await openStormBench(open, { intentsMax: 1 });
        await bench.admitOne(firing("b"));
        expect(await foresee(firing("c"))).toEqual([{ kind: "full" }]);
      });
    });

    describe("a receipt", () => {
      const receipt = (word: string) => bench.ledger.receipt({ fingerprint: fingerprint(word) });
      const steps = async (word: string) =>
        (await receipt(word))?.steps.map(({ event, reason, times, request }) =>
          [event, reason, times > 1 && `×${times}`, request && "of a request"].filter(Boolean).join(" "),
        );

      it("tells each step of a member and of its storm, in their order, repeats once with how often", async () => {
        const firstMs = bench.time.now;
        await bench.fire("a", "b");
        bench.time.now += 1;
        for (const _ of [1, 2]) await bench.fire("a");
        bench.time.now += 1;
        const { subject, intent } = await bench.reach("c");
        bench.time.now += 1;
        await bench.tell(stormEnsured(subject, intent));
        bench.time.now += 1;
        await bench.fire("a");
        bench.time.now += 1;
        await bench.fireOne("a", {}, { source: "other" });
        bench.time.now += 1;
        await bench.resolve("a");
        expect(await steps("a")).toEqual([
          ...["buffered window-opened", "buffered waits-in-window ×2", "request-created of a request"],
          ...["duplicate request-live of a request", "duplicate request-live of a request"],
          "resolved last-instance-resolved of a request",
        ]);
        expect(await steps("c")).toEqual(["accepted threshold-reached", "request-created of a request"]);
        expect(await receipt("a")).toMatchObject({
          ...{ fingerprint: fingerprint("a"), state: "live", occurrences: 5, request: refOf(subject), draft: draft("a") },
          steps: [
            { atMs: firstMs, times: 1, source: "test", request: null },
            { atMs: firstMs + 1, times: 2, source: "test", request: null },
            { atMs: firstMs + 3, times: 1, source: null, reason: null, request: refOf(subject) },
            { source: "test" },
            { source: "other" },
            { source: "test" },
          ],
        });
        expect(await receipt("nobody")).toBeNull();
      });

      it("tells what followed: the end of a storm, and what became of those handed on", async () => {
        const { subject } = await bench.storm();
        bench.time.now += 10;
        await bench.fire("a");
        bench.time.now += 10;
        await bench.tell(stormEnded(subject, bench.time.now - 15));
        await bench.sweepAll();
        expect(await steps("b")).toEqual(["buffered window-joined", "rule-broken accuracy", "request-ended of a request"]);
        expect(await steps("a")).toEqual([
          ...["buffered window-opened", "duplicate request-live of a request", "rule-broken accuracy", "request-ended of a request"],
          "window-expired",
        ]);
        expect(await receipt("a")).toMatchObject({ state: "pending", occurrences: 1, request: null });
        expect(await receipt("b")).toMatchObject({ state: "ended", occurrences: 1, request: null });
      });

      it("tells of a request of its own that was created, ended or is gone, and of a storm that is gone", async () => {
        await bench.fire("a");
        bench.time.now += WINDOW_RULES.firstRequestMs;
        await bench.sweepAll();
        const [intent] = await bench.intents();
        await bench.tell(ensured("a", intent?.intent as string));
        await bench.tell({ kind: "gone", subject: fingerprint("a"), uid: "uid-a-1", session: null, agoMs: null });
        expect(await steps("a")).toEqual([
          ...["buffered window-opened", "window-expired", "request-created of a request", "request-gone of a request"],
        ]);
        const { subject } = await bench.storm(["b", "c", "d"]);
        await bench.tell(stormGone(subject));
        await bench.sweepAll();
        expect((await steps("b"))?.at(-1)).toBe("request-gone of a request");
      });

      it("tells of the request that a member was found in, or its storm", async () => {
        const { subject, intent } = await bench.reach("a", "b", "c");
        await bench.tell(held(subject, intent, "a"));
        await bench.tell(stormAdopted(subject, intent, "uid-old", { openedAtMs: bench.time.now, members: 1 }));
        expect((await steps("a"))?.at(-1)).toBe("request-found of a request");
        expect((await steps("b"))?.at(-1)).toBe("request-found of a request");
      });

      it("keeps the latest steps, for a day", async () => {
        const firstMs = bench.time.now;
        await bench.fire("a");
        for (let turn = 1; turn < RECEIPT_STEPS; turn += 1) {
          bench.time.now += 1;
          await bench.fireOne("a", {}, { source: `s${turn}` });
        }
        expect((await receipt("a"))?.steps).toHaveLength(RECEIPT_STEPS);
        bench.time.now += 1;
        await bench.fireOne("a", {}, { source: "last" });
        const { steps: kept = [] } = (await receipt("a")) ?? {};
        expect([kept.length, kept[0]?.source, kept.at(-1)?.source]).toEqual([RECEIPT_STEPS, "s1", "last"]);
        bench.time.now = firstMs + RECEIPT_LIFE_MS + 1;
        expect((await receipt("a"))?.steps).toHaveLength(RECEIPT_STEPS - 1);
        bench.time.now = firstMs + RECEIPT_LIFE_MS + RECEIPT_STEPS;
        expect((await receipt("a"))?.steps).toEqual([]);
      });

      it("says nothing of an alert that was not decided", async () => {
        await bench.storm();
        bench.time.now += 30_000;
        expect(told(await bench.fireOne("a"))).toBe("check");
        expect(await steps("a")).toEqual(["buffered window-opened", "request-created of a request"]);
      });
    });

    describe("a delivery that comes again", () => {
      it("gets the answers of the first time, and for the storm's alert what has become of it", async () => {
        const sent = call(["a", "b", "c", "d"].map((word) => stormy(word)));
        const first = await bench.ledger.admit(sent);
        expect(await bench.ledger.admit(sent)).toEqual(first);
        const again = async () => (await bench.admit([...sent.alerts], { delivery: sent.delivery })).map(told);
        const others = ["buffered window-opened", "buffered window-joined"];
        expect(await again()).toEqual([...others, "accepted threshold-reached", "appended storm-joined"]);
        const { subject, intent } = first[2] as { subject: string; intent: string };
        await bench.tell(stormEnsured(subject, intent));
        expect(await again()).toEqual([...others, "aggregated threshold-reached", "appended storm-joined"]);
        expect((await bench.ledger.admit(sent))[2]).toEqual({
          ...{
            kind: "settled",
            outcome: "aggregated",
            request: refOf(subject),
            occurrences: 1,
            reason: "threshold-reached",
            rung: "kubernetes",
          },
        });
        expect(await bench.windows()).toMatchObject([{ members: 4, occurrences: 4 }]);
      });

      it("joined where the storm was adopted", async () => {
        const sent = call(["a", "b", "c"].map((word) => stormy(word)));
        const { subject, intent } = (await bench.ledger.admit(sent))[2] as { subject: string; intent: string };
        await bench.tell(stormAdopted(subject, intent, "uid-old", { openedAtMs: bench.time.now, members: 2 }));
        expect((await bench.ledger.admit(sent)).map(told)[2]).toBe("appended storm-joined");
      });
    });
  });
}
