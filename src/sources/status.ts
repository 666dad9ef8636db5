import type { Alert } from "../domain/alert.ts";
import { GO_ZERO_MS, parseTimestamp } from "../domain/timestamp.ts";

const WORDS: ReadonlyMap<string, Alert["status"]> = new Map([
  ...["firing", "alerting", "active"].map((word) => [word, "firing"] as const),
  ...["resolved", "ok", "normal", "inactive"].map((word) => [word, "resolved"] as const),
]);

const wordOf = (told: unknown): string => (typeof told === "string" ? told.trim().toLowerCase() : "");

/** Fields that may tell whether an alert fires; the last one is its webhook's own status. */
export interface ToldStatus {
  readonly status?: unknown;
  readonly endsAt?: unknown;
  readonly webhookStatus?: unknown;
}

/**
 * Whether an alert fires or is over, by its own status in any case. Without one (absent, empty, no text) it is over if it has ended, as Alertmanager
 * itself defines it, or else if the whole webhook is resolved; in every other case it fires, since a request too many does less harm than none.
 * Null: its status is a word that says neither, such as `suppressed`. Nobody can tell what it asks for.
 */
export function statusOf({ status, endsAt, webhookStatus }: ToldStatus, nowMs: number): Alert["status"] | null {
  const word = wordOf(status);
  if (word) return WORDS.get(word) ?? null;
  const endMs = parseTimestamp(endsAt);
  if (endMs !== null && endMs > GO_ZERO_MS && endMs <= nowMs) return "resolved";
  return WORDS.get(wordOf(webhookStatus)) ?? "firing";
}
