import { IGNORED_REASONS, INVALID_REASONS } from "./alert.ts";
import type { RequestRef } from "./remediation-request.ts";

/** What became of an alert, as its sender reads it. */
export const OUTCOMES = ["created", "accepted", "duplicate", "resolved", "ignored", "quarantined"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How the state behind an outcome was known: vouched for by a watch, remembered, asked for, or by time alone while nobody could be asked. */
export const RUNGS = ["relay", "cache", "kubernetes", "time"] as const;
export type Rung = (typeof RUNGS)[number];

export const REASONS = [
  /** No request is known for the fingerprint. */
  "new",
  /** The last request has ended or is gone. */
  "request-ended",
  /** Nobody could tell the state for longer than the fallback time. */
  "state-unknown",
  /** A request of this fingerprint is live. */
  "request-live",
  /** Kubernetes held a live request that nobody here knew of. */
  "request-found",
  /** A request is decided on and not confirmed yet. */
  "request-pending",
  /** Within the fallback time of the last request, while its state cannot be known. */
  "within-fallback-time",
  "last-instance-resolved",
  "other-instances-firing",
  "no-request",
  /** The same instance was resolved with the same or a later start. */
  "late",
  "event-already-counted",
  ...IGNORED_REASONS,
  ...INVALID_REASONS,
] as const;
export type Reason = (typeof REASONS)[number];

/** One alert's part of an ingest answer. */
export interface Result {
  readonly fingerprint: string;
  readonly outcome: Outcome;
  readonly remediationRequest: RequestRef | null;
  readonly occurrenceCount: number;
  readonly reason: Reason;
  readonly rung: Rung;
}
