import type { ParsedAlert } from "../domain/alert.ts";
import { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/outcome.ts";
import type { Resource } from "../domain/resource.ts";
import { judgeStorm, type StormPolicy, windowRulesBy } from "../domain/storm-rules.ts";
import type { Explanation } from "../domain/target/target-of.ts";
import type { Ledger } from "../ports/ledger.ts";
import { toAdmit } from "./admit-chunks.ts";

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
 * What would become of each alert, judged alone by the ledger's own rules: nothing is written and Kubernetes is not asked, so an alert that would
 * lead to a request is `accepted`, and one that would complete a storm `aggregated` without one. Throws `Failure` when the ledger cannot be reached.
 */
export async function judgeDry(ledger: Ledger, alerts: readonly ParsedAlert[], policy: StormPolicy): Promise<readonly DryResult[]> {
  const asked = alerts.filter((alert) => alert.kind === "alert");
  const verdicts = await ledger.foresee(asked.map((alert) => toAdmit(alert, false, windowRulesBy(policy))));
  const verdictOf = new Map(asked.map((alert, at) => [alert, verdicts[at]]));
  return alerts.map((alert): DryResult => {
    const base = { fingerprint: alert.fingerprint, explain: explainedOf(alert) };
    const verdict = alert.kind === "alert" ? verdictOf.get(alert) : undefined;
    if (alert.kind !== "alert" || !verdict) return { ...base, ...UNASKED, ...unjudged(alert) };
    const { outcome, reason, rung, occurrences: occurrenceCount, request: remediationRequest } = verdict;
    const stormRule = alert.status === "firing" ? judgeStorm(policy, alert).rule : null;
    return { ...base, outcome, reason, rung, occurrenceCount, remediationRequest, stormRule };
  });
}

const UNASKED = { remediationRequest: null, occurrenceCount: 0, rung: "cache", stormRule: null } as const;

/** What never comes before the ledger's rules. */
function unjudged(alert: ParsedAlert): Pick<Result, "outcome" | "reason"> {
  if (alert.kind === "alert") throw new Failure("ledger-reply-invalid", "the ledger left an alert out", "none");
  return { outcome: alert.kind === "ignored" ? "ignored" : "quarantined", reason: alert.reason };
}

function explainedOf(alert: ParsedAlert): Explained | null {
  if (alert.kind === "invalid" || !alert.explanation) return null;
  const { rule, namespace, resource, explanation } = alert;
  return { rule, target: { namespace, ...resource }, ...explanation };
}
