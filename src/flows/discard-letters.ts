import type { Ledger, LetterFilter } from "../ports/ledger.ts";

/** How many letters one call forgets: some 10 ms of a ledger in the process itself. */
const SLICE = 100;

/** Most slices of one request: a Worker may ask Redis no more than fifty times, and a slice takes two calls. */
const SLICES_MAX = 20;

interface Ports {
  readonly ledger: Pick<Ledger, "findLetters" | "discardLetters">;
  /** Lets other requests have their turn. */
  readonly pause: () => Promise<void>;
  /** Whether there is time for another slice. */
  readonly hasTime: () => boolean;
}

/**
 * Forgets the dead letters that are meant, oldest first, slice by slice: each is forgotten whole or not at all, and what a slice finds changed is
 * looked at again. `more`: some may be left, and the same call goes on. Throws `Failure` when the ledger cannot be reached; what went before is gone.
 */
export async function discardLetters({ ledger, pause, hasTime }: Ports, filter: LetterFilter) {
  let [discarded, next] = [0, undefined as string | undefined];
  for (let slices = 0; slices < SLICES_MAX && hasTime(); slices += 1) {
    if (slices > 0) await pause();
    const found = await ledger.findLetters(filter, SLICE, next);
    discarded += await ledger.discardLetters(found.ids, filter);
    if (found.next === null) return { discarded, more: false };
    next = found.next;
  }
  return { discarded, more: true };
}
