import { expect } from "vitest";
import type { AdmitAlert, AdmitCall, Fact, LeasedCount, LedgerRules, Verdict } from "../../src/ports/ledger.ts";
import { call, resolved } from "../support/ledger-builders.ts";
import { stormEnsured, stormy } from "../support/storm-builders.ts";
import { type OpenLedger, openBench } from "./ledger-bench.ts";

/** What a verdict says, in a word or two. */
export const told = (verdict: Verdict): string =>
  verdict.kind === "settled"
    ? `${verdict.outcome} ${verdict.reason}`
    : verdict.kind === "ensure"
      ? `ensure ${verdict.reason}`
      : verdict.kind;

/** The bench with what cases of storms do. Alerts are of one group, in windows of WINDOW_RULES. */
export async function openStormBench(open: OpenLedger, rules: Partial<LedgerRules> = {}) {
  const bench = await openBench(open, rules);
  const { ledger, admit, admitOne } = bench;
  const fire = async (...words: string[]) => (await admit(words.map((word) => stormy(word)))).map(told);
  const sweep = (limit = 100) => ledger.sweep({ operation: call([]).operation, limit });
  /** The verdict of the alert that reaches the threshold. */
  const reach = async (...words: string[]) => {
    const verdicts = await admit(words.map((word) => stormy(word)));
    const verdict = verdicts.find(({ kind }) => kind === "ensure");
    return verdict?.kind === "ensure" ? verdict : expect.fail(`no storm but ${verdicts.map(told)}`);
  };
  return {
    ...bench,
    fire,
    reach,
    sweep,
    fireOne: (word: string, over: Partial<AdmitAlert> = {}, callOver: Partial<AdmitCall> = {}) => admitOne(stormy(word, over), callOver),
    resolve: (word: string, over: Partial<AdmitAlert> = {}) => admitOne(resolved(word, over)),
    /** Sweeps until nothing is due, and tells how often. */
    async sweepAll(limit = 100) {
      let calls = 1;
      while (await sweep(limit)) calls += 1;
      return calls;
    },
    /** A storm of these words whose request was created. */
    async storm(words = ["a", "b", "c"], over: Parameters<typeof stormEnsured>[2] = {}) {
      const { subject, intent } = await reach(...words);
      await ledger.fact([stormEnsured(subject, intent, over)]);
      return { subject, intent };
    },
    tell: async (...facts: Fact[]) => (await ledger.fact(facts)).map(({ kind }) => kind),
    /** Members, by word and place in the order of joining, that the window's intent stands for. */
    intents: async () => (await ledger.lease(100)).intents,
    windows: async () => (await ledger.windows(0, 50)).windows,
    /** The object shows all that it was told, at a version. */
    async recorded({ mark, count, resolvedAtMs, through, storm }: LeasedCount, resourceVersion = "101", members = through) {
      const shows = storm && { through, members, closed: storm.closedAtMs !== null };
      await ledger.settle([{ kind: "recorded", mark, count, resolvedAtMs, resourceVersion, storm: shows }]);
    },
    /** Writes all that is due, as the drain does. */
    async record(resourceVersion = "101") {
      const counts = await bench.countsDue();
      for (const count of counts) await this.recorded(count, resourceVersion);
      return counts;
    },
  };
}

export type StormBench = Awaited<ReturnType<typeof openStormBench>>;
