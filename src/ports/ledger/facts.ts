import type { RequestState } from "../../domain/remediation-request.ts";
import type { Subject } from "./admit.ts";

/** What an object's status says of its counts; the creator's implied slot is among `slots`. */
export interface Shown {
  readonly slots: Readonly<Record<string, number>>;
  readonly resolvedAtMs: number | null;
  /** Alerts that a storm's request lists; 0 for any other. */
  readonly members: number;
}

/**
 * Something learnt about a request. `ensured`: the answer to an intent's ensure, which binds the episode to the object; `takenBack`: uids of
 * that intent which were deleted again, and of somebody else's objects under its name. `seen`: a look at an object, which also binds a pending episode to the object made for its intent;
 * `shown` is null where the look was not at that; `agoMs`: how long ago a watch heard of it, null where no watch did. `gone`: its uid exists no more. `moved`: it was taken back in favour of the one in `state`.
 * `held`: a window's ensure found a member in another live request, to which it belongs from now on. A window's object is found by its uid,
 * so its subject may name the window that it was made for before another one adopted it.
 */
export type Fact =
  | {
      readonly kind: "ensured";
      readonly subject: Subject;
      readonly intent: string;
      readonly outcome: "created" | "existing";
      readonly state: RequestState;
      readonly otherOccurrences: number;
      readonly takenBack: readonly string[];
      /** How old its state may be, where that is live; null: as new as the fact, or ended. */
      readonly agoMs: number | null;
      /** The storm that a window adopted; null: it made its own, or this is no window. */
      readonly adopted: { readonly openedAtMs: number; readonly members: number } | null;
      /** As of `seen`. */
      readonly requests?: number;
    }
  | {
      readonly kind: "held";
      readonly subject: Subject;
      readonly intent: string;
      readonly fingerprint: string;
      readonly state: RequestState;
    }
  | {
      readonly kind: "seen";
      readonly subject: Subject;
      readonly state: RequestState;
      readonly shown: Shown | null;
      readonly agoMs: number | null;
      /** What it has cost, in requests to Kubernetes, its part of shared ones. Absent: nobody says. */
      readonly requests?: number;
    }
  | { readonly kind: "moved"; readonly subject: Subject; readonly uid: string; readonly state: RequestState }
  | {
      readonly kind: "gone";
      readonly subject: Subject;
      readonly uid: string;
      /** The watch that saw it go; null: none did. */
      readonly session: string | null;
      readonly agoMs: number | null;
      /** As of `seen`. */
      readonly requests?: number;
    };

/** What a fact led to. `occurrences` as in Verdict. */
export interface FactOutcome {
  /** `bound`: this call bound the episode to the object, or it was bound to it by this intent already. `dropped`: it says nothing new about the object that the episode is bound to. */
  readonly kind: "bound" | "applied" | "dropped";
  readonly occurrences: number;
}
