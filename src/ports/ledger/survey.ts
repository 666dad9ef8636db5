import type { Shares } from "../../domain/feature.ts";
import type { Outcome, Rung } from "../../domain/outcome.ts";
import type { LetterKind } from "./dead-letters.ts";
import type { ArmCount } from "./flags.ts";
import type { RolledBack, RuleState } from "./rules.ts";

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
  "unreadable_times",
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

/** How often requests could not be made for one reason, each try once. */
export interface FailureCount {
  /** A Trouble. */
  readonly reason: string;
  readonly count: number;
}

/** How many alerts a rule found the target of, each once a delivery. */
export interface TargetCount {
  /** One of TARGET_RULES, or `rule:<name>`. */
  readonly rule: string;
  readonly count: number;
}

/** How what was owed to an alert ended: its request is there, its storm was to have one, it was resolved first, … */
export const SETTLED = [
  "request",
  /** Its storm is owed a request in its place, or has it. */
  "storm",
  /** Resolved while it waited. */
  "cancelled",
  /** Of a storm whose request cannot be made: its members are owed requests of their own. */
  "dissolved",
  /** Of a letter that was tried for again in vain. */
  "dead-letter",
  "discarded",
  /** A letter that nobody looked after in time. */
  "expired",
  /** A letter that made room for others. */
  "dropped",
  /** Redis has lost it. */
  "lost",
] as const;

/** Where what is owed to alerts stands open. */
export const PLACES = ["window", "intent", "dead-letter"] as const;

/** Upper bounds of how long alerts wait for their requests, seconds, as the engine counts them. */
export const WAIT_BOUNDS = [1, 5, 10, 20, 30, 45, 50, 60, 90, 120, 300, 600, 3_600] as const;

/** A request of an alert's own, or a storm's. */
export const REQUEST_KINDS = ["lone", "storm"] as const;

/** How long alerts waited until the ledger learnt of their request. */
export interface Waits {
  /** Within each of WAIT_BOUNDS and above the one before, then above all. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** What is counted by source, and what waits now. */
export interface Survey {
  /** In the order of source, outcome and rung; they add up to the counter of received alerts. */
  readonly outcomes: readonly OutcomeCount[];
  readonly openIntents: number;
  /** How long the oldest of them has been open; null: there is none. */
  readonly oldestIntentMs: number | null;
  /** By reason. */
  readonly failures: readonly FailureCount[];
  /** By rule. */
  readonly targets: readonly TargetCount[];
  readonly deadLetters: Readonly<Record<LetterKind, number>>;
  /** Letters of invalid alerts that made room for others, by source. */
  readonly lettersDropped: readonly { readonly source: string; readonly count: number }[];
  /** How long ago what the oldest of them is about first came in; null: there is none. */
  readonly deadLetterOldestMs: number | null;
  /** Alerts that wait in windows below their threshold. */
  readonly buffered: number;
  /** The largest share of its room that the buffer of a namespace, or of all, takes up: 0 to 1. */
  readonly bufferFill: number;
  /** When a firing Watchdog last came in, Unix ms; null: never. */
  readonly watchdogSeenMs: number | null;
  /** Those that were judged. */
  readonly rules: readonly RuleState[];
  /** How often each has had a vote. */
  readonly votes: readonly { readonly rule: string; readonly count: number }[];
  /** Features that a rule has turned off, as long as nobody has acknowledged it. */
  readonly rolledBack: readonly RolledBack[];
  /** How often a feature was turned off by a rule. */
  readonly rollbacks: readonly { readonly feature: string; readonly rule: string; readonly count: number }[];
  readonly arms: readonly ArmCount[];
  /** Of each feature the share of namespaces that have it by now. */
  readonly shares: Shares;
  /** When a watch last sent a heartbeat, Unix ms; null: never. */
  readonly heartbeatSeenMs: number | null;
  readonly waits: Readonly<Record<(typeof REQUEST_KINDS)[number], Waits>>;
  /** All that was ever owed to alerts is what was settled and what stands open, at any moment. */
  readonly owed: number;
  /** As much of it as stood open when it was first read and had not been counted, as a version before leaves it. */
  readonly owedBefore: number;
  readonly settled: Readonly<Record<(typeof SETTLED)[number], number>>;
  readonly open: Readonly<Record<(typeof PLACES)[number], number>>;
  /** How far the window that is most overdue is past its time; 0: none is. */
  readonly sweepLagMs: number;
  /** The same of the next try of an open intent. */
  readonly intentsOverdueMs: number;
  /** Counts still to be written to Kubernetes. */
  readonly countsPending: number;
  /** How far the most overdue of them is past its time; 0: none is. */
  readonly countsOverdueMs: number;
}
