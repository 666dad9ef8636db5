import { FORMER_INVALID_REASONS, IGNORED_REASONS, INVALID_REASONS } from "./alert.ts";
import type { RequestRef } from "./remediation-request.ts";

/** What became of an alert, as its sender reads it. */
export const OUTCOMES = [
  "created",
  "accepted",
  "duplicate",
  /** Waits in a window of its group. */
  "buffered",
  /** Reached the threshold: its storm has one request. */
  "aggregated",
  /** Joined a storm. */
  "appended",
  "resolved",
  /** Its last instance was resolved while it was buffered: no request. */
  "cancelled",
  "ignored",
  "quarantined",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How the state behind an outcome was known: vouched for by a watch, remembered, asked for, by time alone while nobody could be asked,
 * or asked for by a gateway that had no ledger to remember it in. */
export const RUNGS = ["relay", "cache", "kubernetes", "time", "direct"] as const;
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
  /** The first of its group: it waits for others. */
  "window-opened",
  /** Others of its group wait already. */
  "window-joined",
  /** It waits in a window already. */
  "waits-in-window",
  /** As many different alerts of its group as make a storm. */
  "threshold-reached",
  /** Its group's storm is under way. */
  "storm-joined",
  /** Its group's storm has as many members as a window holds: it is the first of the next. */
  "window-full",
  /** Its namespace, or the cluster, has as many alerts in windows as there is room for: it passed at once. */
  "buffer-full",
  /** Kubernetes will never take its request: counted on the dead letter. */
  "request-refused",
  /** Its request could not be made for a day: counted on the dead letter. */
  "retries-exhausted",
  /** It has a dead letter whose request is tried again. */
  "request-retried",
  "last-instance-resolved",
  "other-instances-firing",
  "no-request",
  /** It is resolved, and the same instance has fired since with a later start. */
  "late",
  /** The same instance was resolved, with the same or a later start, within the delivery time: it waits for another resolve. */
  "fired-after-resolve",
  "event-already-counted",
  ...IGNORED_REASONS,
  ...INVALID_REASONS,
  ...FORMER_INVALID_REASONS,
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
