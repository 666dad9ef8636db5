import type { Outcome, Reason, Rung } from "../domain/outcome.ts";
import type { RequestDraft, RequestId, RequestRef, RequestState } from "../domain/remediation-request.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import type { RecordOperation } from "./remediation-writer.ts";

/** One alert as the ledger judges it. */
export interface AdmitAlert {
  /** `invalid` alerts become dead letters under their fingerprint. */
  readonly kind: "firing" | "resolved" | "invalid";
  readonly fingerprint: string;
  /** Tells it apart in its delivery. */
  readonly identity: string;
  readonly instance: string;
  readonly startsAtMs: number;
  readonly namespace: string;
  /** 64 hex: the alerts that may be one storm with it, and the fingerprint of their request; empty for invalid ones. */
  readonly group: string;
  /** `namespace:Kind:name`: what a storm's request calls it. */
  readonly target: string;
  /** The rules under which it opens a window of its group; null: it passes at once. */
  readonly windowRules: WindowRules | null;
  /** The delivery brings several alerts of this fingerprint: it counts once all the same. */
  readonly shared: boolean;
  readonly event: { readonly uid: string; readonly count: number } | null;
  /** firing: what a request would be made from. invalid: the dead letter's payload as JSON text. resolved: null. */
  readonly draft: RequestDraft | null;
  readonly invalid: { readonly reason: Reason; readonly payload: string } | null;
  /** The state of its request was asked for and could not be had: judge by time. */
  readonly unreachable: boolean;
}

/** What a delivery brought beside alerts to decide. */
export interface Aside {
  readonly ignoredAlerts: number;
  /** Alerts that the sender left out. */
  readonly truncatedAlerts: number;
  /** Alerts whose severity is missing or an unknown word. */
  readonly unknownSeverities: number;
  /** A firing Watchdog was among them: the sender's own pipeline works. */
  readonly watchdog: boolean;
}

export interface AdmitCall {
  /** Random, 32 hex; the same in every sending of the same call. Intents are named after it. */
  readonly operation: string;
  /** 32 hex: what makes two POSTs the same delivery. */
  readonly delivery: string;
  readonly source: string;
  /** Applied before the alerts are judged. */
  readonly facts: readonly Fact[];
  readonly alerts: readonly AdmitAlert[];
  /** Counted once a delivery, however many calls bring it; null: nothing. */
  readonly aside: Aside | null;
}

/**
 * Whose request it is: a fingerprint's (64 hex), or that of a storm's window (`<group>.<window>`, 64 and 32 hex), which stands for all its members.
 */
export type Subject = string;

/** What was decided about one alert. `occurrences` counts every delivery of its fingerprint so far, this one included. */
export type Verdict =
  | {
      readonly kind: "settled";
      readonly outcome: Outcome;
      readonly request: RequestRef | null;
      readonly occurrences: number;
      readonly reason: Reason;
      readonly rung: Rung;
    }
  /** A new intent, leased to this caller: ensure it now and hand the fact back. A window's means that this alert reached the threshold. */
  | { readonly kind: "ensure"; readonly subject: Subject; readonly intent: string; readonly reason: Reason; readonly occurrences: number }
  /** The state is stale and the check is this caller's: observe and admit the alert again with the fact, or as unreachable. Nothing was stored for it. */
  | { readonly kind: "check"; readonly subject: Subject; readonly request: RequestId }
  /** No room for another intent or dead letter; nothing was stored for it. */
  | { readonly kind: "full" };

/** What an object's status says of its counts; the creator's implied slot is among `slots`. */
export interface Shown {
  readonly slots: Readonly<Record<string, number>>;
  readonly resolvedAtMs: number | null;
  /** Alerts that a storm's request lists; 0 for any other. */
  readonly members: number;
}

