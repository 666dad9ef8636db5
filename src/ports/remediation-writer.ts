import type { RequestDraft, RequestId, RequestState } from "../domain/remediation-request.ts";

/**
 * Makes a request exist for an intent.
 * `retry`: the intent was tried before, so only reads at least as new as the call may decide, never an index that lags.
 */
export interface EnsureOperation {
  readonly kind: "ensure";
  readonly intent: string;
  readonly retry: boolean;
  readonly draft: RequestDraft;
}

/** Looks at one object; another uid under its name counts as gone. */
export interface ObserveOperation {
  readonly kind: "observe";
  readonly request: RequestId;
}

/**
 * Writes a count into the object's status. `slot` belongs to one writer and only ever grows, so a repeat or a late one changes nothing.
 * Times in Unix ms; `resolvedAtMs` null: fires still.
 */
export interface RecordOperation {
  readonly kind: "record";
  readonly request: RequestId;
  readonly slot: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
}

export type Operation = EnsureOperation | ObserveOperation | RecordOperation;

/** What became of one operation. */
export type OperationResult =
  /**
   * ensure: the object of this intent, made now or earlier. `otherOccurrences`: what its status counts beside this intent's slot.
   * `takenBack`: uids of objects of this intent that were deleted again, because another live one was there first.
   */
  | { readonly kind: "created"; readonly state: RequestState; readonly otherOccurrences: number; readonly takenBack: readonly string[] }
  /** ensure: something else holds a live request of this fingerprint. */
  | { readonly kind: "existing"; readonly state: RequestState; readonly otherOccurrences: number; readonly takenBack: readonly string[] }
  | { readonly kind: "observed"; readonly state: RequestState }
  /** record: the slot stands at least at the count asked for. */
  | { readonly kind: "recorded"; readonly state: RequestState }
  /** observe, record: no object with this uid exists any more. Final. */
  | { readonly kind: "gone" }
  /** Not reached before the deadline: nothing is known, try again. */
  | { readonly kind: "pending" }
  /** Refused for good: the same operation can never succeed. `reason` is a word for people and metrics, without payload. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Did not work now; it may have taken effect. */
  | { readonly kind: "failed"; readonly reason: string };

/** Most operations in one call of the writer. */
export const OPERATIONS_MAX = 500;

/**
 * The one way to RemediationRequests of a cluster. Every operation may be sent again: ensure finds its own object by the intent,
 * observe reads, record only raises.
 */
export interface RemediationWriter {
  /**
   * Performs up to OPERATIONS_MAX operations, each on its own, and answers in their order before `timeoutMs` has passed.
   * Throws `Failure` when nothing is known of any of them; each may have taken effect.
   */
  perform(operations: readonly Operation[], timeoutMs: number): Promise<readonly OperationResult[]>;
}
