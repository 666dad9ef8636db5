import { DEAD_RETRY_MS } from "../../domain/ledger-limits.ts";
import type { Outcome, Reason, Rung } from "../../domain/outcome.ts";
import type { RequestDraft } from "../../domain/remediation-request.ts";
import type { AdmitAlert, AdmitCall, LedgerRules, Verdict } from "../../ports/ledger.ts";
import { type Book, type Entry, markUnwritten, tally } from "./book.ts";
import { keepLetter, letterOf, reasonOf, reopen } from "./dead-letters.ts";
import { entryKey, see, seenOf } from "./deliveries.ts";
import { type Episode, type Letter, occurrencesOf, remember, type Window } from "./episode.ts";
import { checkOf, hasIntentRoom, place } from "./place.ts";
import { standing } from "./standing.ts";
import { note, refOf } from "./steps.ts";
import { countOn, heldIntent, leave, windowOf } from "./windows.ts";

/** What a judgement needs beside the alert. */
export interface Bench {
  readonly book: Book;
  readonly call: AdmitCall;
  readonly rules: LedgerRules;
  /** Whose state this call has brought along. */
  readonly told: ReadonlySet<string>;
  /** Whose check it was given. */
  readonly asking: Set<string>;
  /** Windows that this call has opened. */
  opened: number;
  /** Answers, and things counted, that this call was the first to see. */
  fresh: number;
  /** Windows that have reached their threshold in it. */
  readonly reached: Set<Window>;
  readonly nowMs: number;
}

/** The verdict on one alert, remembered for its delivery unless it is `check` or `full`. `index`: its place in the call, which names its intent. */
export function judge(bench: Bench, alert: AdmitAlert, index: number): Verdict {
  const { book, call, nowMs } = bench;
  const key = entryKey(call.delivery, alert);
  const seen = seenOf(bench, key);
  if (seen?.entry) return repeat(bench, alert, seen.entry);
  const verdict = decide(bench, alert, `${call.operation}-${index}`);
  if (verdict.kind === "check" || verdict.kind === "full") return verdict;
  const entry =
    verdict.kind === "ensure"
      ? // What counts on a dead letter leads to no intent of its own.
        ({
          outcome: verdict.reason === "request-retried" ? "quarantined" : "accepted",
          reason: verdict.reason,
          rung: "cache",
          intent: verdict.intent,
        } as const)
      : { outcome: verdict.outcome, reason: verdict.reason, rung: verdict.rung, intent: "" };
  see(bench, key, entry);
  tally(book, call.source, entry.outcome, entry.rung, 1);
  const episode = book.episodes.get(alert.fingerprint);
  if (episode) note(episode, { event: entry.outcome, reason: entry.reason, source: call.source, request: refOf(book, episode) }, nowMs);
  return verdict;
}

function decide(bench: Bench, alert: AdmitAlert, intent: string): Verdict {
  if (alert.kind === "invalid") return keepLetter(bench, alert);
  return alert.kind === "firing" ? judgeFiring(bench, alert, intent) : judgeResolved(bench, alert);
}

/** The answer of the first time; where a request was on its way, what has become of it since. */
function repeat({ book, call }: Bench, alert: AdmitAlert, entry: Entry): Verdict {
  const letter = alert.kind === "invalid" ? book.letters.get(alert.fingerprint) : undefined;
  if (alert.kind === "invalid")
    return { ...settle(book, undefined, "quarantined", entry.reason, entry.rung), occurrences: letter?.count ?? 1 };
  const episode = book.episodes.get(alert.fingerprint);
  if (entry.intent === "") return settle(book, episode, entry.outcome, entry.reason, entry.rung);
  if (episode?.intent === heldIntent(entry.intent, alert.fingerprint))
    return settle(book, episode, "duplicate", "request-found", "kubernetes");
  const window = windowOf(book, episode);
  const record = window ?? episode;
  if (record?.intent === entry.intent && record.state === "dead" && record.letter)
    return settle(book, episode, "quarantined", reasonOf(record.letter), "cache");
  if (record?.intent !== entry.intent || !record.request) {
    // The same sending of the same call: its caller holds the lease and has not heard of it.
    const isOwn = entry.intent.startsWith(`${call.operation}-`) || record?.retriedBy === call.operation;
    if (record?.intent === entry.intent && record.state === "pending" && isOwn)
      return { kind: "ensure", subject: record.subject, intent: entry.intent, reason: entry.reason, occurrences: occurrencesOf(episode) };
    return { ...settle(book, episode, entry.outcome, entry.reason, entry.rung), request: null };
  }
  if (window)
    return settle(book, episode, window.found ? "appended" : "aggregated", window.found ? "storm-joined" : entry.reason, "kubernetes");
  if (record.found) return settle(book, episode, "duplicate", "request-found", "kubernetes");
  return settle(book, episode, "created", entry.reason, "kubernetes");
}