/**
 * Something learnt about a request. `ensured`: the answer to an intent's ensure, which binds the episode to the object; `takenBack`: uids of
 * that intent which were deleted again. `seen`: a look at an object, which also binds a pending episode to the object made for its intent;
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
      /** The storm that a window adopted; null: it made its own, or this is no window. */
      readonly adopted: { readonly openedAtMs: number; readonly members: number } | null;
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
    }
  | { readonly kind: "moved"; readonly subject: Subject; readonly uid: string; readonly state: RequestState }
  | {
      readonly kind: "gone";
      readonly subject: Subject;
      readonly uid: string;
      /** The watch that saw it go; null: none did. */
      readonly session: string | null;
      readonly agoMs: number | null;
    };

/** What a fact led to. `occurrences` as in Verdict. */
export interface FactOutcome {
  /** `bound`: this call bound the episode to the object, or it was bound to it by this intent already. `dropped`: it says nothing new about the object that the episode is bound to. */
  readonly kind: "bound" | "applied" | "dropped";
  readonly occurrences: number;
}

/** An intent whose request has to be made. */
export interface LeasedIntent {
  readonly subject: Subject;
  readonly intent: string;
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
}

export interface SweepCall {
  /** Random, 32 hex; the same in every sending of the same call. Windows are named after it. */
  readonly operation: string;
  /** Members and windows to deal with. */
  readonly limit: number;
}

/** An alert in a window. */
export interface Member {
  /** Its place in the order of joining, from 1. */
  readonly seq: number;
  readonly fingerprint: string;
  readonly target: string;
  readonly draft: RequestDraft;
}

