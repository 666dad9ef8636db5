import { tally } from "./book.ts";
import { type Bench, see } from "./judge.ts";

/** Counts what the delivery brought beside its alerts, once. */
export function takeAside({ book, call: { aside, delivery, source }, rules, nowMs }: Bench): void {
  const key = `${delivery}:aside`;
  const seen = book.seen.get(key);
  if (!aside || (seen && nowMs - seen.atMs < rules.deliveryTtlMs)) return;
  see(book, key, { atMs: nowMs, entry: null });
  if (aside.ignoredAlerts > 0) tally(book, source, "ignored", "cache", aside.ignoredAlerts);
  book.counters.truncated_alerts += aside.truncatedAlerts;
  book.counters.unknown_severities += aside.unknownSeverities;
  book.counters.unreadable_times += aside.unreadableTimes;
  if (aside.watchdog) book.watchdogSeenMs = nowMs;
}

/** Counts what was decided without the ledger, once. */
export function takeStrays({ book, call: { strays }, rules, nowMs }: Bench): void {
  const key = `strays:${strays?.id}`;
  const seen = book.seen.get(key);
  if (!strays || (seen && nowMs - seen.atMs < rules.deliveryTtlMs)) return;
  see(book, key, { atMs: nowMs, entry: null });
  for (const { source, outcome, count } of strays.outcomes) tally(book, source, outcome, "direct", count);
}
