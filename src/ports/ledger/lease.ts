import type { RequestDraft } from "../../domain/remediation-request.ts";
import type { Trouble } from "../../domain/trouble.ts";
import type { RecordOperation } from "../remediation-writer.ts";
import type { Subject } from "./admit.ts";
import type { FlagSight } from "./flags.ts";
import type { RolledBack } from "./rules.ts";

/** An intent whose request has to be made. */
export interface LeasedIntent {
  readonly subject: Subject;
  readonly intent: string;
  /** Of its alerts. */
  readonly namespace: string;
  /** How often it was handed out, this time included. */
  readonly tries: number;
  /** Null for a window, whose members tell what its request is made of. */
  readonly draft: RequestDraft | null;
  /** It waited in a window that stayed below the threshold. */
  readonly buffered: boolean;
}

/** A count that differs from what the object was last told. */
export interface LeasedCount extends Omit<RecordOperation, "kind"> {
  /** Names the mark to settle. */
  readonly mark: string;
  readonly subject: Subject;
  /** Fingerprints of those among the members whose details its object was not made with: it may have room for them. */
  readonly late: readonly string[];
  /** The last member among those of the operation; 0: none, or no window. */
  readonly through: number;
}

export interface Lease {
  readonly intents: readonly LeasedIntent[];
  readonly counts: readonly LeasedCount[];
  /** A window is due: sweep. */
  readonly sweepDue: boolean;
  /** When the next thing is due, in ms from now; null: nothing waits. */
  readonly nextInMs: number | null;
  readonly flags: readonly FlagSight[];
  /** Features that this call has turned off. */
  readonly rolledBack: readonly RolledBack[];
}

interface IntentSettlement<Kind extends string> {
  readonly kind: Kind;
  readonly subject: Subject;
  readonly intent: string;
  readonly reason: Trouble;
  readonly afterMs: number;
  /** Kubernetes refuses all of its namespace: for NAMESPACE_RETRY_MS none of it is handed out, and then one at a time, until one goes well. */
  readonly namespaceRefused?: boolean;
}

/** How a leased thing went. */
export type Settlement =
  /** The object showed `count` and `resolvedAtMs` at that version; the mark stays where the ledger knows more, or a later version, by now. */
  | {
      readonly kind: "recorded";
      readonly mark: string;
      readonly count: number;
      readonly resolvedAtMs: number | null;
      readonly resourceVersion: string;
      /** Of a window: the members up to here are listed, `members` in all, and whether it shows as closed. */
      readonly storm: { readonly through: number; readonly members: number; readonly closed: boolean } | null;
    }
  /** The object is gone: nothing is left to write. */
  | { readonly kind: "lost"; readonly mark: string }
  /** Its object refuses it for good: nothing is left to write until there is more. */
  | { readonly kind: "count-refused"; readonly mark: string }
  /** To be tried again in `afterMs`. An intent that has been open for INTENT_LIFE_MS is given up instead: it becomes a dead letter, and a window's is dissolved. */
  | IntentSettlement<"intent-failed">
  /** The request can never be made: the intent becomes a dead letter. Where its source has no room for another, it is tried again in `afterMs`. */
  | IntentSettlement<"intent-dead">
  /** A window's request can never be made as one: its members get requests of their own. */
  | Omit<IntentSettlement<"storm-refused">, "afterMs" | "namespaceRefused">
  /** `namespaceRefused` as of intents, but for counts. */
  | {
      readonly kind: "count-failed";
      readonly mark: string;
      readonly afterMs: number;
      readonly namespaceRefused?: boolean;
      /** Nobody answered: this says nothing of any feature. */
      readonly unanswered?: boolean;
    };