/** What a window's request has to be made of, read a part at a time. */
export interface Crew {
  /** Those that its intent stands for, in the order of joining; later ones are told by counts. */
  readonly members: readonly Member[];
  /** How long it might have waited below its threshold. */
  readonly firstRequestMs: number;
  /** Whose object may be adopted instead: uids of the group's windows that are closed, so theirs may not. */
  readonly closedUids: readonly string[];
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
  /** To be tried again in `afterMs`. */
  | { readonly kind: "intent-failed"; readonly subject: Subject; readonly intent: string; readonly afterMs: number }
  /** A window's request can never be made as one: its members get requests of their own. */
  | { readonly kind: "storm-refused"; readonly subject: Subject; readonly intent: string }
  | { readonly kind: "count-failed"; readonly mark: string; readonly afterMs: number };

export interface DeadLetter {
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** JSON text, at most 16 KiB; it may be cut. */
  readonly payload: string;
}

/** What the ledger holds of a fingerprint, read without changing anything. `buffered`: it waits in a window. A member of a storm has its storm's state and request. */
export interface Glimpse {
  readonly state: "none" | "buffered" | "pending" | "live" | "ended";
  readonly occurrences: number;
  readonly request: RequestRef | null;
  /** The window of its group that a new alert would join; null: it would open one. */
  readonly window: { readonly kind: "buffering" | "storm"; readonly members: number; readonly threshold: number } | null;
}

/** A window as people see it. `expired` and `ended` ones still have members to hand on. */
export interface WindowSight {
  readonly subject: Subject;
  readonly state: "buffering" | "pending" | "live" | "closed" | "expired" | "ended";
  readonly namespace: string;
  readonly alertname: string;
  readonly members: number;
  readonly occurrences: number;
  readonly threshold: number;
  readonly openedAtMs: number;
  /** When it is due; null: nothing is to be done until its request ends. */
  readonly dueAtMs: number | null;
  readonly request: RequestRef | null;
}

/** One thing that became of a fingerprint. `event` is an outcome, or what happened to its request or window afterwards. */
export interface Step {
  /** The last time. */
  readonly atMs: number;
  /** How often in a row. */
  readonly times: number;
  readonly event: Outcome | "window-expired" | "window-closed" | "request-created" | "request-found" | "request-ended" | "request-gone";
  readonly reason: Reason | null;
  readonly source: string | null;
  readonly request: RequestRef | null;
}

/** What became of a fingerprint in the last day, at most RECEIPT_STEPS steps, oldest first. */
export interface Receipt {
  readonly fingerprint: string;
  readonly state: Glimpse["state"];
  readonly occurrences: number;
  readonly request: RequestRef | null;
  /** The alert as it last fired. */
  readonly draft: RequestDraft | null;
  readonly steps: readonly Step[];
}

/** Counters kept with the decisions themselves, so that they are exact across processes. */
export const COUNTERS = [
  "alerts_received",
  "requests_created",
  "requests_found",
  "deduplication_hits",
  "deduplication_misses",
  "state_cache_hits",
  "state_cache_misses",
  "quarantined",
  "updates_succeeded",
  "updates_failed",
  "counts_lost",
  "collisions",
  "truncated_alerts",
  "unknown_severities",
  "buffer_hits",
  "buffer_misses",
  "buffer_bypasses",
  "windows_expired",
  "storms_detected",
  "storms_created",
] as const;
export type Counter = (typeof COUNTERS)[number];

/** How many alerts of a source were decided alike, each once a delivery; `accepted` is every alert that led to an intent. */
export interface OutcomeCount {
  readonly source: string;
  readonly outcome: Outcome;
  readonly rung: Rung;
  readonly count: number;
}

/** What is counted by source, and what waits now. */
export interface Survey {
  /** In the order of source, outcome and rung; they add up to the counter of received alerts. */
  readonly outcomes: readonly OutcomeCount[];
  readonly openIntents: number;
  /** How long the oldest of them has been open; null: there is none. */
  readonly oldestIntentMs: number | null;
  readonly deadLetters: number;
  /** Alerts that wait in windows below their threshold. */
  readonly buffered: number;
  /** The largest share of its room that the buffer of a namespace, or of all, takes up: 0 to 1. */
  readonly bufferFill: number;
  /** When a firing Watchdog last came in, Unix ms; null: never. */
  readonly watchdogSeenMs: number | null;
}

/**
 * Working memory of one cluster and arbiter between all who serve it. Calls travel over HTTP: every one may be sent twice and leaves the state of one.
 * Every method throws `Failure` when the store does not answer in time; the call may still have taken effect.
 */
export interface Ledger {
  /** Decides up to ADMIT_MAX alerts of one delivery in one round trip, each on its own; verdicts in their order. An alert once settled for a delivery gets the same answer again. */
  admit(call: AdmitCall): Promise<readonly Verdict[]>;
  /** Applies facts in order, each on its own. */
  fact(facts: readonly Fact[]): Promise<readonly FactOutcome[]>;
  /** Hands out up to `limit` due intents and as many due counts, oldest first; nobody else gets them before the lease ends. */
  lease(limit: number): Promise<Lease>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Turns due windows into intents; true: more are due. Two at once, or one that dies, leave the state of one that ran. */
  sweep(call: SweepCall): Promise<boolean>;
  /** Members of a window after `after`, up to `limit`; null: the intent is not open any more. Changes nothing. */
  crew(subject: Subject, intent: string, after: number, limit: number): Promise<Crew | null>;
  /** The session vouches for every request that was seen under it, for SESSION_ALIVE_MS from now: all that it saw was handed over before. */
  heartbeat(session: string): Promise<void>;
  /** In the order of the alerts. Changes nothing. */
  glimpse(alerts: readonly Pick<AdmitAlert, "fingerprint" | "group">[]): Promise<readonly Glimpse[]>;
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
  /** Latest first. */
  deadLetters(offset: number, limit: number): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }>;
  counters(): Promise<Readonly<Record<Counter, number>>>;
  survey(): Promise<Survey>;
}

/** Most alerts in one admit. */
export const ADMIT_MAX = 500;

/** The rules a ledger decides by; times in ms. */
export interface LedgerRules {
  readonly stateBasedDedup: boolean;
  readonly stateTtlMs: number;
  readonly fallbackTtlMs: number;
  readonly deliveryTtlMs: number;
  /** How long a check or an intent belongs to who got it: the writer's timeout and 1 s. */
  readonly leaseMs: number;
  readonly intentsMax: number;
  /** Longest life of a window, ms. */
  readonly windowMaxMs: number;
  /** Most members of a window. */
  readonly windowAlertsMax: number;
  /** Most members that wait below their threshold, of one namespace and in all. */
  readonly bufferedMax: { readonly perNamespace: number; readonly total: number };
}
