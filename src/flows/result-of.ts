import type { Outcome, Reason, Result } from "../domain/outcome.ts";
import type { RequestState } from "../domain/remediation-request.ts";
import type { Verdict } from "../ports/ledger.ts";
import type { OperationResult } from "../ports/remediation-writer.ts";
import { stateOf } from "./learn.ts";

/** What the ensure of an intent came to. */
export interface Ensured {
  readonly result: OperationResult;
  /** As in FactOutcome. */
  occurrences: number;
}

interface Decided {
  readonly alert: { readonly fingerprint: string };
  readonly verdict: Verdict;
}

/** What a sender reads of an alert's verdict, and of what was ensured since, by intent. Null: no room, or not decided yet. */
export function resultOf({ alert: { fingerprint }, verdict }: Decided, ensured: ReadonlyMap<string, Ensured>): Result | null {
  if (verdict.kind === "settled")
    return {
      fingerprint,
      outcome: verdict.outcome,
      remediationRequest: verdict.request,
      occurrenceCount: verdict.occurrences,
      reason: verdict.reason,
      rung: verdict.rung,
    };
  if (verdict.kind !== "ensure") return null;
  const isStorm = verdict.subject !== fingerprint;
  const told = ensured.get(verdict.intent);
  const ruling = rulingOf(told?.result, fingerprint, verdict.reason);
  return {
    fingerprint,
    outcome: ruling.outcome,
    remediationRequest: ruling.state && { namespace: ruling.state.namespace, name: ruling.state.name },
    // A storm's request counts all its members; an answer tells of this one.
    occurrenceCount: ruling.state && told && !isStorm ? told.occurrences : verdict.occurrences,
    reason: ruling.reason,
    rung: ruling.state ? "kubernetes" : "cache",
  };
}

interface Ruling {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly state: RequestState | null;
}

/** What an alert's own ensure came to; without an answer that helps, the request follows. */
function rulingOf(result: OperationResult | undefined, fingerprint: string, reason: Reason): Ruling {
  const holder = result && "held" in result ? result.held.find((member) => member.fingerprint === fingerprint)?.state : undefined;
  if (holder) return { outcome: "duplicate", reason: "request-found", state: holder };
  const state = stateOf(result);
  switch (result?.kind) {
    case "created":
      return { outcome: "created", reason, state };
    case "existing":
      return { outcome: "duplicate", reason: "request-found", state };
    case "storm-created":
      return { outcome: "aggregated", reason, state };
    case "storm-adopted":
      return { outcome: "appended", reason: "storm-joined", state };
    default:
      return { outcome: reason === "request-retried" ? "quarantined" : "accepted", reason, state: null };
  }
}
