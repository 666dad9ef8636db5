import { describe, expect, it } from "vitest";
import type { Shares } from "../../src/domain/feature.ts";
import { stormName } from "../../src/domain/storm-draft.ts";
import type { Fact } from "../../src/ports/ledger.ts";
import { BY_TIME, ensured, firing, gone, RULES, resolved, seen } from "../support/ledger-builders.ts";
import { stormEnded, stormEnsured, stormy } from "../support/storm-builders.ts";
import { intentOf, type OpenLedger } from "./ledger-bench.ts";
import { openStormBench, told } from "./ledger-storm-bench.ts";

const NO_STORMS: Shares = { ...RULES.shares, "storm-buffering": 0 };
const NEITHER: Shares = { ...BY_TIME, "storm-buffering": 0 };

/** What may become of the request between two alerts. */
const PHASES = ["nothing", "seen", "ended", "ended-before", "deleted", "resolved"] as const;

/** The same numbers in each run, 0 up to `below`. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What every ledger promises where a feature is off: the behaviour of the time before it, to the letter. */
export function ledgerOffContract(name: string, open: OpenLedger): void {
  describe(`features that are off: ${name}`, () => {
    it("judge 200 repeats by time alone: a duplicate within 5 min of the intent whatever the phase, else a new request", async () => {
      const { admitOne, ledger, time } = await openStormBench(open, { shares: NEITHER, intentsMax: 10_000 });
      const next = numbers(7);
      const words = ["a", "b", "c", "d"];
      const requests = new Map<string, { intentAt: number; version: number; uid: string; over: boolean }>();
      const steps: string[] = [];
      const expected: string[] = [];
      for (let step = 0; step < 200; step += 1) {
        time.now += [1_000, 20_000, 60_000, 150_000, RULES.fallbackTtlMs - 1, RULES.fallbackTtlMs][next(6)] as number;
        const word = words[next(words.length)] as string;
        const request = requests.get(word);
        const isDuplicate = request !== undefined && time.now - request.intentAt < RULES.fallbackTtlMs;
        const verdict = await admitOne(firing(word));
        steps.push(`${step} ${word} ${verdict.kind === "ensure" ? "new" : told(verdict)}`);
        expected.push(`${step} ${word} ${isDuplicate ? "duplicate within-fallback-time" : "new"}`);
        if (verdict.kind === "ensure") {
          const uid = `uid-${word}-${step}`;
          requests.set(word, { intentAt: time.now, version: 100, uid, over: false });
          await ledger.fact([ensured(word, verdict.intent, { uid, name: `rr-${word}-${step}` })]);
        }
        await happen(word, PHASES[next(PHASES.length)] ?? "nothing");
      }
      expect(steps).toEqual(expected);
      expect(expected.filter((line) => line.endsWith("new")).length).toBeGreaterThan(40);
      expect(expected.filter((line) => line.endsWith("time")).length).toBeGreaterThan(40);
      expect((await ledger.lease(100)).intents).toEqual([]);

      async function happen(word: string, phase: (typeof PHASES)[number]): Promise<void> {
        const request = requests.get(word);
        if (phase === "resolved") return void (await admitOne(resolved(word)));
        if (!request || request.over || phase === "nothing") return;
        request.version += 1;
        const state = { uid: request.uid, resourceVersion: `${request.version}` };
        const endedAtMs = phase === "ended-before" ? request.intentAt + 1 : time.now;
        const fact = { seen: seen(word, state), deleted: gone(word, request.uid) }[phase as string];
        request.over = phase !== "seen";
        await ledger.fact([fact ?? seen(word, { ...state, phase: "Completed", ended: true, endedAtMs })] as Fact[]);
      }
    });

    it("give each of a storm's alerts a request of its own, at once", async () => {
      const { fire, ledger, windows } = await openStormBench(open, { shares: NO_STORMS });
      expect(await fire("a", "b", "c", "d")).toEqual(Array(4).fill("ensure new"));
      expect(await windows()).toEqual([]);
      expect(await ledger.survey()).toMatchObject({ openIntents: 4, buffered: 0 });
    });

    it("take nobody into a storm that is under way", async () => {
      const { fire, storm, ledger } = await openStormBench(open);
      await storm();
      await ledger.setFlag({ operation: "f".repeat(32), feature: "storm-buffering", percent: 0, by: "", reason: "" });
      expect(await fire("d", "a")).toEqual(["ensure new", "duplicate request-live"]);
    });

    it.each([["resolved", true] as const, ["firing", false] as const])(
      "let an ended storm's request stand for a member that is %s, for 5 min from its intent, and give it no other",
      async (_, isResolved) => {
        const bench = await openStormBench(open, { shares: BY_TIME });
        await bench.fire("a");
        bench.time.now += 10_000;
        const { subject, intent } = await bench.reach("b", "c");
        await bench.tell(stormEnsured(subject, intent));
        const intentAt = bench.time.now;
        const endedAtMs = intentAt + 60_000;
        bench.time.now = endedAtMs + 1_000;
        await bench.fireOne("a");
        if (isResolved) await bench.resolve("a");
        await bench.tell(stormEnded(subject, endedAtMs));
        await bench.sweepAll();
        await bench.record("900");
        expect(await bench.windows()).toEqual([]);
        expect(await bench.intents()).toEqual([]);
        bench.time.now = intentAt + RULES.fallbackTtlMs - 1;
        const request = { namespace: "shop", name: stormName(subject.slice(65)) };
        expect(await bench.fireOne("a")).toMatchObject({ outcome: "duplicate", rung: "time", request });
        expect(await bench.countsDue()).toEqual([]);
        bench.time.now += 1;
        expect(told(await bench.fireOne("a"))).toBe("buffered window-opened");
      },
    );

    it("count on a request that has ended, which a late word of its end does not replace", async () => {
      const { admitOne, ledger, time } = await openStormBench(open, { shares: BY_TIME });
      const intent = intentOf(await admitOne(firing("x")));
      await ledger.fact([ensured("x", intent)]);
      const endedAtMs = time.now + 1_000;
      time.now += 2_000;
      expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate" });
      await ledger.fact([seen("x", { resourceVersion: "101", ended: true, endedAtMs })]);
      time.now += RULES.leaseMs;
      expect((await ledger.lease(10)).intents).toEqual([]);
    });

    it("judge by state again from the first alert after the feature is on", async () => {
      const { admitOne, ledger, time } = await openStormBench(open);
      const set = (percent: number | null, operation: string) =>
        ledger.setFlag({ operation: operation.repeat(32), feature: "state-based-dedup", percent, by: "", reason: "" });
      await set(0, "a");
      const intent = intentOf(await admitOne(stormy("x", { windowRules: null })));
      await ledger.fact([ensured("x", intent), seen("x", { resourceVersion: "101", ended: true, endedAtMs: time.now })]);
      time.now += 1_000;
      expect(await admitOne(firing("x"))).toMatchObject({ outcome: "duplicate" });
      await set(null, "b");
      expect(await admitOne(firing("x"))).toMatchObject({ kind: "ensure", reason: "request-ended" });
    });
  });
}
