import { NAMESPACE_SHARE, SEEN_MAX, SESSION_ALIVE_MS, VOUCHED_MAX_MS } from "../../domain/ledger-limits.ts";
import type { Outcome, Reason, Rung } from "../../domain/outcome.ts";
import type { RequestDraft, RequestId } from "../../domain/remediation-request.ts";
import type { AdmitAlert, AdmitCall, LedgerRules, Verdict } from "../../ports/ledger.ts";
import { type Book, type Entry, markUnwritten, type Seen, tally } from "./book.ts";
import { keepLetter } from "./dead-letters.ts";
import { type Episode, newEpisode, occurrencesOf, refOf, remember } from "./episode.ts";
import { beginEpisode } from "./facts.ts";

/** What a judgement needs beside the alert. `told`: fingerprints whose state this call has brought along; `asking`: those whose check it was given. */
export interface Bench {
  readonly book: Book;
  readonly call: AdmitCall;
  readonly rules: LedgerRules;
  readonly told: ReadonlySet<string>;
  readonly asking: Set<string>;
  readonly nowMs: number;
}

/** The verdict on one alert, remembered for its delivery unless it is `check` or `full`. `index`: its place in the call, which names its intent. */
export function judge(bench: Bench, alert: AdmitAlert, index: number): Verdict {
  const { book, call, rules, nowMs } = bench;
  const key = entryKey(call, alert);
  const seen = book.seen.get(key);
  if (seen?.entry && nowMs - seen.atMs < rules.deliveryTtlMs) return repeat(bench, alert, seen.entry);
  const verdict = decide(bench, alert, `${call.operation}-${index}`);
  if (verdict.kind === "check" || verdict.kind === "full") return verdict;
  const entry =
    verdict.kind === "ensure"
      ? ({ outcome: "accepted", reason: verdict.reason, rung: "cache", intent: verdict.intent } as const)
      : { outcome: verdict.outcome, reason: verdict.reason, rung: verdict.rung, intent: "" };
  see(book, key, { atMs: nowMs, entry });
  tally(book, call.source, entry.outcome, entry.rung, 1);
  return verdict;
}

/** Counts what the delivery brought beside its alerts, once. */
export function takeAside({ book, call: { aside, delivery, source }, rules, nowMs }: Bench): void {
  const key = `${delivery}:aside`;
  const seen = book.seen.get(key);
  if (!aside || (seen && nowMs - seen.atMs < rules.deliveryTtlMs)) return;
  see(book, key, { atMs: nowMs, entry: null });
  if (aside.ignoredAlerts > 0) tally(book, source, "ignored", "cache", aside.ignoredAlerts);
  book.counters.truncated_alerts += aside.truncatedAlerts;
  book.counters.unknown_severities += aside.unknownSeverities;
  if (aside.watchdog) book.watchdogSeenMs = nowMs;
}

function decide(bench: Bench, alert: AdmitAlert, intent: string): Verdict {
  if (alert.kind === "invalid") return keepLetter(bench, alert);
  return alert.kind === "firing" ? judgeFiring(bench, alert, intent) : judgeResolved(bench, alert);
}

const entryKey = ({ delivery }: AdmitCall, { identity }: AdmitAlert): string => `${delivery}:${identity}`;

function see(book: Book, key: string, seen: Seen): void {
  book.seen.delete(key);
  book.seen.set(key, seen);
  for (const oldest of book.seen.keys()) {
    if (book.seen.size <= SEEN_MAX) return;
    book.seen.delete(oldest);
  }
}

/** The answer of the first time; where a request was on its way, what has become of it since. */
function repeat({ book, call }: Bench, alert: AdmitAlert, entry: Entry): Verdict {
  const letter = alert.kind === "invalid" ? book.letters.get(alert.fingerprint) : undefined;
  if (alert.kind === "invalid") return { ...settle(undefined, "quarantined", entry.reason, entry.rung), occurrences: letter?.count ?? 1 };
  const episode = book.episodes.get(alert.fingerprint);
  if (entry.intent === "") return settle(episode, entry.outcome, entry.reason, entry.rung);
  if (episode?.intent !== entry.intent || episode.state === "pending") {
    // The same sending of the same call: its caller holds the lease and has not heard of it.
    if (episode?.intent === entry.intent && entry.intent.startsWith(`${call.operation}-`))
      return { kind: "ensure", intent: entry.intent, reason: entry.reason, occurrences: occurrencesOf(episode) };
    return { ...settle(episode, "accepted", entry.reason, entry.rung), request: null };
  }
  if (episode.found) return settle(episode, "duplicate", "request-found", "kubernetes");
  return settle(episode, "created", entry.reason, "kubernetes");
}

function judgeFiring(bench: Bench, alert: AdmitAlert, intent: string): Verdict {
  const { book, rules, nowMs } = bench;
  const episode = book.episodes.get(alert.fingerprint);
  if (!episode) return open(bench, undefined, alert, intent, "new");
  const resolved = episode.resolved.get(alert.instance);
  if (resolved && resolved.startsAtMs >= alert.startsAtMs && nowMs - resolved.atMs < rules.deliveryTtlMs)
    return settle(episode, "ignored", "late", "cache");
  if (alert.event && growthOf(episode, alert.event) === 0)
    return settle(episode, episode.state === "ended" ? "ignored" : "duplicate", "event-already-counted", "cache");
  if (episode.state === "pending") return count(bench, episode, alert, "request-pending", "cache");
  if (episode.state === "ended") return open(bench, episode, alert, intent, "request-ended");
  return rules.stateBasedDedup && !alert.unreachable ? judgeByState(bench, episode, alert) : judgeByTime(bench, episode, alert, intent);
}

