import { expect } from "vitest";
import type { AdmitAlert, AdmitCall, Ledger, LedgerRules, Verdict } from "../../src/ports/ledger.ts";
import { call, ensured, firing, RULES } from "../support/ledger-builders.ts";

/** An empty ledger that takes its time from `nowMs`. */
export type OpenLedger = (rules: LedgerRules, nowMs: () => number) => Promise<Ledger>;

export const intentOf = (verdict: Verdict): string =>
  verdict.kind === "ensure" ? verdict.intent : expect.fail(`no intent but ${JSON.stringify(verdict)}`);

/** A ledger with a clock to turn, and the short words for what cases do with it. */
export async function openBench(open: OpenLedger, rules: Partial<LedgerRules> = {}) {
  const time = { now: 1_800_000_000_000 };
  const ledger = await open({ ...RULES, ...rules }, () => time.now);
  /** Every call is foreseen as it is then answered. */
  const admit = async (alerts: AdmitAlert[], over: Partial<AdmitCall> = {}) => {
    const asked = call(alerts, over);
    const foreseen = await ledger.foresee(asked);
    const verdicts = await ledger.admit(asked);
    expect(foreseen).toEqual(verdicts);
    return verdicts;
  };
  const admitOne = async (alert: AdmitAlert, over: Partial<AdmitCall> = {}) => (await admit([alert], over))[0] as Verdict;
  return {
    ledger,
    time,
    admit,
    admitOne,
    /** Takes an alert all the way to its object, and names the intent. */
    async create(word: string, over: Parameters<typeof ensured>[2] = {}) {
      const intent = intentOf(await admitOne(firing(word)));
      await ledger.fact([ensured(word, intent, over)]);
      return intent;
    },
    countsDue: async () => (await ledger.lease(100)).counts,
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;
