import { tally } from "./book.ts";
import { see, seenOf } from "./deliveries.ts";
import type { Bench } from "./judge.ts";

/** Counts what the delivery brought beside its alerts, once. */
export function takeAside(bench: Bench): void {
  const { book, call, nowMs } = bench;
  const { aside, delivery, source } = call;
  const key = `${delivery}:aside`;
  if (!aside || seenOf(bench, key)) return;
  see(bench, key, null);
  if (aside.ignoredAlerts > 0) tally(book, source, "ignored", "cache", aside.ignoredAlerts);
  book.counters.truncated_alerts += aside.truncatedAlerts;
  book.counters.unknown_severities += aside.unknownSeverities;
  if (aside.watchdog) book.watchdogSeenMs = nowMs;
}

/** Counts what was decided without the ledger, once. */
export function takeStrays(bench: Bench): void {
  const { book, call } = bench;
  const { strays } = call;
  const key = `strays:${strays?.id}`;
  if (!strays || seenOf(bench, key)) return;
  see(bench, key, null);
  for (const { source, outcome, count } of strays.outcomes) tally(book, source, outcome, "direct", count);
}
