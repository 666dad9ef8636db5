import { GO_ZERO_MS, parseTimestamp } from "../domain/timestamp.ts";

/**
 * When an alert began, Unix ms, by the first candidate that tells a time. Absent, empty and Go's zero time (year 1) tell none; where no candidate
 * tells, the answer is `untold`. A far past or future stands as told. Null: a candidate is not an RFC 3339 date-time.
 */
export function startsAtOf(candidates: readonly unknown[]): number | "untold" | null {
  for (const candidate of candidates) {
    if (candidate === undefined || candidate === null || candidate === "") continue;
    const ms = typeof candidate === "string" ? parseTimestamp(candidate) : null;
    if (ms !== GO_ZERO_MS) return ms;
  }
  return "untold";
}
