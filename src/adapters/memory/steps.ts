import { RECEIPT_STEPS } from "../../domain/ledger-limits.ts";
import type { RequestRef } from "../../domain/remediation-request.ts";
import type { Step } from "../../ports/ledger.ts";
import type { Book } from "./book.ts";
import type { Episode } from "./episode.ts";
import { windowOf } from "./windows.ts";

/** The request that stands for a fingerprint by name: its own, or its window's; null while there is none. */
export function refOf(book: Book, episode: Episode | undefined): RequestRef | null {
  const request = (windowOf(book, episode) ?? episode)?.request;
  return request ? { namespace: request.namespace, name: request.name } : null;
}

/** Adds to what became of a fingerprint; the same again only counts, and the oldest go. */
export function note(episode: Episode, step: Omit<Step, "atMs" | "times">, nowMs: number): void {
  const last = episode.steps.at(-1);
  const again = last && same(last, step);
  const kept = again ? episode.steps.slice(0, -1) : episode.steps;
  episode.steps = [...kept, { ...step, atMs: nowMs, times: again ? last.times + 1 : 1 }].slice(-RECEIPT_STEPS);
}

const same = (left: Omit<Step, "atMs" | "times">, right: Omit<Step, "atMs" | "times">): boolean =>
  left.event === right.event &&
  left.reason === right.reason &&
  left.source === right.source &&
  left.request?.name === right.request?.name &&
  left.request?.namespace === right.request?.namespace;
