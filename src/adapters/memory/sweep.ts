import type { SweepCall } from "../../ports/ledger.ts";
import type { Book } from "./book.ts";
import type { Episode, Window } from "./episode.ts";
import { beginEpisode } from "./facts.ts";
import { windowId } from "./place.ts";
import { note, refOf } from "./steps.ts";
import { aggregate, close, forgetWindow, groupOf, join, leave, openWindow, windowAt } from "./windows.ts";

interface Round {
  readonly book: Book;
  readonly operation: string;
  readonly nowMs: number;
  /** Members that this call may still deal with. */
  room: number;
  /** Windows that it has opened. */
  opened: number;
}

/** Deals with due windows, the longest due first, up to a number of members and of windows; true: more are due. */
export function sweep(book: Book, { operation, limit }: SweepCall, nowMs: number): boolean {
  const round: Round = { book, operation, nowMs, room: limit, opened: 0 };
  for (const window of dueWindows(book, nowMs).slice(0, limit)) {
    if (round.room === 0) break;
    turn(round, window);
  }
  return dueWindows(book, nowMs).length > 0;
}

function dueWindows(book: Book, nowMs: number): Window[] {
  const windows = [...book.episodes.values()].filter((each): each is Window => each.storm !== null);
  return windows
    .filter(({ storm }) => storm.dueMs !== null && storm.dueMs <= nowMs)
    .sort((a, b) => (a.storm.dueMs ?? 0) - (b.storm.dueMs ?? 0) || (a.subject < b.subject ? -1 : 1));
}

function turn(round: Round, window: Window): void {
  const { book, nowMs } = round;
  const { storm } = window;
  if (window.state === "pending" || window.state === "live") {
    close(book, window, nowMs);
    return;
  }
  if (window.state === "waiting" && !storm.expired) {
    const group = groupOf(book, storm.group);
    if (group.buffering === window.subject) group.buffering = null;
    if (storm.members.size > 0) book.counters.windows_expired += 1;
    Object.assign(storm, { expired: true, dueMs: nowMs });
  }
  for (const [seq, { fingerprint }] of [...storm.members].slice(0, round.room)) {
    round.room -= 1;
    const member = book.episodes.get(fingerprint);
    if (member?.membership?.window !== window.subject) storm.members.delete(seq);
    else if (window.state === "waiting") setOut(round, window, member);
    else handOn(round, window, member);
  }
  if (storm.members.size > 0) return;
  const next = windowAt(book, nextOf(window));
  if (next?.state === "waiting" && !next.storm.expired) complete(round, next);
  forgetWindow(book, window);
}

const nextOf = ({ storm }: Window): string | null => (storm.next === null ? null : `${storm.group}.${storm.next}`);

/** A member of a window that stayed below its threshold gets a request of its own. */
function setOut({ book, nowMs }: Round, window: Window, member: Episode): void {
  const { count, firstMs, lastMs, resolvedAtMs, membership } = member;
  const intent = `${window.subject.slice(65)}-${membership?.seq}`;
  leave(book, member);
  beginEpisode(book, member, { intent, count, dueMs: nowMs }, nowMs);
  Object.assign(member, { firstMs, lastMs, resolvedAtMs, buffered: true } satisfies Partial<Episode>);
  note(member, { event: "window-expired", reason: null, source: null, request: null }, nowMs);
}

/** A member of a storm that is over goes into the next window where nobody has worked on it: it was in no live request, or fired after the end. */
function handOn(round: Round, window: Window, member: Episode): void {
  const { book, nowMs } = round;
  const { storm } = window;
  const { membership, lastMs } = member;
  const unseen = (membership?.seq ?? 0) > Math.max(storm.carried, storm.listed);
  const target = storm.members.get(membership?.seq ?? 0)?.target ?? "";
  const cared = member.resolvedAtMs !== null || (!unseen && lastMs <= storm.overMs);
  note(member, { event: window.gone ? "request-gone" : "request-ended", reason: null, source: null, request: refOf(book, member) }, nowMs);
  leave(book, member);
  if (cared) return;
  // What it was counted before stays where it was counted: on the request that is over.
  join(book, nextWindow(round, window), member, { target, count: 1 }, nowMs);
}

/** Opened under the rules of the one before, for its members alone. */
function nextWindow(round: Round, window: Window): Window {
  const { book, operation, nowMs } = round;
  const { storm, namespace } = window;
  storm.next ??= windowId(operation, round.opened++);
  const found = windowAt(book, nextOf(window));
  if (found) return found;
  const { group, alertname, rules, limits } = storm;
  const next = openWindow(book, { group, window: storm.next, namespace, alertname, rules, limits }, nowMs);
  next.storm.dueMs = null;
  return next;
}

/** Closed as soon as it is filled, so the threshold decides at once. */
function complete({ book, nowMs }: Round, next: Window): void {
  const { storm, subject } = next;
  if (storm.members.size >= storm.rules.threshold) {
    aggregate(book, next, `${subject.slice(65)}-0`, nowMs, nowMs);
    return;
  }
  if (storm.members.size > 0) book.counters.windows_expired += 1;
  Object.assign(storm, { expired: true, dueMs: nowMs });
}
