import type { RequestState } from "../domain/remediation-request.ts";
import type { Fact, Subject } from "../ports/ledger.ts";
import type { EnsureOperation, EnsureStormOperation, HeldMember, Operation, OperationResult } from "../ports/remediation-writer.ts";

/**
 * What the result of an operation tells about the request of a subject, in the order in which it has to be applied. Its state may be as old as the
 * call, which took `tookMs`.
 */
export function factsOf(subject: Subject, operation: Operation, result: OperationResult, tookMs: number): Fact[] {
  if (operation.kind === "ensure-storm") return stormFacts(subject, operation, result, tookMs);
  if (operation.kind === "ensure") return ensureFacts(subject, operation, result, tookMs);
  if (result.kind === "observed" || result.kind === "recorded")
    return [
      ...heldFacts(subject, operation, result),
      {
        kind: "seen",
        subject,
        state: withUrgency(result.state, operation),
        shown: null,
        agoMs: seenLiveAgo(result.state, tookMs),
        ...costOf(result),
      },
    ];
  if (operation.kind === "count" || operation.kind === "resolve") return [];
  if (result.kind === "gone") return [{ kind: "gone", subject, uid: operation.request.uid, session: null, agoMs: null, ...costOf(result) }];
  return [];
}

/** A proxy of the version before raises no urgency and tells none. What it was to raise counts as shown: its watch's successor tells what is. */
const withUrgency = (state: RequestState, operation: Operation): RequestState =>
  operation.kind === "record" ? { ...state, urgency: state.urgency ?? operation.urgency } : state;

/** Members of a storm that got requests of their own while the ledger was away. A window's slot is named after its intent. */
function heldFacts(subject: Subject, operation: Operation, result: OperationResult): Fact[] {
  if (operation.kind !== "record" || result.kind !== "recorded") return [];
  return (result.held ?? []).map(({ fingerprint, state }) => ({ kind: "held", subject, intent: operation.slot, fingerprint, state }));
}

/** The request that the result of an ensure names; null: it names none. */
export const stateOf = (result: OperationResult | undefined): RequestState | null => (result && "state" in result ? result.state : null);

const costOf = (result: OperationResult): { readonly requests?: number } =>
  "requests" in result && result.requests !== undefined ? { requests: result.requests } : {};

/** When an ended one ended, nobody knows who did not follow it. */
const seenLiveAgo = ({ ended }: RequestState, tookMs: number): number | null => (ended ? null : tookMs);

function ensureFacts(subject: Subject, { intent }: EnsureOperation, result: OperationResult, tookMs: number): Fact[] {
  if (result.kind !== "created" && result.kind !== "existing") return [];
  const { kind: outcome, state, otherOccurrences, takenBack } = result;
  const age = { agoMs: seenLiveAgo(state, tookMs), ...costOf(result) };
  return [{ kind: "ensured", subject, intent, outcome, state, otherOccurrences, takenBack, adopted: null, ...age }];
}

/** Members that others hold leave first: what stays is what the request stands for. */
function stormFacts(subject: Subject, { intent }: EnsureStormOperation, result: OperationResult, tookMs: number): Fact[] {
  if (result.kind !== "storm-created" && result.kind !== "storm-adopted" && result.kind !== "storm-held") return [];
  const held = result.held.map(({ fingerprint, state }: HeldMember): Fact => ({ kind: "held", subject, intent, fingerprint, state }));
  if (result.kind === "storm-held") return held;
  const { state, otherOccurrences } = result;
  const adopted = result.kind === "storm-adopted" ? { openedAtMs: result.openedAtMs, members: result.members } : null;
  const outcome = adopted ? "existing" : "created";
  const age = { agoMs: seenLiveAgo(state, tookMs), ...costOf(result) };
  return [...held, { kind: "ensured", subject, intent, outcome, state, otherOccurrences, takenBack: [], adopted, ...age }];
}

/** Why operations of a call did not work, each reason once: words for a log. */
export const troublesOf = (results: readonly OperationResult[]): string[] => [
  ...new Set(results.flatMap((result) => (result.kind === "failed" || result.kind === "refused" ? [result.reason] : []))),
];
