import { WRITE_EVERY_MS } from "../../domain/ledger-limits.ts";
import type { Outcome, Reason, Rung } from "../../domain/outcome.ts";
import { COUNTERS, type Counter, type DeadLetter, type OutcomeCount, type Subject } from "../../ports/ledger.ts";
import { type Episode, isUnwritten } from "./episode.ts";
import { type Owed, owedOf } from "./owed.ts";

/** One alert of one delivery, as it was answered. */
export interface Seen {
  readonly atMs: number;
  /** Null: only marks that the delivery counted this fingerprint. */
  readonly entry: Entry | null;
}

/** How far a delivery is that was not decided in one go. What was seen of it before `sinceMs` is of a sending before. */
export interface Progress {
  readonly sinceMs: number;
  /** Null: it is unfinished. */
  readonly finishedMs: number | null;
  readonly touchedMs: number;
}

/** `intent`: the one that the alert led to; empty for any other outcome. */
export interface Entry {
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly rung: Rung;
  readonly intent: string;
}

/** What alerts of one name in one namespace share. */
export interface Group {
  /** The window below its threshold that takes alerts. */
  buffering: Subject | null;
  /** The storm that takes alerts. */
  joinable: Subject | null;
  /** Object → the window that it is the request of. */
  readonly windowOf: Map<string, Subject>;
}

/** All that the in-memory ledger remembers. */
export interface Book {
  /** Fingerprints and windows. */
  readonly episodes: Map<Subject, Episode>;
  readonly groups: Map<string, Group>;
  /** Members of windows below their threshold, by namespace. */
  readonly bufferedOf: Map<string, number>;
  /** Subject → when its open intent is due. */
  readonly intents: Map<Subject, number>;
  /** Subject → since when its open intent has been open. */
  readonly intentsSince: Map<Subject, number>;
  /** Open intents of a namespace. */
  readonly intentsOf: Map<string, number>;
  /** Mark → when its count is due. */
  readonly counts: Map<string, number>;
  /** Counts of episodes that are over, still owed to their objects. */
  readonly sealed: Map<string, Owed>;
  readonly seen: Map<string, Seen>;
  /** Delivery → its progress; the one touched last is the last. */
  readonly progress: Map<string, Progress>;
  /** Session → its last heartbeat. */
  readonly sessions: Map<string, number>;
  /** Fingerprints that had a dead letter when it was last looked. */
  readonly dead: Set<Subject>;
  /** Of invalid alerts. Those of intents are their episodes'. */
  readonly letters: Map<string, DeadLetter>;
  readonly counters: Record<Counter, number>;
  /** `source:outcome:rung` → alerts. */
  readonly outcomes: Map<string, OutcomeCount>;
  /** Reason → tries for a request that failed. */
  readonly failures: Map<string, number>;
  watchdogSeenMs: number | null;
}

/** An empty book. */
export const openBook = (): Book => ({
  episodes: new Map(),
  groups: new Map(),
  bufferedOf: new Map(),
  intents: new Map(),
  intentsSince: new Map(),
  intentsOf: new Map(),
  counts: new Map(),
  sealed: new Map(),
  seen: new Map(),
  progress: new Map(),
  sessions: new Map(),
  dead: new Set(),
  letters: new Map(),
  counters: Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>,
  outcomes: new Map(),
  failures: new Map(),
  watchdogSeenMs: null,
});

/** Counts alerts of a source that were decided alike. */
export function tally(book: Book, source: string, outcome: Outcome, rung: Rung, by: number): void {
  const name = [source, outcome, rung].join(":");
  book.counters.alerts_received += by;
  book.outcomes.set(name, { source, outcome, rung, count: (book.outcomes.get(name)?.count ?? 0) + by });
}

/** Names the count of one episode, also after its fingerprint has begun another. */
export const markOf = (episode: Episode): string => `${episode.subject}|${episode.intent}`;

/** Queues the episode's count for its object where they differ: at most one write per object each WRITE_EVERY_MS. */
export function markUnwritten(book: Book, episode: Episode, nowMs: number): void {
  if (!episode.request || episode.gone || !isUnwritten(episode) || book.counts.has(markOf(episode))) return;
  book.counts.set(markOf(episode), Math.max(nowMs, episode.recordedAtMs + WRITE_EVERY_MS));
}

/** Ends an episode's bookkeeping before its fingerprint begins another: what is unwritten stays queued for its own object. */
export function seal(book: Book, episode: Episode): void {
  const owed = owedOf(episode);
  if (owed && book.counts.has(markOf(episode))) book.sealed.set(markOf(episode), owed);
}

/** The intent of an episode is owed from then on. */
export function openIntent(book: Book, episode: Episode, dueMs: number, sinceMs: number): void {
  book.intents.set(episode.subject, dueMs);
  book.intentsSince.set(episode.subject, sinceMs);
  add(book.intentsOf, episode.namespace, 1);
}

/** Forgets the open intent of an episode; closing it twice changes nothing. */
export function closeIntent(book: Book, episode: Episode): void {
  book.intentsSince.delete(episode.subject);
  if (book.intents.delete(episode.subject)) add(book.intentsOf, episode.namespace, -1);
}

/** Changes a count that goes away at zero. */
export function add(counts: Map<string, number>, key: string, by: number): void {
  const left = (counts.get(key) ?? 0) + by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
