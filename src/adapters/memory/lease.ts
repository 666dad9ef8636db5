import { INTENT_LIFE_MS, WRITE_EVERY_MS } from "../../domain/ledger-limits.ts";
import { reaches } from "../../domain/resource-version.ts";
import type { Lease, LeasedCount, LeasedIntent, Settlement } from "../../ports/ledger.ts";
import { add, type Book, markOf } from "./book.ts";
import { die } from "./dead-letters.ts";
import { type Episode, isUnwritten, type Window } from "./episode.ts";
import { type Owed, owedOf } from "./owed.ts";
import { dissolve, forgetWindow } from "./windows.ts";

/** Hands out what is due, oldest first, and keeps it from others for `leaseMs`. */
export function leaseDue(book: Book, limit: number, leaseMs: number, nowMs: number): Lease {
  const intents: LeasedIntent[] = [];
  for (const subject of dueOf(book.intents, limit, nowMs)) {
    const episode = book.episodes.get(subject) as Episode;
    book.intents.set(subject, nowMs + leaseMs);
    episode.tries += 1;
    const { intent, tries, draft, buffered } = episode;
    intents.push({ subject, intent, tries, draft, buffered });
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
  const sweeps = [...book.episodes.values()].flatMap(({ storm }) => storm?.dueMs ?? []);
  const nextMs = [...book.intents.values(), ...book.counts.values(), ...sweeps].reduce((least, each) => Math.min(least, each), Infinity);
  const sweepDue = sweeps.some((dueMs) => dueMs <= nowMs);
  return { intents, counts, sweepDue, nextInMs: nextMs === Infinity ? null : Math.max(0, nextMs - nowMs) };
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

function currentCount(book: Book, mark: string): Owed | null {
  const episode = episodeOf(book, mark);
  return episode ? owedOf(episode) : null;
}

/** Takes back one leased thing; a mark or intent that is settled already stays so. */
export function applySettlement(book: Book, settlement: Settlement, nowMs: number): void {
  if ("intent" in settlement) {
    const episode = book.episodes.get(settlement.subject);
    if (episode?.state === "pending" && episode.intent === settlement.intent) settleIntent(book, episode, settlement, nowMs);
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

type Failed = Extract<Settlement, { intent: string }>;

/** An intent whose time is over is given up like one that is refused: a window's is dissolved, any other becomes a dead letter if there is room. */
function settleIntent(book: Book, episode: Episode, settlement: Failed, nowMs: number): void {
  const { kind, reason } = settlement;
  const isOver = kind !== "intent-failed" || nowMs - Math.max(episode.intentAtMs, episode.replayedAtMs ?? 0) >= INTENT_LIFE_MS;
  if (isOver && episode.storm) dissolve(book, episode as Window, nowMs);
  else if (kind === "storm-refused") return;
  else if (!isOver || !die(book, episode, { kind: kind === "intent-dead" ? "refused" : "exhausted", reason }, nowMs)) {
    const dueMs = nowMs + settlement.afterMs;
    if (book.intents.get(episode.subject) === dueMs) return;
    book.intents.set(episode.subject, dueMs);
  }
  add(book.failures, reason, 1);
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
const isNews = (
  { request, writtenCount, writtenResolvedAtMs, storm: known }: Episode,
  { count, resolvedAtMs, resourceVersion, storm }: Recorded,
): boolean =>
  (!request || reaches(resourceVersion, request.resourceVersion)) &&
  (count > writtenCount ||
    resolvedAtMs !== writtenResolvedAtMs ||
    (known !== null && storm !== null && (storm.through > known.listed || (storm.closed && !known.showsClosed))));

/** Whether more is owed. What was written before a version seen since may have been erased by it. */
function settleEpisode(episode: Episode, { count, resolvedAtMs, resourceVersion, storm }: Recorded, nowMs: number): boolean {
  episode.recordedAtMs = nowMs;
  if (episode.request && !reaches(resourceVersion, episode.request.resourceVersion)) return true;
  episode.writtenCount = Math.max(episode.writtenCount, count);
  episode.writtenResolvedAtMs = resolvedAtMs;
  if (storm) settleStorm(episode, storm);
  return isUnwritten(episode);
}

/** What a storm's object lists. Members that it was told of after its end are listed in vain. */
function settleStorm({ storm, state }: Episode, { through, members, closed }: NonNullable<Recorded["storm"]>): void {
  if (!storm) return;
  if (state === "live") storm.listed = Math.max(storm.listed, through);
  storm.listedMembers = members;
  storm.showsClosed ||= closed;
}

function forget(book: Book, mark: string): void {
  const episode = episodeOf(book, mark);
  book.counts.delete(mark);
  book.sealed.delete(mark);
  if (episode?.storm && episode.state === "ended") forgetWindow(book, episode as Window);
}
