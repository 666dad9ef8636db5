import { WRITE_EVERY_MS } from "../../domain/ledger-limits.ts";
import type { Outcome, Reason, Rung } from "../../domain/outcome.ts";
import { COUNTERS, type Counter, type DeadLetter, type LeasedCount, type OutcomeCount } from "../../ports/ledger.ts";
import { type Episode, isUnwritten } from "./episode.ts";

/** One alert of one delivery, as it was answered. */
export interface Seen {
  readonly atMs: number;
  /** Null: only marks that the delivery counted this fingerprint. */
  readonly entry: Entry | null;
}

/** `intent`: the one that the alert led to; empty for any other outcome. */
export interface Entry {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly rung: Rung;
  readonly intent: string;
}

/** All that the in-memory ledger remembers. */
export interface Book {
  readonly episodes: Map<string, Episode>;
  /** Fingerprint → when its open intent is due. */
  readonly intents: Map<string, number>;
  /** Open intents of a namespace. */
  readonly intentsOf: Map<string, number>;
  /** Mark → when its count is due. */
  readonly counts: Map<string, number>;
  /** Counts of episodes that are over, still owed to their objects. */
  readonly sealed: Map<string, Omit<LeasedCount, "mark">>;
  readonly seen: Map<string, Seen>;
  /** Session → its last heartbeat. */
  readonly sessions: Map<string, number>;
  readonly letters: Map<string, DeadLetter>;
  readonly counters: Record<Counter, number>;
  /** `source:outcome:rung` → alerts. */
  readonly outcomes: Map<string, OutcomeCount>;
  watchdogSeenMs: number | null;
}

/** An empty book. */
export const openBook = (): Book => ({
  episodes: new Map(),
  intents: new Map(),
  intentsOf: new Map(),
  counts: new Map(),
  sealed: new Map(),
  seen: new Map(),
  sessions: new Map(),
  letters: new Map(),
  counters: Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>,
  outcomes: new Map(),
  watchdogSeenMs: null,
});

/** Counts alerts of a source that were decided alike. */
export function tally(book: Book, source: string, outcome: Outcome, rung: Rung, by: number): void {
  const name = [source, outcome, rung].join(":");
  book.counters.alerts_received += by;
  book.outcomes.set(name, { source, outcome, rung, count: (book.outcomes.get(name)?.count ?? 0) + by });
}

/** Names the count of one episode, also after its fingerprint has begun another. */
export const markOf = (episode: Episode): string => `${episode.fingerprint}|${episode.intent}`;

/** Queues the episode's count for its object where they differ: at most one write per object each WRITE_EVERY_MS. */
export function markUnwritten(book: Book, episode: Episode, nowMs: number): void {
  if (!episode.request || episode.gone || !isUnwritten(episode) || book.counts.has(markOf(episode))) return;
  book.counts.set(markOf(episode), Math.max(nowMs, episode.recordedAtMs + WRITE_EVERY_MS));
}

/** What the object of an episode has to be told. */
export function countOf(episode: Episode): Omit<LeasedCount, "mark"> | null {
  if (!episode.request) return null;
  const { namespace, name, uid } = episode.request;
  return {
    fingerprint: episode.fingerprint,
    request: { namespace, name, uid },
    slot: episode.intent,
    count: episode.count,
    firstSeenMs: episode.firstMs,
    lastSeenMs: episode.lastMs,
    resolvedAtMs: episode.resolvedAtMs,
  };
}

/** Ends an episode's bookkeeping before its fingerprint begins another: what is unwritten stays queued for its own object. */
export function seal(book: Book, episode: Episode): void {
  const count = countOf(episode);
  if (count && book.counts.has(markOf(episode))) book.sealed.set(markOf(episode), count);
}

/** The intent of an episode is owed from then on. */
export function openIntent(book: Book, episode: Episode, dueMs: number): void {
  book.intents.set(episode.fingerprint, dueMs);
  book.intentsOf.set(episode.namespace, (book.intentsOf.get(episode.namespace) ?? 0) + 1);
}

/** Forgets the open intent of an episode; closing it twice changes nothing. */
export function closeIntent(book: Book, episode: Episode): void {
  if (!book.intents.delete(episode.fingerprint)) return;
  const left = (book.intentsOf.get(episode.namespace) ?? 1) - 1;
  if (left > 0) book.intentsOf.set(episode.namespace, left);
  else book.intentsOf.delete(episode.namespace);
}
