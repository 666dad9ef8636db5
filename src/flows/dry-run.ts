import type { ParsedAlert } from "../domain/alert.ts";
import type { Result } from "../domain/outcome.ts";
import type { Resource } from "../domain/resource.ts";
import { judgeStorm, type StormPolicy } from "../domain/storm-rules.ts";
import type { Explanation } from "../domain/target/target-of.ts";
import { ADMIT_MAX, type AdmitAlert, type AdmitCall, type Fact, type Ledger, type Verdict } from "../ports/ledger.ts";
import type { RemediationWriter } from "../ports/remediation-writer.ts";
import type { IngestPorts } from "./ingest-alerts.ts";

/** What an alert is about, and why. */
export interface Explained extends Explanation {
  /** The rule that found the target. */
  readonly rule: string;
  readonly target: { readonly namespace: string } & Resource;
}

/** What would become of an alert. */
export interface DryResult extends Result {
  /** Null: the alert is invalid. */
  readonly explain: Explained | null;
  /** Name of the storm rule that is for it; null: none is, or it does not fire. */
  readonly stormRule: string | null;
}

/**
 * The same ports, on which a delivery is decided as ever, and nothing is written: the ledger foresees, and Kubernetes is only looked at. An alert that
 * would lead to a request is `accepted`, and one that would complete a storm `aggregated`, without one. They serve one delivery; of more than ADMIT_MAX
 * alerts, a call's worth of them does not know of those before.
 */
export const dryPorts = ({ leases: _, ...ports }: IngestPorts): IngestPorts => ({
  ...ports,
  ledger: foreseeing(ports.ledger),
  writer: looking(ports.writer),
  strays: { note: () => {}, next: () => null, counted: () => {} },
});

/** What would have been decided by earlier calls is foreseen again with each, as nothing of it was stored. */
function foreseeing(ledger: Ledger): Ledger {
  let decided: readonly AdmitAlert[] = [];
  let facts: readonly Fact[] = [];
  return {
    ...ledger,
    async admit(call: AdmitCall) {
      if (decided.length + call.alerts.length > ADMIT_MAX) decided = [];
      facts = [...facts, ...call.facts];
      const verdicts = (await ledger.foresee({ ...call, facts, alerts: [...decided, ...call.alerts] })).slice(decided.length);
      decided = [...decided, ...call.alerts.filter((_, at) => verdicts[at]?.kind === "settled" || verdicts[at]?.kind === "ensure")];
      return verdicts.map(withoutRequest);
    },
  };
}

/** Its request is not made. */
function withoutRequest(verdict: Verdict): Verdict {
  if (verdict.kind !== "ensure") return verdict;
  const { reason, occurrences } = verdict;
  const outcome = reason === "threshold-reached" ? "aggregated" : reason === "request-retried" ? "quarantined" : "accepted";
  return { kind: "settled", outcome, reason, occurrences, request: null, rung: "cache" };
}

const looking = (writer: RemediationWriter): RemediationWriter => ({
  perform: async (operations, timeoutMs) =>
    operations.every(({ kind }) => kind === "observe")
      ? writer.perform(operations, timeoutMs)
      : operations.map(() => ({ kind: "pending" })),
});

/** What a dry run tells of an alert beside its result. */
export function dryResultOf(alert: ParsedAlert, result: Result, policy: StormPolicy): DryResult {
  const stormRule = alert.kind === "alert" && alert.status === "firing" ? judgeStorm(policy, alert).rule : null;
  return { ...result, stormRule, explain: explainedOf(alert) };
}

function explainedOf(alert: ParsedAlert): Explained | null {
  if (alert.kind === "invalid" || !alert.explanation) return null;
  const { rule, namespace, resource, explanation } = alert;
  return { rule, target: { namespace, ...resource }, ...explanation };
}
