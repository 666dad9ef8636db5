import { expect } from "vitest";
import type { AdmitAlert, AdmitCall, Ledger, LedgerRules, Settled, Verdict } from "../../src/ports/ledger.ts";
import { call, ensured, firing, RULES } from "../support/ledger-builders.ts";

/** An empty ledger that takes its time from `nowMs`. */
export type OpenLedger = (rules: LedgerRules, nowMs: () => number) => Promise<Ledger>;

export const intentOf = (verdict: Verdict): string =>
  verdict.kind === "ensure" ? verdict.intent : expect.fail(`no intent but ${JSON.stringify(verdict)}`);

/** What a sender hears of a verdict before a request is made for it. */
function answerTo(verdict: Exclude<Verdict, { kind: "check" | "full" }>): Settled {
  if (verdict.kind === "settled") return verdict;
  const { reason, occurrences } = verdict;
  const outcome = reason === "threshold-reached" ? "aggregated" : reason === "request-retried" ? "quarantined" : "accepted";
  return { kind: "settled", outcome, reason, occurrences, request: null, rung: "cache" };
}

/** A ledger with a clock to turn, and the short words for what cases do with it. */
export async function openBench(open: OpenLedger, rules: Partial<LedgerRules> = {}) {
  const time = { now: 1_800_000_000_000 };
  const ledger = await open({ ...RULES, ...rules }, () => time.now);
  const admit = (alerts: AdmitAlert[], over: Partial<AdmitCall> = {}) => ledger.admit(call(alerts, over));
  /** Every new delivery of one alert is foreseen as it is then decided. */
  const admitOne = async (alert: AdmitAlert, over: Partial<AdmitCall> = {}) => {
    const isForeseen = alert.kind !== "invalid" && !("delivery" in over || "operation" in over || "facts" in over);
    const [foreseen] = isForeseen ? await ledger.foresee([alert]) : [];
    const [verdict] = (await admit([alert], over)) as [Verdict];
    if (foreseen && verdict.kind !== "check" && verdict.kind !== "full") expect(foreseen).toEqual(answerTo(verdict));
    return verdict;
  };
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
