import type { RequestDraft, RequestSpec, Severity } from "./remediation-request.ts";
import type { Identity } from "./target/identity.ts";

/** One valid alert of a payload, with all that is decided from it alone. */
export interface Alert extends Identity {
  readonly kind: "alert";
  /** 64 lower-case hex: the alerts that may be one storm with it. */
  readonly group: string;
  /** The alert as its sender knows it, 1-64 characters; several instances may share a fingerprint. */
  readonly instance: string;
  readonly status: "firing" | "resolved";
  /** Unix ms; when it came in where the sender told no start that can be read. */
  readonly startsAtMs: number;
  readonly start: "told" | "untold" | "unreadable";
  readonly name: string;
  readonly severity: Severity;
  /** Kubernetes events only; null: nothing tells one arrival of it from the next. */
  readonly event: EventOccurrence | null;
  readonly draft: RequestDraft;
}

/** What a Kubernetes event tells of how often it has happened: `count` or `lastMs`, or both. */
export interface EventOccurrence {
  /** Of the Event object, 1-64 characters. */
  readonly uid: string;
  /** How often, by its own word; null: it tells no number. */
  readonly count: number | null;
  /** When last, Unix ms; null: it tells no time. */
  readonly lastMs: number | null;
}

/** An alert that asks for nothing, such as one of severity `none` or a `Normal` event. */
export interface IgnoredAlert extends Identity {
  readonly kind: "ignored";
  readonly reason: IgnoredReason;
  /** Prometheus' Watchdog, which always fires while its pipeline works. */
  readonly watchdog: boolean;
}

/** An alert that cannot be judged; it becomes a dead letter. `payload` is its JSON, at most 16 KiB. */
export interface InvalidAlert {
  readonly kind: "invalid";
  /** 64 lower-case hex of why it cannot be judged: alerts of one cause are one dead letter. */
  readonly fingerprint: string;
  /** 64 lower-case hex of its source and payload, which tells it apart in its delivery. */
  readonly instance: string;
  /** Whose room among the dead letters it takes; empty: none that can be one is told. */
  readonly namespace: string;
  readonly reason: InvalidReason;
  /** How its source wrote it. */
  readonly signalType: RequestSpec["signalType"];
  readonly payload: string;
}

export type ParsedAlert = Alert | IgnoredAlert | InvalidAlert;

export const IGNORED_REASONS = ["severity-none", "event-normal"] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

export const INVALID_REASONS = [
  "not-an-object",
  "alertname-missing",
  "alertname-too-long",
  "labels-invalid",
  "labels-too-large",
  "status-invalid",
  "namespace-not-allowed",
  "event-reason-missing",
  "event-object-missing",
] as const;
export type InvalidReason = (typeof INVALID_REASONS)[number];

/** Former reasons that no alert has any more, but stored dead letters and remembered answers still hold. */
export const FORMER_INVALID_REASONS = ["namespace-invalid", "annotations-invalid", "starts-at-invalid"] as const;
