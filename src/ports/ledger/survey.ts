import type { Shares } from "../../domain/feature.ts";
import type { Outcome, Rung } from "../../domain/outcome.ts";
import type { LetterKind } from "./dead-letters.ts";
import type { ArmCount } from "./flags.ts";

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
  readonly arms: readonly ArmCount[];
  /** Of each feature the share of namespaces that have it by now. */
  readonly shares: Shares;
}
