import { GO_ZERO_MS, parseTimestamp } from "../domain/timestamp.ts";

/** Values by which senders say that they tell no time. */
const tellsNone = (told: unknown): boolean =>
  told === undefined || told === null || told === 0 || (typeof told === "string" && /^[\s0]*$/.test(told));

/**
 * When an alert began, Unix ms, by the first candidate that tells a readable time; a far past or future stands as told. `untold`: every candidate
 * is absent, empty, 0 or Go's zero time (year 1). `unreadable`: a candidate tells something, and none tells a time that can be read.
 */
export function startsAtOf(candidates: readonly unknown[]): number | "untold" | "unreadable" {
  let start: "untold" | "unreadable" = "untold";
  for (const candidate of candidates) {
    if (tellsNone(candidate)) continue;
    const ms = parseTimestamp(candidate);
    if (ms === GO_ZERO_MS) continue;
    if (ms !== null) return ms;
    start = "unreadable";
  }
  return start;
}
