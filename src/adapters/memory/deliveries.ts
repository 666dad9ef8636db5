import { SEEN_MAX, UNFINISHED_LIFE_MS } from "../../domain/ledger-limits.ts";
import type { AdmitAlert, LedgerRules, Verdict } from "../../ports/ledger.ts";
import type { Book, Progress, Seen } from "./book.ts";

/** A call about a delivery. */
interface Sending {
  readonly book: Book;
  readonly call: { readonly delivery: string };
  readonly rules: LedgerRules;
  readonly nowMs: number;
}

export const entryKey = (delivery: string, { identity }: Pick<AdmitAlert, "identity">): string => `${delivery}:${identity}`;

const unfinishedTtlMs = ({ deliveryTtlMs }: LedgerRules): number => Math.max(deliveryTtlMs, UNFINISHED_LIFE_MS);

/** Remembers an answer, or that something was counted; the oldest go. */
export function see(sending: Sending & { fresh: number }, key: string, entry: Seen["entry"]): void {
  const { seen } = sending.book;
  seen.delete(key);
  seen.set(key, { atMs: sending.nowMs, entry });
  sending.fresh += 1;
  for (const oldest of seen.keys()) {
    if (seen.size <= SEEN_MAX) return;
    seen.delete(oldest);
  }
}

/** The delivery's progress as long as it is unfinished, and for the delivery time after. */
function progressOf({ book, call, rules, nowMs }: Sending): Progress | null {
  const progress = book.progress.get(call.delivery);
  if (!progress) return null;
  return progress.finishedMs === null || nowMs - progress.finishedMs < rules.deliveryTtlMs ? progress : null;
}

/**
 * What was seen of the call's delivery under this key: for the delivery time, and of one that was not decided in one go while it is unfinished
 * and for the delivery time after, UNFINISHED_LIFE_MS at most.
 */
export function seenOf(sending: Sending, key: string): Seen | null {
  const { book, rules, nowMs } = sending;
  const seen = book.seen.get(key);
  if (!seen) return null;
  const ageMs = nowMs - seen.atMs;
  if (ageMs < rules.deliveryTtlMs) return seen;
  const progress = progressOf(sending);
  return progress && ageMs < unfinishedTtlMs(rules) && seen.atMs >= progress.sinceMs ? seen : null;
}

/** Notes how far the delivery is after a call that has come to these verdicts, and has seen `fresh` things for the first time. */
export function finishCall(sending: Sending & { readonly fresh: number }, more: boolean, verdicts: readonly Verdict[]): void {
  const isLeft = more || verdicts.some(({ kind }) => kind === "check" || kind === "full");
  const progress = progressOf(sending);
  if (progress && progress.finishedMs !== null) return;
  const { book, call, fresh, nowMs } = sending;
  const touch = (finishedMs: number | null) => {
    book.progress.delete(call.delivery);
    book.progress.set(call.delivery, { sinceMs: progress?.sinceMs ?? nowMs, finishedMs, touchedMs: nowMs });
  };
  if (isLeft && fresh > 0) touch(null);
  if (!isLeft && progress) touch(nowMs);
}

/** Forgets what can count no more. */
export function forgetDeliveries({ seen, progress }: Book, rules: LedgerRules, nowMs: number): void {
  const isOver = (atMs: number) => nowMs - atMs >= unfinishedTtlMs(rules);
  for (const [key, { atMs }] of seen) {
    if (!isOver(atMs)) break;
    seen.delete(key);
  }
  for (const [delivery, { touchedMs }] of progress) {
    if (!isOver(touchedMs)) break;
    progress.delete(delivery);
  }
}
