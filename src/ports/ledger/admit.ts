import type { EventOccurrence } from "../../domain/alert.ts";
import type { Outcome, Reason, Rung } from "../../domain/outcome.ts";
import type { RequestDraft, RequestId, RequestRef, RequestSpec } from "../../domain/remediation-request.ts";
import type { WindowRules } from "../../domain/window-rules.ts";
import type { Fact } from "./facts.ts";

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
  /** Name of the rule that found the target; empty for invalid ones. */
  readonly rule: string;
  /** The rules under which it opens a window of its group; null: it passes at once. */
  readonly windowRules: WindowRules | null;
  /** The delivery brings several alerts of this fingerprint: it counts once all the same. */
  readonly shared: boolean;
  readonly event: EventOccurrence | null;
  /** firing: what a request would be made from. invalid: the dead letter's payload as JSON text. resolved: null. */
  readonly draft: RequestDraft | null;
  readonly invalid: { readonly reason: Reason; readonly payload: string; readonly signalType: RequestSpec["signalType"] } | null;
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
  /** Alerts whose start cannot be read or lies far ahead. */
  readonly unreadableTimes: number;
  /** A firing Watchdog was among them: the sender's own pipeline works. */
  readonly watchdog: boolean;
}

/** Alerts that a process decided while it could not reach the ledger, to be counted with the rest. */
export interface Strays {
  /** Random, 32 hex: what comes again with it counts once. */
  readonly id: string;
  readonly outcomes: readonly { readonly source: string; readonly outcome: Outcome; readonly count: number }[];
}

export interface AdmitCall {
  /** Random, 32 hex; the same in every sending of the same call. Intents are named after it. */
  readonly operation: string;
  /** 32 hex: what makes two POSTs the same delivery. */
  readonly delivery: string;
  readonly source: string;
  /** 32 hex of the body to which the sender's own key for the delivery is bound by the first call that brings it; null: it has none. */
  readonly body: string | null;
  /** More of the delivery is still to be decided, by other calls, or has found no room in one: it is unfinished as long as no call without it has settled all its alerts. */
  readonly more: boolean;
  /** Applied before the alerts are judged. */
  readonly facts: readonly Fact[];
  readonly alerts: readonly AdmitAlert[];
  /** Counted once a delivery, however many calls bring it; null: nothing. */
  readonly aside: Aside | null;
  /** Null: none. */
  readonly strays: Strays | null;
  /** What its source may take. Absent: all there is. */
  readonly terms?: SourceTerms;
}

/** What one of a cluster's sources may take of the ledger. */
export interface SourceTerms {
  /** How many sources share the room: each has its part of it. */
  readonly sources: number;
  /** Null: it may send as much as it likes. Charged once a delivery, whole, however many calls bring it; where nothing is left, all are `limited`. */
  readonly rate: { readonly alerts: number; readonly perMinute: number /** Most that it saves up. */; readonly holds: number } | null;
}

/** What is remembered of an alert's first answer. */
export interface Remembered {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly rung: Rung;
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
  /**
   * A new intent, leased to this caller: ensure it now and hand the fact back. A window's means that this alert reached the threshold. The reason
   * `request-retried`: an old one, whose dead letter is due for another try.
   */
  | { readonly kind: "ensure"; readonly subject: Subject; readonly intent: string; readonly reason: Reason; readonly occurrences: number }
  /** The state is stale and the check is this caller's: observe and admit the alert again with the fact, or as unreachable. Nothing was stored for it. */
  | { readonly kind: "check"; readonly subject: Subject; readonly request: RequestId }
  /** No room for another intent; nothing was stored for it. */
  | { readonly kind: "full" }
  /** Alone, for all alerts of a call: the key of its delivery came with another body. Nothing was stored or counted of the call. */
  | { readonly kind: "other-body" }
  /** Its source has sent more than it may; nothing was decided. It may come again in so long. */
  | { readonly kind: "limited"; readonly waitMs: number };
