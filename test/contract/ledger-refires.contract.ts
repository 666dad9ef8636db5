import { beforeEach, describe, expect, it } from "vitest";
import { AGAIN_JOIN_MS, AGAIN_MS } from "../../src/domain/ledger-limits.ts";
import type { AdmitAlert } from "../../src/ports/ledger.ts";
import { BY_TIME, call, fingerprint, firing, GROUP, RULES, resolved, seen, WINDOW_RULES } from "../support/ledger-builders.ts";
import { stormAdopted, stormy } from "../support/storm-builders.ts";
import { type OpenLedger, openBench } from "./ledger-bench.ts";
import { openStormBench, type StormBench, told } from "./ledger-storm-bench.ts";

const over = (word: string) => seen(word, { resourceVersion: "900", phase: "Completed", ended: true });

/** What every ledger promises about an instance that fires again, with the same start, soon after its own resolve. */
export function ledgerRefiresContract(name: string, open: OpenLedger): void {
  describe(`fires again after its own resolve: ${name}`, () => {
    let bench: StormBench;
    const later = (ms: number) => {
      bench.time.now += ms;
    };
    const admit = async (...alerts: AdmitAlert[]) => (await bench.admit(alerts)).map(told);
    /** Everything that has an intent by now, by the word of its alert. */
    const intents = async () => (await bench.intents()).map(({ draft }) => draft?.spec.signalName ?? "storm");
    /** Fires, is created, is over, and is resolved. */
    const past = async (...words: string[]) => {
      for (const word of words) {
        await bench.create(word);
        await bench.tell(over(word));
        await bench.resolve(word);
      }
    };
    beforeEach(async () => {
      bench = await openStormBench(open);
    });

    it("counts on the request that is live, which is no longer shown as resolved", async () => {
      await bench.create("x");
      await bench.resolve("x");
      expect(await bench.countsDue()).toMatchObject([{ resolvedAtMs: bench.time.now, count: 1 }]);
      later(20_000);
      expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", reason: "request-live", occurrences: 2 });
      later(RULES.leaseMs);
      expect(await bench.countsDue()).toMatchObject([{ resolvedAtMs: null, count: 2 }]);
    });

    it.each<[string, Partial<AdmitAlert>]>([
      ["under a storm rule", { windowRules: WINDOW_RULES }],
      ["where storms are off, or a rule lets it pass", {}],
    ])("waits where no request is live, and gets one if nobody resolves it, %s", async (_, rules) => {
      await past("x");
      expect(await admit(firing("x", rules))).toEqual(["buffered fired-after-resolve"]);
      later(AGAIN_MS - 1);
      expect(await admit(firing("x", rules))).toEqual(["buffered waits-in-window"]);
      await bench.sweepAll();
      expect(await intents()).toEqual([]);
      later(1);
      await bench.sweepAll();
      expect(await intents()).toEqual(["x"]);
      expect((await bench.ledger.receipt({ fingerprint: fingerprint("x") }))?.occurrences).toBe(2);
      expect(await bench.windows()).toEqual([]);
    });

    it("waits as well where it was resolved before a request was made", async () => {
      await bench.fire("x");
      await bench.resolve("x");
      expect(await bench.fire("x")).toEqual(["buffered fired-after-resolve"]);
    });

    it("is cancelled by a resolve with the same or a later start, and not by one with an earlier start", async () => {
      await past("x", "y");
      await admit(firing("x"), firing("y"));
      later(30_000);
      expect(await admit(resolved("x", { startsAtMs: 999 }), resolved("x"), resolved("y", { startsAtMs: 1_001 }))).toEqual([
        "ignored late",
        "cancelled last-instance-resolved",
        "cancelled last-instance-resolved",
      ]);
      later(AGAIN_MS);
      await bench.sweepAll();
      expect([await intents(), await bench.windows(), (await bench.ledger.survey()).buffered]).toEqual([[], [], 0]);
    });

    it("waits for the whole time, also where others have waited before", async () => {
      await past("x", "y", "z");
      await admit(firing("x"));
      later(AGAIN_JOIN_MS - 1);
      await admit(firing("y"));
      later(1);
      await admit(firing("z"));
      later(AGAIN_MS - 2);
      await bench.sweepAll();
      expect(await intents()).toEqual([]);
      later(1);
      await bench.sweepAll();
      expect((await intents()).toSorted()).toEqual(["x", "y"]);
      later(RULES.leaseMs);
      await bench.sweepAll();
      expect(await intents()).toContain("z");
    });

    it("does not bring others of its group nearer to a storm", async () => {
      await past("x", "y", "z");
      expect(await bench.fire("a", "x", "y", "z", "b")).toEqual([
        "buffered window-opened",
        ...Array(3).fill("buffered fired-after-resolve"),
        "buffered window-joined",
      ]);
    });

    it("has one request with as many of its group as make a storm, once they have waited", async () => {
      await past("x", "y", "z");
      await bench.fire("x", "y", "z");
      later(WINDOW_RULES.firstRequestMs);
      await bench.sweepAll();
      expect(await bench.windows()).toMatchObject([{ state: "pending", members: 3 }]);
      expect(await intents()).toEqual(["storm"]);
    });

    it("joins the storm that its group has by then", async () => {
      await past("x");
      await bench.fire("x");
      later(1_000);
      await bench.storm();
      later(WINDOW_RULES.firstRequestMs);
      await bench.sweepAll();
      expect(await bench.windows()).toMatchObject([{ state: "live", members: 4 }]);
      expect(await intents()).toEqual([]);
    });

    it.each([
      ["of its own", 3, 0],
      ["beside those that it took over", 5, 2],
    ])("joins no storm that has as many alerts as it may, %s", async (_, windowAlertsMax, members) => {
      bench = await openStormBench(open, { windowAlertsMax });
      await past("x");
      await bench.fire("x");
      const { subject, intent } = await bench.reach("a", "b", "c");
      await bench.tell(stormAdopted(subject, intent, "uid-old", { openedAtMs: bench.time.now, members }));
      later(WINDOW_RULES.firstRequestMs);
      await bench.sweepAll();
      expect(await bench.windows()).toMatchObject([{ state: "live", members: 3 }]);
      expect(await intents()).toEqual(["x"]);
    });

    it("is as many as there are where storms are off: each has a request of its own", async () => {
      const words = Array.from({ length: RULES.windowAlertsMax + 1 }, (_, at) => `w${at}`);
      await past(...words);
      await admit(...words.map((word) => firing(word)));
      later(AGAIN_MS);
      await bench.sweepAll();
      expect(await intents()).toHaveLength(words.length);
    });

    it("passes at once where no room is left to wait", async () => {
      bench = await openStormBench(open, { bufferedMax: { perNamespace: 1, total: 1 } });
      await past("x", "y");
      expect(await admit(firing("x"), firing("y"))).toEqual(["buffered fired-after-resolve", "ensure buffer-full"]);
    });

    it("is nothing to wait for two minutes after the resolve, nor with a later start", async () => {
      await past("x", "y");
      expect(await admit(firing("y", { startsAtMs: 1_001 }))).toEqual(["ensure request-ended"]);
      later(RULES.deliveryTtlMs);
      expect(await admit(firing("x"))).toEqual(["ensure request-ended"]);
    });

    it("is decided at once where states are not asked for", async () => {
      bench = await openStormBench(open, { shares: BY_TIME });
      await bench.fire("x");
      await bench.resolve("x");
      expect(await bench.fire("x")).toEqual(["buffered window-joined"]);
    });

    describe("in a delivery that comes again", () => {
      const send = async (...alerts: AdmitAlert[]) => {
        const delivery = alerts
          .map(({ kind }) => kind[0])
          .join("")
          .padEnd(32, "0");
        return (await bench.admit(alerts, { delivery })).map(told);
      };

      it("is decided anew only where it was resolved since it was answered, and counts once", async () => {
        expect(await send(firing("x"))).toEqual(["ensure new"]);
        later(1);
        expect(await send(firing("x"))).toEqual(["accepted new"]);
        await bench.tell(over("x"));
        later(1);
        await send(resolved("x"));
        later(15_000);
        expect(await send(firing("x"))).toEqual(["duplicate request-pending"]);
        later(1);
        expect(await send(firing("x"))).toEqual(["duplicate request-pending"]);
        expect((await bench.ledger.receipt({ fingerprint: fingerprint("x") }))?.occurrences).toBe(1);
      });

      it("leaves its first answer where nothing was resolved, whatever has become of the request", async () => {
        await bench.create("x");
        expect(await send(firing("x"))).toEqual(["duplicate request-live"]);
        await bench.tell(over("x"));
        later(15_000);
        expect(await send(firing("x"))).toEqual(["duplicate request-live"]);
        expect(await intents()).toEqual([]);
      });

      it("is resolved again by the copy of its resolve", async () => {
        await past("x");
        await send(firing("x"));
        later(10_000);
        expect(await send(resolved("x"))).toEqual(["cancelled last-instance-resolved"]);
        later(5_000);
        expect(await send(firing("x"))).toEqual(["buffered fired-after-resolve"]);
        later(10_000);
        expect(await send(resolved("x"))).toEqual(["cancelled last-instance-resolved"]);
        later(AGAIN_MS);
        await bench.sweepAll();
        expect(await intents()).toEqual([]);
      });
    });
  });

  describe(`without states: ${name}`, () => {
    const off = () => openBench(open, { shares: BY_TIME });
    const gone = { kind: "gone", subject: fingerprint("x"), uid: "uid-x-1", session: null, agoMs: null } as const;

    it.each([
      ["live", null],
      ["Completed", over("x")],
      ["deleted", gone],
    ])(
      "a repeat within five minutes of the intent is a duplicate, also where the request is %s, and a later one is new",
      async (_, fact) => {
        const bench = await off();
        await bench.create("x");
        if (fact) await bench.ledger.fact([fact]);
        bench.time.now += RULES.fallbackTtlMs - 1;
        expect(await bench.admitOne(firing("x"))).toMatchObject({ outcome: "duplicate", reason: "within-fallback-time", occurrences: 2 });
        bench.time.now += 1;
        expect((await bench.admitOne(firing("x"))).kind).toBe("ensure");
      },
    );

    it("nothing stands for an alert whose request was never made", async () => {
      const bench = await off();
      await bench.admitOne(stormy("x"));
      await bench.admitOne(resolved("x"));
      expect(told(await bench.admitOne(firing("x", { group: GROUP })))).toBe("ensure request-ended");
      expect(await bench.ledger.foresee(call([firing("x")]))).toMatchObject([{ reason: "request-pending" }]);
    });
  });
}
