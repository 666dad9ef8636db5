import type { Fact } from "../ports/ledger.ts";
import type { Operation, OperationResult } from "../ports/remediation-writer.ts";

/** What the result of an operation tells about the request of a fingerprint; null: nothing. */
export function factOf(fingerprint: string, operation: Operation, result: OperationResult): Fact | null {
  switch (result.kind) {
    case "created":
    case "existing":
      if (operation.kind !== "ensure") return null;
      return {
        kind: "ensured",
        fingerprint,
        intent: operation.intent,
        outcome: result.kind,
        state: result.state,
        otherOccurrences: result.otherOccurrences,
        takenBack: result.takenBack,
      };
    case "observed":
    case "recorded":
      return { kind: "seen", fingerprint, state: result.state, shown: null, agoMs: null };
    case "gone":
      return operation.kind === "ensure" ? null : { kind: "gone", fingerprint, uid: operation.request.uid, session: null, agoMs: null };
    default:
      return null;
  }
}

/** Why operations of a call did not work, each reason once: words for a log. */
export const troublesOf = (results: readonly OperationResult[]): string[] => [
  ...new Set(results.flatMap((result) => (result.kind === "failed" || result.kind === "refused" ? [result.reason] : []))),
];
