import { DEAD_LETTER_LIFE_MS, DEAD_LETTERS_MAX } from "../../domain/ledger-limits.ts";
import type { Reason } from "../../domain/outcome.ts";
import type { AdmitAlert, DeadLetter, Verdict } from "../../ports/ledger.ts";
import type { Book } from "./book.ts";

/** Keeps a bad alert where people find it, the same one once with a count. */
export function keepLetter({ book, call, nowMs }: { book: Book; call: { source: string }; nowMs: number }, alert: AdmitAlert): Verdict {
  forgetOldLetters(book, nowMs);
  const { reason, payload } = alert.invalid as { reason: Reason; payload: string };
  const id = alert.fingerprint;
  const known = book.letters.get(id);
  if (!known && lettersOf(book, call.source).length >= DEAD_LETTERS_MAX) return { kind: "full" };
  const letter: DeadLetter = {
    id,
    source: call.source,
    reason,
    count: (known?.count ?? 0) + 1,
    firstSeenMs: known?.firstSeenMs ?? nowMs,
    lastSeenMs: nowMs,
    payload,
  };
  book.letters.delete(id);
  book.letters.set(id, letter);
  book.counters.quarantined += 1;
  return { kind: "settled", outcome: "quarantined", request: null, occurrences: letter.count, reason, rung: "cache" };
}

const lettersOf = (book: Book, source: string): DeadLetter[] => [...book.letters.values()].filter((letter) => letter.source === source);

/** Letters stand in the order in which they were last seen, so the old ones are the first. */
export function forgetOldLetters(book: Book, nowMs: number): void {
  for (const { id, lastSeenMs } of book.letters.values()) {
    if (nowMs - lastSeenMs < DEAD_LETTER_LIFE_MS) return;
    book.letters.delete(id);
  }
}
