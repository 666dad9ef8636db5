import type { RequestDraft, RequestId, RequestState } from "../domain/remediation-request.ts";
import type { MemberDetails, StormDraft } from "../domain/storm-draft.ts";
import type { Urgency } from "../domain/urgency.ts";

/**
 * Makes a request exist for an intent.
 * `retry`: the intent was tried before, so only reads at least as new as the call may decide, never an index that lags.
 */
export interface EnsureOperation {
  readonly kind: "ensure";
  readonly intent: string;
  readonly retry: boolean;
  readonly draft: RequestDraft;
  /** It waited in a window that stayed below the threshold; a label says so. */
  readonly buffered: boolean;
}

/**
 * Makes one request exist for a window: the one it made before, else the group's live one that still takes alerts, else a new one of those
 * members that no other live request holds. `retry` as above.
 */
export interface EnsureStormOperation {
  readonly kind: "ensure-storm";
  readonly intent: string;
  readonly retry: boolean;
  readonly storm: StormDraft;
  /** Which live request of the group may be adopted: one that shows no end of taking alerts, is younger, lists fewer, and is none of these uids. */
  readonly adopt: { readonly youngerThanMs: number; readonly fewerThan: number; readonly exceptUids: readonly string[] };
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
  /** The highest severity and priority that were seen: the object's only rise. Null: none beyond its draft's. */
  readonly urgency: Urgency | null;
  /**
   * A storm's members to list, each `<16 hex of its fingerprint> <target>`, beside those listed already; what those tell that joined after the object
   * was made, as far as there is room for it; and since when it takes no more.
   */
  readonly storm: {
    readonly members: readonly string[];
    readonly details?: readonly MemberDetails[];
    readonly closedAtMs: number | null;
  } | null;
}

/** How long a writer knows a counted intent again, ms: as long as a ledger knows a delivery by default. */
export const INTENT_REMEMBERED_MS = 120_000;

/**
 * What is done with a firing alert while no ledger can be reached: a live request of its fingerprint exists afterwards, and this occurrence counts
 * on it. One intent counts once within INTENT_REMEMBERED_MS, as long as the writer remembers it; later it is an occurrence of its own.
 */
export interface CountOperation {
  readonly kind: "count";
  readonly intent: string;
  readonly draft: RequestDraft;
}

/** What is done with a resolved one: a live request of the fingerprint shows it. `namespace` as in RequestDraft. */
export interface ResolveOperation {
  readonly kind: "resolve";
  readonly fingerprint: string;
  readonly namespace: string;
  readonly resolvedAtMs: number;
}

export type Operation = EnsureOperation | EnsureStormOperation | ObserveOperation | RecordOperation | CountOperation | ResolveOperation;

/** A member of a window that another live request holds. */
export interface HeldMember {
  readonly fingerprint: string;
  readonly state: RequestState;
}

/** What an ensure or a look has cost the API server, in requests, its part of those that served several. Absent: nobody says. */
interface Costing {
  readonly requests?: number;
}

/** What became of one operation. */
export type OperationResult =
  /**
   * ensure: the object of this intent, made now or earlier. `otherOccurrences`: what its status counts beside this intent's slot.
   * `takenBack`: uids of what it collided with: its own objects that were deleted again, because another live one was there first, and
   * somebody else's that have the name it would have had.
   */
  | ({
      readonly kind: "created";
      readonly state: RequestState;
      readonly otherOccurrences: number;
      readonly takenBack: readonly string[];
    } & Costing)
  /** ensure: something else holds a live request of this fingerprint. */
  | ({
      readonly kind: "existing";
      readonly state: RequestState;
      readonly otherOccurrences: number;
      readonly takenBack: readonly string[];
    } & Costing)
  /** ensure-storm: the object of this window. `held` members were left out of it. */
  | (Costing & {
      readonly kind: "storm-created";
      readonly state: RequestState;
      readonly otherOccurrences: number;
      readonly held: readonly HeldMember[];
    })
  /** ensure-storm: the group's storm of before, since `openedAtMs`, with `members` in it. */
  | (Costing & {
      readonly kind: "storm-adopted";
      readonly state: RequestState;
      readonly otherOccurrences: number;
      readonly held: readonly HeldMember[];
      readonly openedAtMs: number;
      readonly members: number;
    })
  /** ensure-storm: every member is held elsewhere, so there is nothing to make. */
  | (Costing & { readonly kind: "storm-held"; readonly held: readonly HeldMember[] })
  | (Costing & { readonly kind: "observed"; readonly state: RequestState })
  /**
   * record: the slot stands at least at the count asked for. `members`: how many a storm's object lists by now; 0 for any other. `held`: those of the
   * members asked for that have live requests of their own, and are not listed.
   */
  | { readonly kind: "recorded"; readonly state: RequestState; readonly members: number; readonly held?: readonly HeldMember[] }
  /** count: the request that the occurrence counts on, and all that it counts by now; its status follows within seconds. */
  | { readonly kind: "counted"; readonly state: RequestState; readonly created: boolean; readonly occurrences: number }
  /** resolve: its live request shows it. */
  | { readonly kind: "resolved"; readonly state: RequestState }
  /** resolve: no live request is the fingerprint's own. */
  | { readonly kind: "absent" }
  /** observe, record: no object with this uid exists any more. Final. */
  | (Costing & { readonly kind: "gone" })
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
