import { beforeEach, describe, expect, it } from "vitest";
import type { AdmitAlert } from "../../src/ports/ledger.ts";
import { call, draft, ensured, fingerprint, firing, GROUP, RULES, resolved, seen, WINDOW_RULES } from "../support/ledger-builders.ts";
import { stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const group = (name: string) => name.repeat(64);
/** Words that none of the others is. */
const words = (count: number, first = 0) => Array.from({ length: count }, (_, index) => `w${first + index}`);

/** What every ledger promises to alerts that wait for others of their group. */
export function ledgerWindowsContract(name: string, open: OpenLedger): void {
  describe(`windows: ${name}`, () => {
    let bench: StormBench;
    const start = async (rules: Parameters<typeof openStormBench>[1] = {}) => {
      bench = await openStormBench(open, rules);
    };
    const buffered = async () => (await bench.ledger.survey()).buffered;
    const next = async () => (await bench.ledger.lease(100)).nextInMs;
    const subjects = async () => (await bench.intents()).map(({ subject }) => subject).toSorted();
    beforeEach(() => start());

    describe("below the threshold", () => {
      it("hold a group's first alert back, and nothing is to be made yet", async () => {
        expect(await bench.fireOne("a")).toEqual({
          ...{ kind: "settled", outcome: "buffered", request: null, occurrences: 1, reason: "window-opened", rung: "cache" },
        });
        expect(await bench.ledger.lease(10)).toMatchObject({
          intents: [],
          counts: [],
          sweepDue: false,
          nextInMs: WINDOW_RULES.firstRequestMs,
        });
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, buffered: 1 });
      });

      it("are due a fixed time after their first alert, whoever joins or repeats later", async () => {
        await bench.fireOne("a");
        bench.time.now += 30_000;
        expect(await bench.fire("b", "a")).toEqual(["buffered window-joined", "buffered waits-in-window"]);
        expect(await next()).toBe(15_000);
        bench.time.now += 14_999;
        expect((await bench.ledger.lease(10)).sweepDue).toBe(false);
        bench.time.now += 1;
        expect(await bench.ledger.lease(10)).toMatchObject({ sweepDue: true, nextInMs: 0 });
      });

      it("count every delivery of a member, and each member once towards the threshold", async () => {
        await bench.fireOne("a");
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "buffered", reason: "waits-in-window", request: null, occurrences: 2 });
        expect(await bench.fireOne("a", { instance: "b" })).toMatchObject({ outcome: "buffered", occurrences: 3 });
        expect(await bench.fireOne("b")).toMatchObject({ outcome: "buffered", reason: "window-joined", occurrences: 1 });
        expect(await bench.windows()).toMatchObject([{ state: "buffering", members: 2, occurrences: 4, threshold: 3 }]);
        expect(await bench.fireOne("c")).toMatchObject({ kind: "ensure", reason: "threshold-reached", occurrences: 1 });
      });

      it("count a delivery of several instances of one alert once", async () => {
        const both = [stormy("a", { instance: "warning", shared: true }), stormy("a", { instance: "critical", shared: true })];
        expect(await bench.admit(both)).toMatchObject([
          { outcome: "buffered", occurrences: 1 },
          { outcome: "buffered", occurrences: 1 },
        ]);
        expect(await bench.windows()).toMatchObject([{ members: 1, occurrences: 1 }]);
      });

      it("become a storm's within one call: one intent, which the alert that reached the threshold gets", async () => {
        const verdicts = await bench.admit(["a", "b", "c", "d", "e"].map((word) => stormy(word)));
        expect(verdicts.map(told)).toEqual([
          ...["buffered window-opened", "buffered window-joined", "ensure threshold-reached"],
          ...["appended storm-joined", "appended storm-joined"],
        ]);
        expect(verdicts[2]).toMatchObject({ subject: expect.stringMatching(new RegExp(`^${GROUP}\\.[0-9a-f]{32}$`)), occurrences: 1 });
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 1, buffered: 0 });
        expect(await bench.intents()).toEqual([]);
        bench.time.now += RULES.leaseMs;
        expect(await bench.intents()).toMatchObject([
          { subject: (verdicts[2] as { subject: string }).subject, tries: 2, draft: null, buffered: false },
        ]);
      });

      it("are a group's own, however many groups a call brings", async () => {
        const alerts = ["1", "2", "3", "4"].flatMap((id) => ["a", "b"].map((word) => stormy(word + id, { group: group(id) })));
        expect((await bench.admit([...alerts, stormy("c3", { group: group("3") })])).map(told)).toEqual([
          ...alerts.map((_, at) => (at % 2 ? "buffered window-joined" : "buffered window-opened")),
          "ensure threshold-reached",
        ]);
        const windows = await bench.windows();
        expect(windows.map(({ subject, members }) => subject.slice(0, 1) + members)).toEqual(["12", "22", "42", "33"]);
        expect(new Set(windows.map(({ subject }) => subject.slice(65))).size).toBe(4);
      });

      it("hold nobody who is to pass at once, and let a member pass at once when its request is due again", async () => {
        await bench.fire("a", "b");
        expect(await bench.admitOne(firing("c"))).toMatchObject({ kind: "ensure", reason: "new", subject: fingerprint("c") });
        expect(await bench.windows()).toMatchObject([{ members: 2 }]);
        await bench.storm(["a", "b", "d"]);
        expect(await bench.admitOne(firing("e"))).toMatchObject({ kind: "ensure", subject: fingerprint("e") });
        expect(await bench.admitOne(firing("a"))).toMatchObject({ outcome: "duplicate" });
      });

      it("keep to the rules they were opened under", async () => {
        await bench.fireOne("a");
        const others = { windowRules: { threshold: 2, firstRequestMs: 1, joinMs: 1 } };
        expect(told(await bench.fireOne("b", others))).toBe("buffered window-joined");
        expect(await next()).toBe(WINDOW_RULES.firstRequestMs);
        expect(told(await bench.fireOne("c", others))).toBe("ensure threshold-reached");
        expect(await bench.windows()).toMatchObject([{ dueAtMs: bench.time.now + WINDOW_RULES.joinMs, threshold: 3 }]);
      });
    });

    describe("whose members had requests of their own", () => {
      it("leave those what they are still owed", async () => {
        const intent = intentOf(await bench.admitOne(firing("a")));
        await bench.ledger.fact([ensured("a", intent)]);
        await bench.admitOne(firing("a"));
        await bench.ledger.fact([seen("a", { resourceVersion: "101", ended: true })]);
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "buffered", request: null, occurrences: 1 });
        expect(await bench.countsDue()).toMatchObject([{ slot: intent, count: 2, request: { uid: "uid-a-1" } }]);
      });
    });

    describe("whose members resolve", () => {
      it("lose a member with its last instance only", async () => {
        await bench.fireOne("a", { instance: "x" });
        await bench.fireOne("a", { instance: "y" });
        expect(told(await bench.resolve("a", { instance: "x" }))).toBe("ignored other-instances-firing");
        expect(await buffered()).toBe(1);
        expect(await bench.resolve("a", { instance: "y" })).toEqual({
          ...{ kind: "settled", outcome: "cancelled", request: null, occurrences: 2, reason: "last-instance-resolved", rung: "cache" },
        });
        expect(await buffered()).toBe(0);
        bench.time.now += WINDOW_RULES.firstRequestMs;
        await bench.sweepAll();
        expect(await bench.intents()).toEqual([]);
      });

      it("make a request for the warning whose critical twin is over, whatever their order in a delivery", async () => {
        const critical = { instance: "critical", shared: true };
        const warning = { instance: "warning", shared: true };
        await bench.admit([stormy("a", critical), stormy("a", warning)]);
        expect((await bench.admit([stormy("a", warning), resolved("a", critical)])).map(told)).toEqual([
          ...["buffered waits-in-window", "ignored other-instances-firing"],
        ]);
        bench.time.now += WINDOW_RULES.firstRequestMs;
        await bench.sweepAll();
        expect(await subjects()).toEqual([fingerprint("a")]);
      });

      it("tell replicas of one sender the same, and let them do nothing twice", async () => {
        const [fires, resolves] = [call([stormy("a"), stormy("b")]), call([resolved("a")])];
        for (const sent of [fires, resolves]) {
          const first = await bench.ledger.admit(sent);
          expect(await bench.admit([...sent.alerts], { delivery: sent.delivery })).toEqual(first);
        }
        expect(await bench.windows()).toMatchObject([{ members: 1, occurrences: 1 }]);
      });

      it("need as many others again, and forget what the resolved one was counted", async () => {
        await bench.fire("a", "b");
        await bench.fireOne("a");
        expect(told(await bench.resolve("a"))).toBe("cancelled last-instance-resolved");
        expect(await bench.windows()).toMatchObject([{ members: 1, occurrences: 1 }]);
        expect(await bench.fire("c")).toEqual(["buffered window-joined"]);
        expect(await bench.fireOne("a", { startsAtMs: 2_000 })).toMatchObject({ kind: "ensure", occurrences: 1 });
        expect(await bench.windows()).toMatchObject([{ members: 3, occurrences: 3 }]);
      });

      it("keep their deadline when the first one is cancelled", async () => {
        await bench.fireOne("a");
        bench.time.now += 30_000;
        await bench.fireOne("b");
        await bench.resolve("a");
        expect(await next()).toBe(15_000);
        await bench.resolve("b");
        expect(await bench.fire("c")).toEqual(["buffered window-joined"]);
        expect(await next()).toBe(15_000);
      });

      it("leave no trace when nobody is left", async () => {
        await bench.fireOne("a");
        await bench.resolve("a");
        bench.time.now += WINDOW_RULES.firstRequestMs;
        expect(await bench.sweep()).toBe(false);
        expect(await bench.ledger.windows(0, 50)).toEqual({ total: 0, windows: [] });
        expect(await bench.ledger.lease(10)).toMatchObject({ intents: [], counts: [], sweepDue: false, nextInMs: null });
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 0 });
        expect(await bench.fire("b")).toEqual(["buffered window-opened"]);
      });
    });

    describe("that stay below the threshold", () => {
      const expire = () => {
        bench.time.now += WINDOW_RULES.firstRequestMs;
      };

      it("give each member a request of its own, due at once, with all that was counted since it first fired", async () => {
        const firstMs = bench.time.now;
        await bench.fire("a", "b");
        bench.time.now += 10_000;
        await bench.fireOne("a");
        await bench.fireOne("a");
        expire();
        expect(await bench.sweep()).toBe(false);
        expect(await bench.ledger.windows(0, 50)).toEqual({ total: 0, windows: [] });
        const { intents } = await bench.ledger.lease(10);
        expect(intents).toMatchObject([
          { subject: fingerprint("a"), tries: 1, buffered: true, draft: draft("a") },
          { subject: fingerprint("b"), tries: 1, buffered: true, draft: draft("b") },
        ]);
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", reason: "request-pending", request: null, occurrences: 4 });
        await bench.ledger.fact(intents.map(({ intent }, at) => ensured(at ? "b" : "a", intent)));
        expect(await bench.countsDue()).toMatchObject([{ slot: intents[0]?.intent, count: 4, firstSeenMs: firstMs, storm: null }]);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 1, requests_created: 2, storms_detected: 0 });
      });

      it("do a thing once, however many sweeps run at once or again", async () => {
        const rules = { ...WINDOW_RULES, threshold: 20 };
        await bench.admit(words(8).map((word) => stormy(word, { windowRules: rules })));
        expire();
        const again = { operation: call([]).operation, limit: 100 };
        await Promise.all([bench.sweep(), bench.sweep(3), bench.ledger.sweep(again), bench.ledger.sweep(again)]);
        await bench.ledger.sweep(again);
        expect(await bench.sweep()).toBe(false);
        expect(await bench.ledger.survey()).toMatchObject({ openIntents: 8, buffered: 0 });
        const intents = await bench.intents();
        expect(intents.map(({ subject }) => subject).toSorted()).toEqual(words(8).map(fingerprint).toSorted());
        expect(new Set(intents.map(({ intent }) => intent)).size).toBe(8);
        await bench.ledger.sweep(again);
        expect(await bench.intents()).toEqual([]);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 1, deduplication_misses: 8 });
      });

      it("are dealt with a part at a time, the longest due first", async () => {
        const rules = { ...WINDOW_RULES, threshold: 20 };
        await bench.admit(words(2).map((word) => stormy(word, { windowRules: rules, group: group("f") })));
        bench.time.now += 1;
        await bench.admit(words(5, 2).map((word) => stormy(word, { windowRules: rules })));
        expire();
        expect(await bench.sweep(2)).toBe(true);
        expect(await subjects()).toEqual(words(2).map(fingerprint).toSorted());
        expect(await bench.windows()).toMatchObject([{ subject: expect.stringContaining(GROUP), state: "buffering", members: 5 }]);
        expect(await bench.sweep(1)).toBe(true);
        expect(await subjects()).toEqual(words(1, 2).map(fingerprint).toSorted());
        expect(await bench.windows()).toMatchObject([{ subject: expect.stringContaining(GROUP), state: "expired", members: 4 }]);
        expect(await buffered()).toBe(4);
        expect(await bench.sweepAll(3)).toBe(2);
        expect(await subjects()).toEqual(words(4, 3).map(fingerprint).toSorted());
        expect(await buffered()).toBe(0);
        expect(await bench.ledger.counters()).toMatchObject({ windows_expired: 2 });
      });

      it("take nobody in any more while parts of them wait, and still let a member go that resolves", async () => {
        await bench.fire("a", "b");
        expire();
        await bench.sweep(1);
        expect(await bench.fire("b", "c")).toEqual(["buffered waits-in-window", "buffered window-opened"]);
        expect(told(await bench.resolve("b"))).toBe("cancelled last-instance-resolved");
        expect(await bench.sweep(1)).toBe(false);
        expect(await subjects()).toEqual([fingerprint("a")]);
        expect(await bench.windows()).toMatchObject([{ state: "buffering", members: 1 }]);
      });

      it("count no repeat on another fingerprint's share", async () => {
        await bench.fire("a", "b");
        await bench.fireOne("b");
        expire();
        await bench.sweep(1);
        expect(await bench.windows()).toMatchObject([{ members: 1, occurrences: 2 }]);
      });
    });

    describe("at a cap", () => {
      it.each([
        ["its namespace", { perNamespace: 2, total: 100 }, "buffered window-opened"],
        ["the cluster", { perNamespace: 50, total: 2 }, "ensure buffer-full"],
      ])("of %s let alerts pass with a request of their own, and keep what they hold", async (_, bufferedMax, elsewhere) => {
        await start({ bufferedMax });
        await bench.fire("a", "b");
        expect(await bench.fireOne("c")).toMatchObject({
          kind: "ensure",
          reason: "buffer-full",
          subject: fingerprint("c"),
          occurrences: 1,
        });
        expect(await bench.fire("a")).toEqual(["buffered waits-in-window"]);
        expect(told(await bench.fireOne("o", { group: group("7"), namespace: "other" }))).toBe(elsewhere);
        await bench.resolve("a");
        expect(told(await bench.fireOne("p", { group: group("6") }))).toBe("buffered window-opened");
        expect(await bench.ledger.counters()).toMatchObject({ buffer_bypasses: elsewhere.startsWith("ensure") ? 2 : 1 });
      });

      it("of open intents take no alert that would reach the threshold, and keep nothing of it", async () => {
        await start({ intentsMax: 5 });
        const intent = intentOf(await bench.admitOne(firing("x")));
        await bench.fire("a", "b");
        const [before, sent] = [await bench.ledger.counters(), call([stormy("c")])];
        expect(await bench.ledger.admit(sent)).toEqual([{ kind: "full" }]);
        expect(await bench.windows()).toMatchObject([{ state: "buffering", members: 2 }]);
        expect(await bench.ledger.receipt({ fingerprint: fingerprint("c") })).toBeNull();
        expect(await bench.ledger.counters()).toEqual(before);
        await bench.ledger.fact([ensured("x", intent)]);
        expect((await bench.ledger.admit(sent)).map(told)).toEqual(["ensure threshold-reached"]);
      });

      it("of both refuse an alert", async () => {
        await start({ intentsMax: 0, bufferedMax: { perNamespace: 1, total: 1 } });
        expect(await bench.fire("a", "b")).toEqual(["buffered window-opened", "full"]);
        expect(await bench.ledger.counters()).toMatchObject({ buffer_bypasses: 0 });
      });

      it("of a storm close it, and its group's next alert opens the next window", async () => {
        await start({ windowAlertsMax: 4 });
        const { subject } = await bench.storm(["a", "b", "c", "d"]);
        expect(await bench.fireOne("e")).toMatchObject({ outcome: "buffered", reason: "window-full", request: null });
        expect(await bench.fire("f", "a")).toEqual(["buffered window-joined", "duplicate request-live"]);
        expect(await bench.windows()).toMatchObject([
          { state: "buffering", members: 2 },
          { subject, state: "closed", members: 4 },
        ]);
      });

      it("make one delivery several storms, each with an id and a request of its own", async () => {
        await start({ windowAlertsMax: 4 });
        const storm = ["ensure threshold-reached", "appended storm-joined"];
        const full = ["buffered window-full", "buffered window-joined"];
        const verdicts = await bench.admit(words(11).map((word) => stormy(word)));
        expect(verdicts.map(told)).toEqual([
          ...["buffered window-opened", "buffered window-joined", ...storm, ...full, ...storm, ...full],
          "ensure threshold-reached",
        ]);
        const ensures = verdicts.flatMap((verdict) => (verdict.kind === "ensure" ? [verdict] : []));
        expect(new Set(ensures.map(({ subject }) => subject)).size).toBe(3);
        expect(new Set(ensures.map(({ intent }) => intent)).size).toBe(3);
        const crews = await Promise.all(ensures.map(({ subject, intent }) => bench.ledger.crew(subject, intent, 0, 100)));
        const named = crews.map((crew) => crew?.members.map(({ target }) => target.slice("shop:Pod:".length)));
        expect(named).toEqual([words(4), words(4, 4), words(3, 8)]);
      });
    });

    describe("in the totals", () => {
      it("are counted with what they decide, and by no repeat of a call", async () => {
        const calls = [call([stormy("a")]), call([stormy("a"), stormy("b")]), call([stormy("c"), stormy("d")]), call([stormy("d")])];
        for (const sent of [...calls, ...calls]) await bench.ledger.admit(sent);
        expect(await bench.ledger.counters()).toMatchObject({
          ...{ alerts_received: 6, deduplication_misses: 4, deduplication_hits: 2, state_cache_hits: 0, state_cache_misses: 0 },
          ...{ buffer_misses: 1, buffer_hits: 3, buffer_bypasses: 0, windows_expired: 0, storms_detected: 1, storms_created: 0 },
        });
        expect((await bench.ledger.survey()).outcomes.map(({ outcome, count }) => `${outcome} ${count}`)).toEqual([
          ...["accepted 1", "appended 1", "buffered 3", "duplicate 1"],
        ]);
      });

      it("show how full the buffer of a namespace or of all is, whichever is fuller", async () => {
        await start({ bufferedMax: { perNamespace: 10, total: 16 } });
        const fills = async () => {
          const { buffered: waiting, bufferFill } = await bench.ledger.survey();
          return [waiting, bufferFill];
        };
        const elsewhere = (word: string, namespace: string): AdmitAlert => stormy(word, { group: group("7"), namespace });
        expect(await fills()).toEqual([0, 0]);
        await bench.fire("a", "b");
        expect(await fills()).toEqual([2, 0.2]);
        await bench.admit([elsewhere("c", "other"), elsewhere("d", "other")]);
        expect(await fills()).toEqual([4, 0.25]);
        await bench.fire("e");
        expect(await fills()).toEqual([2, 0.2]);
        await bench.resolve("c", { group: group("7"), namespace: "other" });
        expect(await fills()).toEqual([1, 0.1]);
      });
    });
  });
}