function judgeFiring(bench: Bench, alert: AdmitAlert, intent: string): Verdict {
  const { book, nowMs } = bench;
  const former = book.episodes.get(alert.fingerprint);
  const enter = (reason: Reason): Verdict => place(bench, { alert, former, intent, reason });
  if (!former) return enter("new");
  const resolved = former.resolved.get(alert.instance);
  if (resolved && resolved.startsAtMs >= alert.startsAtMs && nowMs - resolved.atMs < bench.rules.deliveryTtlMs)
    return settle(book, former, "ignored", "late", "cache");
  const record = windowOf(book, former) ?? former;
  const isOver = record.state === "ended" || record.state === "held" || record.state === "dead";
  if (alert.event && growthOf(former, alert.event) === 0)
    return settle(book, former, isOver ? "ignored" : "duplicate", "event-already-counted", "cache");
  if (record.state === "waiting") return count(bench, former, alert, { outcome: "buffered", reason: "waits-in-window", rung: "cache" });
  if (record.state === "pending") return count(bench, former, alert, { outcome: "duplicate", reason: "request-pending", rung: "cache" });
  const letter = record.state === "dead" ? letterOf(record, nowMs) : null;
  if (letter) return judgeDead(bench, former, letter, alert);
  return isOver ? enter("request-ended") : judgeLive(bench, { record, former, alert }, enter);
}

/** Counts on the dead letter. One alert in DEAD_RETRY_MS tries for the request again, under the same intent: what was made for it unheard is found. */
function judgeDead(bench: Bench, episode: Episode, letter: Letter, alert: AdmitAlert): Verdict {
  const { book, call, rules, nowMs } = bench;
  const verdict = count(bench, episode, alert, { outcome: "quarantined", reason: reasonOf(letter), rung: "cache" });
  episode.letter = { ...letter, lastMs: nowMs };
  if (nowMs - letter.diedMs < DEAD_RETRY_MS || !hasIntentRoom(bench, episode.namespace)) return verdict;
  reopen(book, episode, nowMs + rules.leaseMs, nowMs);
  episode.retriedBy = call.operation;
  const { subject, intent } = episode;
  return { kind: "ensure", subject, intent, reason: "request-retried", occurrences: occurrencesOf(episode) };
}

interface Repeat {
  /** The live request's: the fingerprint's own, or its window's. */
  readonly record: Episode;
  readonly former: Episode;
  readonly alert: AdmitAlert;
}

function judgeLive(bench: Bench, { record, former, alert }: Repeat, enter: (reason: Reason) => Verdict): Verdict {
  const known = standing(bench, record, alert);
  if (known.kind === "check") return checkOf(bench, record);
  if (known.kind === "believed") return count(bench, former, alert, { outcome: "duplicate", reason: "request-live", rung: known.rung });
  if (bench.nowMs - record.intentAtMs < bench.rules.fallbackTtlMs)
    return count(bench, former, alert, { outcome: "duplicate", reason: "within-fallback-time", rung: "time" });
  return enter("state-unknown");
}

