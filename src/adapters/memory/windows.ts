import { CARRIED_MAX } from "../../domain/ledger-limits.ts";
import { memberId } from "../../domain/storm-draft.ts";
import type { Subject } from "../../ports/ledger.ts";
import { add, type Book, closeIntent, type Group, markOf, markUnwritten, openIntent, seal } from "./book.ts";
import { type Episode, emptyRecord, freshEpisode, type Window } from "./episode.ts";
import { newStorm, type Storm } from "./storm.ts";

/** The group with this id. One that holds nothing is not kept. */
export function groupOf(book: Book, id: string): Group {
  const group = book.groups.get(id) ?? { buffering: null, joinable: null, windowOf: new Map() };
  book.groups.set(id, group);
  return group;
}

/** A window by its subject; undefined where there is none. */
export const windowAt = (book: Book, subject: Subject | null): Window | undefined =>
  subject === null ? undefined : (book.episodes.get(subject) as Window | undefined);

/** The window whose request stands for a member; undefined where the episode has one of its own, or the window is lost. */
export const windowOf = (book: Book, episode: Episode | undefined): Window | undefined =>
  episode?.state === "held" && episode.membership ? windowAt(book, episode.membership.window) : undefined;

/** `<group>.<window>` → both. */
export const partsOf = (subject: Subject): { readonly group: string; readonly window: string } => ({
  group: subject.slice(0, 64),
  window: subject.slice(65),
});

export interface Opening extends Pick<Storm, "group" | "alertname" | "rules" | "limits"> {
  /** 32 hex. */
  readonly window: string;
  readonly namespace: string;
}

/** A window without members, which nobody is told of yet. */
export function openWindow(book: Book, { window, namespace, ...start }: Opening, nowMs: number): Window {
  const subject = `${start.group}.${window}`;
  const opened: Window = {
    ...emptyRecord(subject, namespace),
    ...freshEpisode("", 0, nowMs),
    state: "waiting",
    storm: newStorm(start, nowMs),
  };
  book.episodes.set(subject, opened);
  return opened;
}

/** Makes an episode that is not owed anything a member: from now on its request is the window's. Its own count starts at `count`. */
export function join(
  book: Book,
  window: Window,
  episode: Episode,
  { target, count }: { target: string; count: number },
  nowMs: number,
): void {
  seal(book, episode);
  const { storm } = window;
  storm.seq += 1;
  storm.members.set(storm.seq, { fingerprint: episode.subject, target });
  storm.firing += 1;
  Object.assign(episode, freshEpisode("", count, nowMs), { state: "held", membership: { window: window.subject, seq: storm.seq } });
  if (window.state === "waiting") add(book.bufferedOf, window.namespace, 1);
  countOn(book, window, count, nowMs);
}

/** A member's deliveries count on its window's request. */
export function countOn(book: Book, window: Window, by: number, nowMs: number): void {
  window.count += by;
  window.lastMs = nowMs;
  window.resolvedAtMs = null;
  markUnwritten(book, window, nowMs);
}

/**
 * Ends an episode's membership, if it has one. What it counted leaves with it only as long as no object can show it: a slot never falls, so
 * taking it back later would hide as many deliveries of others.
 */
export function leave(book: Book, episode: Episode): void {
  const window = windowOf(book, episode);
  const { membership } = episode;
  if (episode.state === "held") Object.assign(episode, { state: "ended", membership: null } satisfies Partial<Episode>);
  if (!window || !membership || !window.storm.members.delete(membership.seq)) return;
  if (episode.resolvedAtMs === null) window.storm.firing -= 1;
  if (window.state === "waiting" || window.state === "pending") window.count -= episode.count;
  if (window.state === "waiting") add(book.bufferedOf, window.namespace, -1);
}

/** Names the episode of a member that another request holds, by the intent of the window that it left. */
export const heldIntent = (intent: string, fingerprint: string): string => `${intent}:${memberId(fingerprint)}`;

/** The window has one request for all its members; nobody else joins those that it waits with. */
export function aggregate(book: Book, window: Window, intent: string, dueMs: number, nowMs: number): void {
  const { storm } = window;
  const group = groupOf(book, storm.group);
  if (group.buffering === window.subject) group.buffering = null;
  group.joinable = window.subject;
  add(book.bufferedOf, window.namespace, -storm.members.size);
  Object.assign(window, { intent, state: "pending", intentAtMs: nowMs } satisfies Partial<Episode>);
  carry(window);
  storm.dueMs = joinsUntil(window, nowMs);
  openIntent(book, window, dueMs, nowMs);
  book.counters.storms_detected += 1;
}

/** Whoever is in it now goes into its request, the first ones at least; later ones are told by counts. */
export function carry({ storm }: Window): void {
  const [first = 0] = storm.members.keys();
  storm.carried = Math.min(storm.seq, first + CARRIED_MAX - 1);
}

/** When a storm stops taking alerts, should nobody join from now on. */
export const joinsUntil = ({ storm }: Window, nowMs: number): number =>
  Math.min(nowMs + storm.rules.joinMs, storm.openedAtMs + storm.limits.maxMs);

/** The storm takes no more alerts. */
export function close(book: Book, window: Window, nowMs: number): void {
  const group = groupOf(book, window.storm.group);
  if (group.joinable === window.subject) group.joinable = null;
  window.storm.closedAtMs ??= nowMs;
  window.storm.dueMs = null;
  markUnwritten(book, window, nowMs);
}

/** Makes a window due now; false: it is none that takes alerts. */
export function flush(book: Book, subject: Subject, nowMs: number): boolean {
  const window = windowAt(book, subject);
  if (!window?.storm || window.storm.dueMs === null || window.storm.expired || window.state === "ended") return false;
  window.storm.dueMs = nowMs;
  return true;
}

/** The members of a window whose request can never be made get requests of their own. */
export function dissolve(book: Book, window: Window, nowMs: number): void {
  const group = groupOf(book, window.storm.group);
  if (group.joinable === window.subject) group.joinable = null;
  closeIntent(book, window);
  window.state = "waiting";
  window.storm.expired = true;
  window.storm.dueMs = nowMs;
  add(book.bufferedOf, window.namespace, window.storm.members.size);
}

/** Forgets a window that is owed nothing and has no member left; else it is not swept again. */
export function forgetWindow(book: Book, window: Window): void {
  const { storm, subject, request } = window;
  if (storm.members.size > 0) return;
  storm.dueMs = null;
  if (book.counts.has(markOf(window))) return;
  closeIntent(book, window);
  book.episodes.delete(subject);
  const group = groupOf(book, storm.group);
  if (group.buffering === subject) group.buffering = null;
  if (group.joinable === subject) group.joinable = null;
  if (request) group.windowOf.delete(request.uid);
  if (group.buffering === null && group.joinable === null && group.windowOf.size === 0) book.groups.delete(storm.group);
}
