import type { RequestSpec } from "../../domain/remediation-request.ts";

/** `invalid`: an alert that cannot be judged. `refused`: a request that Kubernetes will never take. `exhausted`: one that could not be made for INTENT_LIFE_MS. */
export const LETTER_KINDS = ["invalid", "refused", "exhausted"] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** What people have to look at. It lives for DEAD_LETTER_LIFE_MS after it was last seen. */
export interface DeadLetter {
  /** 64 hex: of invalid alerts that of their cause, else the fingerprint whose request could not be made. */
  readonly id: string;
  readonly kind: LetterKind;
  readonly source: string;
  /** One of a closed list: why the alert is invalid, else a Trouble. */
  readonly reason: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** How its source wrote it. */
  readonly signalType: RequestSpec["signalType"];
  /** The last of its alerts: JSON text, at most 16 KiB; it may be cut. Invalid ones before it are only counted. */
  readonly payload: string;
  /** Its intent is open: the request is tried again. */
  readonly retrying: boolean;
}

/** Which letters are meant: those of which all that is told is true. */
export interface LetterFilter {
  readonly kind?: LetterKind | undefined;
  readonly source?: string | undefined;
  /** Last seen before it, Unix ms. */
  readonly beforeMs?: number | undefined;
}

/** Some of the letters that are meant, and where to go on; null: there are no more. */
export interface LettersFound {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/**
 * What a replay led to. `opened`: the intent is open, and for another INTENT_LIFE_MS. `full`: no room for another intent. `invalid`: this is an
 * alert to be read and judged anew. `unknown`: there is no such letter.
 */
export type Replay = "opened" | "full" | "invalid" | "unknown";
