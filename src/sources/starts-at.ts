import { GO_ZERO_MS, parseTimestamp } from "../domain/timestamp.ts";

/** Values by which senders say that they tell no time. */
const tellsNone = (told: unknown): boolean =>
  told === undefined || told === null || told === 0 || (typeof told === "string" && /^[\s0]*$/.test(told));

/** How far ahead a sender's clock may be. A start beyond it would pass for later than whatever is told of the alert for as long. */
const AHEAD_MAX_MS = 600_000;

/**
 * When an alert began, Unix ms, by the first candidate that tells a readable time up to ten minutes after `nowMs`; a far past stands as told.
 * `untold`: every candidate is absent, empty, 0 or Go's zero time (year 1). `unreadable`: a candidate tells something, and none tells such a time.
 */
export function startsAtOf(candidates: readonly unknown[], nowMs: number): number | "untold" | "unreadable" {
  let start: "untold" | "unreadable" = "untold";
  for (const candidate of candidates) {
    if (tellsNone(candidate)) continue;
    const ms = parseTimestamp(candidate);
    if (ms === GO_ZERO_MS) continue;
    if (ms !== null && ms <= nowMs + AHEAD_MAX_MS) return ms;
    start = "unreadable";
  }
  return start;
}
