import type { Shares } from "../domain/feature.ts";
import type { RequestDraft } from "../domain/remediation-request.ts";
import type { AdmitAlert, AdmitCall, Remembered, Subject, Verdict } from "./ledger/admit.ts";
import type { DeadLetter, LetterFilter, LetterKind, LettersFound, Replay } from "./ledger/dead-letters.ts";
import type { Fact, FactOutcome } from "./ledger/facts.ts";
import type { FlagBook, FlagChange, FlagSet, Override } from "./ledger/flags.ts";
import type { Lease, Settlement } from "./ledger/lease.ts";
import type { Counter, Survey } from "./ledger/survey.ts";
import type { Crew, Member, Receipt, SweepCall, WindowSight } from "./ledger/windows.ts";

export type * from "./ledger/admit.ts";
export * from "./ledger/dead-letters.ts";
export type * from "./ledger/facts.ts";
export type * from "./ledger/flags.ts";
export type * from "./ledger/lease.ts";
export type * from "./ledger/rules.ts";
export * from "./ledger/survey.ts";
export * from "./ledger/windows.ts";

/**
 * Working memory of one cluster and arbiter between all who serve it. Calls travel over HTTP: every one may be sent twice and leaves the state of one.
 * Every method throws `Failure` when the store does not answer in time; the call may still have taken effect.
 */
export interface Ledger {
  /** Decides up to ADMIT_MAX alerts of one delivery in one round trip, each on its own; verdicts in their order, or `other-body` alone. An alert once settled for a delivery gets the same answer again, for the delivery time, and for UNFINISHED_LIFE_MS while the delivery is unfinished. */
  admit(call: AdmitCall): Promise<readonly Verdict[]>;
  /** How up to RECALL_MAX alerts of a delivery were answered, in their order; null: an alert is not settled, that is forgotten, or `body` is another than the delivery's. Changes nothing. */
  recall(
    delivery: string,
    alerts: readonly Pick<AdmitAlert, "identity">[],
    body: AdmitCall["body"],
  ): Promise<readonly (Remembered | null)[]>;
  /** Applies facts in order, each on its own. */
  fact(facts: readonly Fact[]): Promise<readonly FactOutcome[]>;
  /**
   * Hands out due intents and due counts, up to `limit` of each and as many again that a former version wrote; nobody else gets them before the lease
   * ends. Namespaces share the limit evenly, those not served for longest first, each its oldest first; of a namespace that is refused, one at a time.
   * `overrides` are those that the caller saw last, in the order of FEATURES: if the store has lost one of them, the ledger says so from now on.
   */
  lease(limit: number, overrides?: readonly (Override | null)[], troubled?: boolean): Promise<Lease>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Turns due windows into intents; true: more are due. Two at once, or one that dies, leave the state of one that ran. */
  sweep(call: SweepCall): Promise<boolean>;
  /** What requests of up to DRAFTS_MAX fingerprints would be made of, in their order; null: nothing is kept of one. Changes nothing. */
  drafts(fingerprints: readonly string[]): Promise<readonly (RequestDraft | null)[]>;
  /** Members of a window after `after`, up to `limit`; null: the intent is not open any more. Changes nothing. */
  crew(subject: Subject, intent: string, after: number, limit: number): Promise<Crew | null>;
  /** The session vouches for every request that was seen under it, for SESSION_ALIVE_MS from now: all that it saw was handed over before. */
  heartbeat(session: string): Promise<void>;
  /** What admit would answer to the same call now. Changes nothing. */
  foresee(call: AdmitCall): Promise<readonly Verdict[]>;
  /** Windows, the next due first. */
  windows(offset: number, limit: number): Promise<{ readonly total: number; readonly windows: readonly WindowSight[] }>;
  /** One window and its members after `after`, up to `limit`; null: there is none. */
  window(
    subject: Subject,
    after: number,
    limit: number,
  ): Promise<{ readonly window: WindowSight; readonly members: readonly Member[] } | null>;
  /** Makes a window due now, or closes a storm's; false: there is no open one. */
  flush(subject: Subject): Promise<boolean>;
  /** Null: nothing is known of it. */
  receipt(alert: Pick<AdmitAlert, "fingerprint">): Promise<Receipt | null>;
  /** Latest first; of one kind, or all. */
  deadLetters(
    offset: number,
    limit: number,
    kind?: LetterKind,
  ): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }>;
  /** Null: there is none. */
  deadLetter(id: string): Promise<DeadLetter | null>;
  /** Opens the intent of a dead letter again, due now; the letter stays until the request is there. Changes nothing for an invalid alert, nor where the intent is open. */
  replay(id: string): Promise<Replay>;
  /** Forgets a dead letter, and stops trying for its request: the next alert starts anew. False: there is none, or another `count` stands on it than is told. */
  discard(id: string, count?: number): Promise<boolean>;
  /** Up to `limit` letters that are meant, oldest first, from where an earlier answer ended. Fewer do not mean that there are no more. Changes nothing. */
  findLetters(filter: LetterFilter, limit: number, next?: string): Promise<LettersFound>;
  /** As discard, of those that are still meant; how many are forgotten. */
  discardLetters(ids: readonly string[], filter: LetterFilter): Promise<number>;
  /** All that is known of the features' flags. */
  flags(): Promise<FlagBook>;
  /** Overrides the share of namespaces that have a feature, or takes that back; of two the later wins. An `operation` (32 hex) that comes again changes nothing. */
  setFlag(change: FlagChange & { readonly operation: string; readonly acknowledged?: string | null }): Promise<FlagSet>;
  counters(): Promise<Readonly<Record<Counter, number>>>;
  survey(): Promise<Survey>;
}

/** Most alerts in one admit. */
export const ADMIT_MAX = 500;

/** Most drafts read at once: their labels and annotations may be 128 KiB each. */
export const DRAFTS_MAX = 200;

/** Most alerts in one recall, which takes Redis some 2 ms. */
export const RECALL_MAX = 2_000;

/** The rules a ledger decides by; times in ms. */
export interface LedgerRules {
  /** Of each feature the share of namespaces that the settings give it. */
  readonly shares: Shares;
  readonly stateTtlMs: number;
  readonly fallbackTtlMs: number;
  readonly deliveryTtlMs: number;
  /** How long a check or an intent belongs to who got it: the writer's timeout and 1 s. */
  readonly leaseMs: number;
  /** Between two votes of a rule that a feature is judged by; its window is so many of them. */
  readonly voteMs: number;
  readonly intentsMax: number;
  /** Longest life of a window, ms. */
  readonly windowMaxMs: number;
  /** Most members of a window. */
  readonly windowAlertsMax: number;
  /** Most members that wait below their threshold, of one namespace and in all. */
  readonly bufferedMax: { readonly perNamespace: number; readonly total: number };
}
