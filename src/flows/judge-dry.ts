import type { Alert, ParsedAlert } from "../domain/alert.ts";
import type { Outcome, Reason, Result } from "../domain/outcome.ts";
import type { Resource } from "../domain/resource.ts";
import { judgeStorm, type StormPolicy } from "../domain/storm-rules.ts";
import type { Explanation } from "../domain/target/target-of.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import type { Glimpse, Ledger } from "../ports/ledger.ts";

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

const NOTHING_KNOWN: Glimpse = { state: "none", letter: null, occurrences: 0, request: null, window: null };

/**
 * What would become of each alert, judged alone against what is stored: nothing is written and Kubernetes is not asked, so an alert that would
 * lead to a request is `accepted`, and one that would complete a storm `aggregated` without one. Throws `Failure` when the ledger cannot be reached.
 */
export async function judgeDry(ledger: Ledger, alerts: readonly ParsedAlert[], policy: StormPolicy): Promise<readonly DryResult[]> {
  const asked = alerts.map((alert) => ({ fingerprint: alert.fingerprint, group: alert.kind === "alert" ? alert.group : "" }));
  const glimpses = await ledger.glimpse(asked);
  return alerts.map((alert, index) => judge(alert, glimpses[index] ?? NOTHING_KNOWN, policy));
}

function judge(alert: ParsedAlert, glimpse: Glimpse, policy: StormPolicy): DryResult {
  const { occurrences: occurrenceCount, request: remediationRequest } = glimpse;
  const explain = explainedOf(alert);
  const base = { fingerprint: alert.fingerprint, remediationRequest, occurrenceCount, rung: "cache", stormRule: null, explain } as const;
  if (alert.kind === "ignored") return { ...base, outcome: "ignored", reason: alert.reason };
  if (alert.kind === "invalid") return { ...base, outcome: "quarantined", reason: alert.reason };
  return alert.status === "resolved" ? { ...base, ...judgeResolved(glimpse) } : { ...base, ...judgeFiring(alert, glimpse, policy) };
}

function explainedOf(alert: ParsedAlert): Explained | null {
  if (alert.kind === "invalid" || !alert.explanation) return null;
  const { rule, namespace, resource, explanation } = alert;
  return { rule, target: { namespace, ...resource }, ...explanation };
}

interface Judged {
  readonly outcome: Outcome;
  readonly reason: Reason;
}

function judgeResolved({ state }: Glimpse): Judged {
  if (state === "none") return { outcome: "ignored", reason: "no-request" };
  return { outcome: state === "buffered" ? "cancelled" : "resolved", reason: "last-instance-resolved" };
}

function judgeFiring(alert: Alert, glimpse: Glimpse, policy: StormPolicy) {
  const { rule: stormRule, windowRules } = judgeStorm(policy, alert);
  const again = judgeRepeat(glimpse);
  if (again) return { ...again, stormRule, occurrenceCount: glimpse.occurrences + 1 };
  return { ...judgeNew(glimpse, windowRules), stormRule, occurrenceCount: 1, remediationRequest: null };
}

/** Null: it would be the first of an episode. */
function judgeRepeat({ state, letter }: Glimpse): Judged | null {
  if (letter?.retryDue) return { outcome: "quarantined", reason: "request-retried" };
  if (letter) return { outcome: "quarantined", reason: letter.kind === "refused" ? "request-refused" : "retries-exhausted" };
  if (state === "buffered") return { outcome: "buffered", reason: "waits-in-window" };
  if (state === "pending") return { outcome: "duplicate", reason: "request-pending" };
  return state === "live" ? { outcome: "duplicate", reason: "request-live" } : null;
}

function judgeNew({ state, window }: Glimpse, windowRules: WindowRules | null): Judged {
  if (!windowRules) return { outcome: "accepted", reason: state === "none" ? "new" : "request-ended" };
  if (!window) return { outcome: "buffered", reason: "window-opened" };
  if (window.kind === "storm") return { outcome: "appended", reason: "storm-joined" };
  return window.members + 1 < window.threshold
    ? { outcome: "buffered", reason: "window-joined" }
    : { outcome: "aggregated", reason: "threshold-reached" };
}
