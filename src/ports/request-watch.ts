import type { RequestState } from "../domain/remediation-request.ts";

/** What a watch learnt about a request. Times in Unix ms. */
export type RequestChange =
  | {
      readonly kind: "seen";
      /** As the ledger names it: a storm's by the window in its name. */
      readonly subject: string;
      /** `session` is the watch's own; null for an end that was heard of late: nobody knows how long it was live. */
      readonly state: RequestState;
      /** Counts by slot, the creator's implied one included. */
      readonly slots: Readonly<Record<string, number>>;
      readonly resolvedAtMs: number | null;
      /** How many alerts a storm's object lists; 0 for any other. */
      readonly members: number;
      /** Heard of after the watch was cut off: nobody knows how long ago it was so. */
      readonly late?: true;
    }
  /** `late`: heard of after the watch was cut off. */
  | { readonly kind: "gone"; readonly subject: string; readonly uid: string; readonly late?: true }
  /** A second live request was taken back; `state` is the one that stays. */
  | { readonly kind: "moved"; readonly subject: string; readonly uid: string; readonly state: RequestState };

/** A watch over the requests of a cluster, resumed from where it was after a disconnect. */
export interface RequestWatch {
  /**
   * The session, new after each start and each list; null while the watch is not synced, or has heard nothing of the API server for longer
   * than 35 s. While it is the same, every change was handed to the listener, in order per request.
   */
  session(): string | null;
  stop(): Promise<void>;
}