function judgeResolved(bench: Bench, alert: AdmitAlert): Verdict {
  const { book, nowMs } = bench;
  const episode = book.episodes.get(alert.fingerprint);
  if (!episode) return settle(book, undefined, "ignored", "no-request", "cache");
  const firingSince = episode.firing.get(alert.instance);
  // The same instance has fired again already; this resolve speaks of the time before.
  if (firingSince !== undefined && firingSince > alert.startsAtMs) return settle(book, episode, "ignored", "late", "cache");
  episode.firing.delete(alert.instance);
  remember(episode.resolved, alert.instance, { startsAtMs: alert.startsAtMs, atMs: nowMs });
  if (episode.firing.size > 0 || episode.overflow) return settle(book, episode, "ignored", "other-instances-firing", "cache");
  const window = windowOf(book, episode);
  if (window?.state === "waiting") return cancel(bench, episode);
  if (window && episode.resolvedAtMs === null) calm(bench, window);
  episode.resolvedAtMs ??= nowMs;
  markUnwritten(book, episode, nowMs);
  return settle(book, episode, "resolved", "last-instance-resolved", "cache");
}

/** A storm is resolved when its last member is. */
function calm({ book, nowMs }: Bench, window: Window): void {
  window.storm.firing -= 1;
  if (window.storm.firing > 0) return;
  window.resolvedAtMs = nowMs;
  markUnwritten(book, window, nowMs);
}

/** Nobody has to repair what is over before a request was made. */
function cancel({ book, nowMs }: Bench, episode: Episode): Verdict {
  leave(book, episode);
  episode.resolvedAtMs = nowMs;
  return settle(book, episode, "cancelled", "last-instance-resolved", "cache");
}

/** By how much an event's own count has grown; the first sight of a uid is 1. */
const growthOf = (episode: Episode, event: { uid: string; count: number }): number => {
  const known = episode.events.get(event.uid);
  return known === undefined ? 1 : Math.max(0, event.count - known);
};

/** Counts an alert once a delivery, however many instances of its fingerprint that brings; events by their own growth. */
export function countedOf(bench: Bench, episode: Episode, alert: AdmitAlert): number {
  if (alert.event) return growthOf(episode, alert.event);
  if (!alert.shared) return 1;
  const key = `${bench.call.delivery}|${alert.fingerprint}`;
  if (seenOf(bench, key)) return 0;
  see(bench, key, null);
  return 1;
}

interface Ruling {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly rung: Rung;
}

function count(bench: Bench, episode: Episode, alert: AdmitAlert, { outcome, reason, rung }: Ruling): Verdict {
  const { book, nowMs } = bench;
  const by = countedOf(bench, episode, alert);
  const window = windowOf(book, episode);
  if (window) {
    if (episode.resolvedAtMs !== null) window.storm.firing += 1;
    countOn(book, window, by, nowMs);
  }
  episode.count += by;
  // A look that this call brought along was made after the alert had come in.
  episode.lastMs = rung === "kubernetes" ? Math.max(episode.lastMs, (window ?? episode).liveAtMs) : nowMs;
  episode.resolvedAtMs = null;
  fire(episode, alert);
  markUnwritten(book, episode, nowMs);
  book.counters[outcome === "quarantined" ? "quarantined" : "deduplication_hits"] += 1;
  return settle(book, episode, outcome, reason, rung);
}

/** Notes who fires, and what a request would be made from if this one ended before the alert came in. */
export function fire(episode: Episode, alert: AdmitAlert): void {
  if (!remember(episode.firing, alert.instance, alert.startsAtMs)) episode.overflow = true;
  if (alert.event) remember(episode.events, alert.event.uid, alert.event.count);
  episode.draft = alert.draft as RequestDraft;
}

/** A verdict that needs nobody any more. */
export const settle = (
  book: Book,
  episode: Episode | undefined,
  outcome: Outcome,
  reason: Reason,
  rung: Rung,
): Verdict & { kind: "settled" } => ({
  kind: "settled",
  outcome,
  request: refOf(book, episode),
  occurrences: occurrencesOf(episode),
  reason,
  rung,
});
