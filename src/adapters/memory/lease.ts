import { WRITE_EVERY_MS } from "../../domain/ledger-limits.ts";
import { reaches } from "../../domain/resource-version.ts";
import type { Lease, LeasedCount, LeasedIntent, Settlement } from "../../ports/ledger.ts";
import { type Book, countOf, markOf } from "./book.ts";
import { type Episode, isUnwritten } from "./episode.ts";

/** Hands out what is due, oldest first, and keeps it from others for `leaseMs`. */
export function leaseDue(book: Book, limit: number, leaseMs: number, nowMs: number): Lease {
  const intents: LeasedIntent[] = [];
  for (const fingerprint of dueOf(book.intents, limit, nowMs)) {
    const episode = book.episodes.get(fingerprint) as Episode;
    book.intents.set(fingerprint, nowMs + leaseMs);
    episode.tries += 1;
    intents.push({ fingerprint, intent: episode.intent, tries: episode.tries, draft: episode.draft });
  }
  const counts: LeasedCount[] = [];
  for (const mark of dueOf(book.counts, limit, nowMs)) {
    const count = book.sealed.get(mark) ?? currentCount(book, mark);
    if (!count) {
      book.counts.delete(mark);
      continue;
    }
    book.counts.set(mark, nowMs + leaseMs);
    counts.push({ mark, ...count });
  }
  const due = [...book.intents.values(), ...book.counts.values()];
  return { intents, counts, nextInMs: due.length === 0 ? null : Math.max(0, Math.min(...due.values()) - nowMs) };
}

function dueOf(index: Map<string, number>, limit: number, nowMs: number): string[] {
  return [...index]
    .filter(([, dueMs]) => dueMs <= nowMs)
    .sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([key]) => key);
}

const episodeOf = (book: Book, mark: string): Episode | undefined => {
  const episode = book.episodes.get(mark.slice(0, mark.indexOf("|")));
  return episode && markOf(episode) === mark ? episode : undefined;
};

function currentCount(book: Book, mark: string): Omit<LeasedCount, "mark"> | null {
  const episode = episodeOf(book, mark);
  return episode ? countOf(episode) : null;
}

/** Takes back one leased thing; a mark or intent that is settled already stays so. */
export function applySettlement(book: Book, settlement: Settlement, nowMs: number): void {
  if (settlement.kind === "intent-failed") {
    const episode = book.episodes.get(settlement.fingerprint);
    if (episode?.state === "pending" && episode.intent === settlement.intent)
      book.intents.set(settlement.fingerprint, nowMs + settlement.afterMs);
    return;
  }
  if (!book.counts.has(settlement.mark)) return;
  if (settlement.kind === "count-failed") {
    if (book.counts.get(settlement.mark) !== nowMs + settlement.afterMs) book.counters.updates_failed += 1;
    book.counts.set(settlement.mark, nowMs + settlement.afterMs);
  } else if (settlement.kind === "lost") {
    forget(book, settlement.mark);
    book.counters.counts_lost += 1;
  } else settleRecorded(book, settlement, nowMs);
}

function settleRecorded(book: Book, settlement: Extract<Settlement, { kind: "recorded" }>, nowMs: number): void {
  const { mark, count, resolvedAtMs } = settlement;
  const sealed = book.sealed.get(mark);
  const episode = sealed ? undefined : episodeOf(book, mark);
  const news = episode !== undefined && isNews(episode, settlement);
  const differs = sealed
    ? sealed.count > count || sealed.resolvedAtMs !== resolvedAtMs
    : episode !== undefined && settleEpisode(episode, settlement, nowMs);
  if (news || !differs) book.counters.updates_succeeded += 1;
  if (differs) book.counts.set(mark, nowMs + WRITE_EVERY_MS);
  else forget(book, mark);
}

type Recorded = Extract<Settlement, { kind: "recorded" }>;

/** Whether the object was told something: a settlement that comes again tells nothing. */
const isNews = ({ request, writtenCount, writtenResolvedAtMs }: Episode, { count, resolvedAtMs, resourceVersion }: Recorded): boolean =>
  (!request || reaches(resourceVersion, request.resourceVersion)) && (count > writtenCount || resolvedAtMs !== writtenResolvedAtMs);

/** Whether more is owed. What was written before a version seen since may have been erased by it. */
function settleEpisode(
  episode: Episode,
  { count, resolvedAtMs, resourceVersion }: Extract<Settlement, { kind: "recorded" }>,
  nowMs: number,
): boolean {
  episode.recordedAtMs = nowMs;
  if (episode.request && !reaches(resourceVersion, episode.request.resourceVersion)) return true;
  episode.writtenCount = Math.max(episode.writtenCount, count);
  episode.writtenResolvedAtMs = resolvedAtMs;
  return isUnwritten(episode);
}

function forget(book: Book, mark: string): void {
  book.counts.delete(mark);
  book.sealed.delete(mark);
}