function judgeByState(bench: Bench, episode: Episode, alert: AdmitAlert): Verdict {
  const { book, rules, told, asking, nowMs } = bench;
  if (told.has(alert.fingerprint)) return count(bench, episode, alert, "request-live", "kubernetes");
  const vouched = isVouchedFor(bench, episode);
  const fresh = nowMs - episode.checkedAtMs < rules.stateTtlMs;
  const asked = nowMs < episode.checkUntilMs && !asking.has(alert.fingerprint);
  if (vouched || fresh || asked) {
    book.counters.state_cache_hits += 1;
    return count(bench, episode, alert, "request-live", vouched ? "relay" : "cache");
  }
  if (!asking.has(alert.fingerprint)) book.counters.state_cache_misses += 1;
  asking.add(alert.fingerprint);
  episode.checkUntilMs = nowMs + rules.leaseMs;
  const { namespace, name, uid } = episode.request as RequestId;
  return { kind: "check", request: { namespace, name, uid } };
}

/** A watch that is alive would have told of any change; the bound heals what nobody thought of. */
function isVouchedFor({ book, nowMs }: Bench, episode: Episode): boolean {
  const heartbeatMs = book.sessions.get(episode.session ?? "");
  return heartbeatMs !== undefined && nowMs - heartbeatMs < SESSION_ALIVE_MS && nowMs - episode.checkedAtMs < VOUCHED_MAX_MS;
}

function judgeByTime(bench: Bench, episode: Episode, alert: AdmitAlert, intent: string): Verdict {
  return bench.nowMs - episode.intentAtMs < bench.rules.fallbackTtlMs
    ? count(bench, episode, alert, "within-fallback-time", "time")
    : open(bench, episode, alert, intent, "state-unknown");
}

function judgeResolved(bench: Bench, alert: AdmitAlert): Verdict {
  const { book, nowMs } = bench;
  const episode = book.episodes.get(alert.fingerprint);
  if (!episode) return settle(undefined, "ignored", "no-request", "cache");
  const firingSince = episode.firing.get(alert.instance);
  // The same instance has fired again already; this resolve speaks of the time before.
  if (firingSince !== undefined && firingSince > alert.startsAtMs) return settle(episode, "ignored", "late", "cache");
  episode.firing.delete(alert.instance);
  remember(episode.resolved, alert.instance, { startsAtMs: alert.startsAtMs, atMs: nowMs });
  if (episode.firing.size > 0 || episode.overflow) return settle(episode, "ignored", "other-instances-firing", "cache");
  episode.resolvedAtMs ??= nowMs;
  markUnwritten(book, episode, nowMs);
  return settle(episode, "resolved", "last-instance-resolved", "cache");
}

/** By how much an event's own count has grown; the first sight of a uid is 1. */
const growthOf = (episode: Episode, event: { uid: string; count: number }): number => {
  const known = episode.events.get(event.uid);
  return known === undefined ? 1 : Math.max(0, event.count - known);
};

/** Counts an alert once a delivery, however many instances of its fingerprint that brings; events by their own growth. */
function countedOf(bench: Bench, episode: Episode, alert: AdmitAlert): number {
  if (alert.event) return growthOf(episode, alert.event);
  if (!alert.shared) return 1;
  const key = `${bench.call.delivery}|${alert.fingerprint}`;
  const seen = bench.book.seen.get(key);
  if (seen && bench.nowMs - seen.atMs < bench.rules.deliveryTtlMs) return 0;
  see(bench.book, key, { atMs: bench.nowMs, entry: null });
  return 1;
}

function count(bench: Bench, episode: Episode, alert: AdmitAlert, reason: Reason, rung: Rung): Verdict {
  const { book, nowMs } = bench;
  episode.count += countedOf(bench, episode, alert);
  episode.lastMs = nowMs;
  episode.resolvedAtMs = null;
  fire(episode, alert);
  markUnwritten(book, episode, nowMs);
  book.counters.deduplication_hits += 1;
  return settle(episode, "duplicate", reason, rung);
}

/** Notes who fires, and what a request would be made from if this one ended before the alert came in. */
function fire(episode: Episode, alert: AdmitAlert): void {
  if (!remember(episode.firing, alert.instance, alert.startsAtMs)) episode.overflow = true;
  if (alert.event) remember(episode.events, alert.event.uid, alert.event.count);
  episode.draft = alert.draft as RequestDraft;
}

function open(bench: Bench, former: Episode | undefined, alert: AdmitAlert, intent: string, reason: Reason): Verdict {
  const { book, rules, nowMs } = bench;
  const held = book.intentsOf.get(alert.namespace) ?? 0;
  if (book.intents.size >= rules.intentsMax || held >= rules.intentsMax / NAMESPACE_SHARE) return { kind: "full" };
  const episode = former ?? newEpisode(alert);
  const counted = Math.max(1, countedOf(bench, episode, alert));
  beginEpisode(book, episode, { intent, count: counted, dueMs: nowMs + rules.leaseMs }, nowMs);
  episode.tries = 1;
  fire(episode, alert);
  book.episodes.set(alert.fingerprint, episode);
  book.counters.deduplication_misses += 1;
  return { kind: "ensure", intent, reason, occurrences: episode.count };
}

const settle = (episode: Episode | undefined, outcome: Outcome, reason: Reason, rung: Rung): Verdict & { kind: "settled" } => ({
  kind: "settled",
  outcome,
  request: refOf(episode),
  occurrences: occurrencesOf(episode),
  reason,
  rung,
});
