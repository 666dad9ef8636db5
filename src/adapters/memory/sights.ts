import { DEAD_RETRY_MS, RECEIPT_LIFE_MS } from "../../domain/ledger-limits.ts";
import type { RequestDraft } from "../../domain/remediation-request.ts";
import type { AdmitAlert, Crew, Glimpse, Member, Receipt, Step, Subject, WindowSight } from "../../ports/ledger.ts";
import type { Book } from "./book.ts";
import { letterOf } from "./dead-letters.ts";
import { type Episode, occurrencesOf, type Window } from "./episode.ts";
import { refOf } from "./steps.ts";
import { windowAt, windowOf } from "./windows.ts";

/** What would be met by an alert. */
export function glimpse(book: Book, { fingerprint, group: id }: Pick<AdmitAlert, "fingerprint" | "group">, nowMs: number): Glimpse {
  const episode = book.episodes.get(fingerprint);
  const group = book.groups.get(id);
  const storm = windowAt(book, group?.joinable ?? null);
  const open = storm && nowMs < (storm.storm.dueMs ?? nowMs) ? storm : windowAt(book, group?.buffering ?? null);
  const window = open
    ? ({
        kind: open === storm ? "storm" : "buffering",
        members: open.storm.members.size,
        threshold: open.storm.rules.threshold,
      } as const)
    : null;
  const letter = episode?.state === "dead" ? letterOf(episode, nowMs) : null;
  return {
    state: stateOf(book, episode, nowMs),
    letter: letter && { kind: letter.kind, retryDue: nowMs - letter.diedMs >= DEAD_RETRY_MS },
    occurrences: occurrencesOf(episode),
    request: refOf(book, episode),
    window,
  };
}

function stateOf(book: Book, episode: Episode | undefined, nowMs: number): Glimpse["state"] {
  if (episode?.state === "dead") return letterOf(episode, nowMs) ? "dead" : "ended";
  const state = (windowOf(book, episode) ?? episode)?.state ?? "none";
  if (state === "waiting") return "buffered";
  // The member of a window that was lost.
  return state === "held" ? "ended" : state;
}

/** Windows, the next due first. */
export function listWindows(book: Book): WindowSight[] {
  const windows = [...book.episodes.values()].filter((each): each is Window => each.storm !== null);
  const dueOf = ({ storm }: Window) => storm.dueMs ?? Number.MAX_SAFE_INTEGER;
  return windows.sort((a, b) => dueOf(a) - dueOf(b) || (a.subject < b.subject ? -1 : 1)).map((window) => sightOf(book, window));
}

/** One window, and some of its members. */
export function showWindow(book: Book, subject: Subject, after: number, limit: number) {
  const window = windowAt(book, subject);
  return window?.storm ? { window: sightOf(book, window), members: membersOf(book, window, after, Infinity, limit) } : null;
}

function sightOf(book: Book, window: Window): WindowSight {
  const { subject, state, namespace, count, storm } = window;
  const closed = storm.closedAtMs !== null && (state === "pending" || state === "live");
  return {
    subject,
    state: state === "waiting" ? (storm.expired ? "expired" : "buffering") : closed ? "closed" : (state as "pending" | "live" | "ended"),
    namespace,
    alertname: storm.alertname,
    members: storm.members.size,
    occurrences: count,
    threshold: storm.rules.threshold,
    openedAtMs: storm.openedAtMs,
    dueAtMs: storm.dueMs,
    request: refOf(book, window),
  };
}

/** What a window's request is to be made of. */
export function crewOf(book: Book, subject: Subject, intent: string, after: number, limit: number): Crew | null {
  const window = windowAt(book, subject);
  if (window?.state !== "pending" || window.intent !== intent) return null;
  const { storm } = window;
  return {
    members: membersOf(book, window, after, storm.carried, limit),
    firstRequestMs: storm.rules.firstRequestMs,
    knownUids: [...(book.groups.get(storm.group)?.windowOf.keys() ?? [])].sort(),
  };
}

function membersOf(book: Book, { storm }: Window, after: number, through: number, limit: number): Member[] {
  return [...storm.members]
    .filter(([seq]) => seq > after && seq <= through)
    .slice(0, limit)
    .map(([seq, member]) => ({ seq, ...member, draft: book.episodes.get(member.fingerprint)?.draft as RequestDraft }));
}

/** What became of a fingerprint, and of the storm that it belongs to. */
export function receiptOf(book: Book, fingerprint: string, nowMs: number): Receipt | null {
  const episode = book.episodes.get(fingerprint);
  if (!episode) return null;
  const steps: Step[] = [...episode.steps, ...(windowOf(book, episode)?.steps ?? [])].filter(({ atMs }) => nowMs - atMs < RECEIPT_LIFE_MS);
  return {
    fingerprint,
    state: stateOf(book, episode, nowMs),
    occurrences: occurrencesOf(episode),
    request: refOf(book, episode),
    draft: episode.draft,
    steps: steps.sort((a, b) => a.atMs - b.atMs),
  };
}
