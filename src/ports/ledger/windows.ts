import type { Outcome, Reason } from "../../domain/outcome.ts";
import type { RequestDraft, RequestRef } from "../../domain/remediation-request.ts";
import type { Rule } from "../../domain/rule.ts";
import type { Subject } from "./admit.ts";

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
  /** Objects of the group's other windows: an object that somebody else's ledger knew, or this one before it lost its data, may be adopted instead. */
  readonly knownUids: readonly string[];
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

/** What happens to a fingerprint's request or window after an alert was answered. */
export const STEP_EVENTS = [
  "window-expired",
  "request-created",
  "request-found",
  "request-ended",
  "request-gone",
  /** Its request was given up for now. */
  "dead-lettered",
  "letter-replayed",
  "letter-discarded",
  /** A rule that its features are judged by was broken; the reason names it. */
  "rule-broken",
] as const;

/** One thing that became of a fingerprint: an alert's outcome, or what happened afterwards. */
export interface Step {
  /** The last time. */
  readonly atMs: number;
  /** How often in a row. */
  readonly times: number;
  readonly event: Outcome | (typeof STEP_EVENTS)[number];
  readonly reason: Reason | Rule | null;
  readonly source: string | null;
  readonly request: RequestRef | null;
}

/** What became of a fingerprint in the last day, at most RECEIPT_STEPS steps, oldest first. */
export interface Receipt {
  readonly fingerprint: string;
  /** `buffered`: it waits in a window. `dead`: its request could not be made, and has a dead letter. A member of a storm has its storm's state. */
  readonly state: "buffered" | "pending" | "live" | "dead" | "ended";
  readonly occurrences: number;
  readonly request: RequestRef | null;
  /** The alert as it last fired. */
  readonly draft: RequestDraft | null;
  readonly steps: readonly Step[];
}
