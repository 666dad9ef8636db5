import type { Outcome, Rung } from "../../domain/outcome.ts";

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
