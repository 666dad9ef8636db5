import type { ParsedAlert } from "../domain/alert.ts";
import type { Result } from "../domain/outcome.ts";
import type { Glimpse, Ledger } from "../ports/ledger.ts";

/**
 * What would become of each alert, judged alone against what is stored: nothing is written and Kubernetes is not asked, so an alert that would
 * lead to a request is `accepted`. Throws `Failure` when the ledger cannot be reached.
 */
export async function judgeDry(ledger: Ledger, alerts: readonly ParsedAlert[]): Promise<readonly Result[]> {
  const glimpses = await ledger.glimpse(alerts.map(({ fingerprint }) => fingerprint));
  return alerts.map((alert, index) => judge(alert, glimpses[index] ?? { state: "none", occurrences: 0, request: null }));
}

function judge(alert: ParsedAlert, { state, occurrences, request }: Glimpse): Result {
  const base = { fingerprint: alert.fingerprint, remediationRequest: request, occurrenceCount: occurrences, rung: "cache" } as const;
  if (alert.kind === "ignored") return { ...base, outcome: "ignored", reason: alert.reason };
  if (alert.kind === "invalid") return { ...base, outcome: "quarantined", reason: alert.reason };
  if (alert.status === "resolved")
    return state === "none"
      ? { ...base, outcome: "ignored", reason: "no-request" }
      : { ...base, outcome: "resolved", reason: "last-instance-resolved" };
  if (state === "pending") return { ...base, outcome: "duplicate", occurrenceCount: occurrences + 1, reason: "request-pending" };
  if (state === "live") return { ...base, outcome: "duplicate", occurrenceCount: occurrences + 1, reason: "request-live" };
  return { ...base, outcome: "accepted", remediationRequest: null, occurrenceCount: 1, reason: state === "none" ? "new" : "request-ended" };
}
