import { fromBase64 } from "../../domain/base64.ts";
import { DEAD_LETTER_LIFE_MS, DEAD_LETTERS_MAX } from "../../domain/ledger-limits.ts";
import type { Reason } from "../../domain/outcome.ts";
import type { AdmitAlert, DeadLetter, LetterKind, Replay, Verdict } from "../../ports/ledger.ts";
import { type Book, closeIntent, openIntent } from "./book.ts";
import { type Episode, type Letter, occurrencesOf } from "./episode.ts";
import { note } from "./steps.ts";

const REASONS = { refused: "request-refused", exhausted: "retries-exhausted" } as const;

/** What an alert of a dead episode is told. */
export const reasonOf = ({ kind }: Letter): Reason => REASONS[kind];

const isKept = (lastMs: number, nowMs: number): boolean => nowMs - lastMs < DEAD_LETTER_LIFE_MS;

/** The dead letter of an episode; null: it has none, or that is over. */
export const letterOf = ({ letter }: Episode, nowMs: number): Letter | null => (letter && isKept(letter.lastMs, nowMs) ? letter : null);

/** Every dead letter, latest first. */
export function lettersOf(book: Book, nowMs: number): DeadLetter[] {
  const invalid = [...book.letters.values()].filter(({ lastSeenMs }) => isKept(lastSeenMs, nowMs));
  const dead = deadEpisodes(book, nowMs).flatMap((episode) => deadLetterOf(episode, nowMs) ?? []);
  return [...invalid, ...dead].sort((a, b) => b.lastSeenMs - a.lastSeenMs || (a.id < b.id ? 1 : -1));
}

/** Those that have a letter. */
function deadEpisodes(book: Book, nowMs: number): Episode[] {
  return [...book.dead].flatMap((subject) => {
    const episode = book.episodes.get(subject);
    if (episode && letterOf(episode, nowMs)) return [episode];
    book.dead.delete(subject);
    return [];
  });
}

function deadLetterOf(episode: Episode, nowMs: number): DeadLetter | null {
  const letter = letterOf(episode, nowMs);
  if (!letter || !episode.draft) return null;
  const { spec } = episode.draft;
  return {
    id: episode.subject,
    kind: letter.kind,
    source: episode.source,
    reason: letter.reason,
    count: occurrencesOf(episode),
    firstSeenMs: episode.firstMs,
    lastSeenMs: letter.lastMs,
    signalType: spec.signalType,
    payload: fromBase64(spec.originalPayload),
    retrying: episode.state === "pending",
  };
}

/** How many there are of each kind. */
export function countLetters(letters: readonly DeadLetter[]): Readonly<Record<LetterKind, number>> {
  const counts = { invalid: 0, refused: 0, exhausted: 0 };
  for (const { kind } of letters) counts[kind] += 1;
  return counts;
}

function isFull(book: Book, source: string, nowMs: number): boolean {
  forgetOldLetters(book, nowMs);
  const all = [...book.letters.values(), ...deadEpisodes(book, nowMs)];
  return all.filter((letter) => letter.source === source).length >= DEAD_LETTERS_MAX;
}

/** Keeps a bad alert where people find it, the same one once with a count. */
export function keepLetter({ book, call, nowMs }: { book: Book; call: { source: string }; nowMs: number }, alert: AdmitAlert): Verdict {
  forgetOldLetters(book, nowMs);
  const { reason, payload, signalType } = alert.invalid as NonNullable<AdmitAlert["invalid"]>;
  const id = alert.fingerprint;
  const known = book.letters.get(id);
  if (!known && isFull(book, call.source, nowMs)) return { kind: "full" };
  const letter: DeadLetter = {
    id,
    kind: "invalid",
    source: call.source,
    reason,
    count: (known?.count ?? 0) + 1,
    firstSeenMs: known?.firstSeenMs ?? nowMs,
    lastSeenMs: nowMs,
    signalType,
    payload,
    retrying: false,
  };
  book.letters.delete(id);
  book.letters.set(id, letter);
  book.counters.quarantined += 1;
  return { kind: "settled", outcome: "quarantined", request: null, occurrences: letter.count, reason, rung: "cache" };
}

/** Letters of invalid alerts stand in the order in which they were last seen, so the old ones are the first. */
export function forgetOldLetters(book: Book, nowMs: number): void {
  for (const { id, lastSeenMs } of book.letters.values()) {
    if (isKept(lastSeenMs, nowMs)) return;
    book.letters.delete(id);
  }
}

/** Gives the open intent of a fingerprint up: it becomes a dead letter, which one that it has already turns into. False: its source has no room. */
export function die(book: Book, episode: Episode, { kind, reason }: Pick<Letter, "kind" | "reason">, nowMs: number): boolean {
  if (!letterOf(episode, nowMs) && isFull(book, episode.source, nowMs)) return false;
  closeIntent(book, episode);
  const letter = { kind, reason, lastMs: nowMs, diedMs: nowMs };
  book.dead.add(episode.subject);
  Object.assign(episode, { state: "dead", letter, replayedAtMs: null } satisfies Partial<Episode>);
  note(episode, { event: "dead-lettered", reason: reasonOf(letter), source: null, request: null }, nowMs);
  return true;
}

/** Tries for the request of a dead episode again, under the same intent: an object that was made for it unheard is found. */
export function reopen(book: Book, episode: Episode, dueMs: number, nowMs: number): void {
  Object.assign(episode, { state: "pending", tries: 1 } satisfies Partial<Episode>);
  openIntent(book, episode, dueMs, nowMs);
}

/** Opens the intent of a letter again, due now. */
export function replay(book: Book, id: string, hasRoom: (namespace: string) => boolean, nowMs: number): Replay {
  forgetOldLetters(book, nowMs);
  if (book.letters.has(id)) return "invalid";
  const episode = book.episodes.get(id);
  if (!episode || !letterOf(episode, nowMs)) return "unknown";
  if (episode.state === "dead") {
    if (!hasRoom(episode.namespace)) return "full";
    reopen(book, episode, nowMs, nowMs);
  }
  if (episode.replayedAtMs === null) note(episode, { event: "letter-replayed", reason: null, source: null, request: null }, nowMs);
  episode.replayedAtMs ??= nowMs;
  return "opened";
}

/** Forgets a letter; the next alert of its fingerprint starts anew. False: there is none. */
export function discard(book: Book, id: string, nowMs: number): boolean {
  forgetOldLetters(book, nowMs);
  if (book.letters.delete(id)) return true;
  const episode = book.episodes.get(id);
  if (!episode || !letterOf(episode, nowMs)) return false;
  closeIntent(book, episode);
  Object.assign(episode, { state: "ended", letter: null, replayedAtMs: null } satisfies Partial<Episode>);
  note(episode, { event: "letter-discarded", reason: null, source: null, request: null }, nowMs);
  return true;
}
