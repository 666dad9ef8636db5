import { LOST_MAX } from "../../domain/ledger-limits.ts";
import type { RequestState } from "../../domain/remediation-request.ts";
import { reaches } from "../../domain/resource-version.ts";
import { sumBeside } from "../../domain/slots.ts";
import type { Fact, FactOutcome, LedgerRules, Shown, Subject } from "../../ports/ledger.ts";
import { type Book, closeIntent, markOf, markUnwritten, openIntent, seal } from "./book.ts";
import { type Episode, endOf, freshEpisode, occurrencesOf, type Window } from "./episode.ts";
import { note, refOf } from "./steps.ts";
import { carry, forgetWindow, groupOf, heldIntent, leave, partsOf, windowOf } from "./windows.ts";

/** Applies one fact; says nothing new: dropped. */
export function applyFact(book: Book, fact: Fact, rules: LedgerRules, nowMs: number): FactOutcome {
  const subject = subjectOf(book, fact);
  const episode = book.episodes.get(subject);
  if (!episode) return { kind: "dropped", occurrences: 0 };
  const kind = isLost(episode, fact) ? "dropped" : apply(book, episode, fact, rules, nowMs);
  return { kind, occurrences: occurrencesOf(episode) };
}

/** Whom a look is about: a window may be bound to the object of another, which a lost store does not know any more, so the uid tells. An ensure's answer is its own window's. */
export function subjectOf(book: Book, fact: Fact): Subject {
  if (fact.kind === "ensured" || fact.kind === "held") return fact.subject;
  const uid = fact.kind === "gone" || fact.kind === "moved" ? fact.uid : fact.state.uid;
  return book.groups.get(partsOf(fact.subject).group)?.windowOf.get(uid) ?? fact.subject;
}

/** Gone is final for a uid, also where an answer is late that it was there. */
const isLost = ({ lost }: Episode, fact: Fact): boolean => (fact.kind === "ensured" || fact.kind === "seen") && lost.has(fact.state.uid);

function apply(book: Book, episode: Episode, fact: Fact, rules: LedgerRules, nowMs: number): FactOutcome["kind"] {
  switch (fact.kind) {
    case "ensured":
      return confirm(book, episode, fact, nowMs);
    case "held":
      return hand(book, episode, fact, nowMs) ? "applied" : "dropped";
    case "seen":
      if (!isOwed(episode) || fact.state.intent !== episode.intent) return look(book, episode, fact, nowMs) ? "applied" : "dropped";
      bind(book, episode, { ...fact, outcome: "created", otherOccurrences: sumBeside(fact.shown?.slots ?? {}, episode.intent) }, nowMs);
      return "bound";
    case "moved":
      if (episode.request?.uid !== fact.uid) return "dropped";
      noteTakenBack(book, episode, fact.uid);
      rebind(book, episode, { ...fact, otherOccurrences: 0 }, nowMs);
      return "applied";
    case "gone":
      if (episode.state === "pending") return noteLost(episode, fact.uid) ? "applied" : "dropped";
      return episode.request?.uid === fact.uid && lose(book, episode, fact, rules, nowMs) ? "applied" : "dropped";
  }
}

/** A request was decided on and is not there yet, as far as is known: also one that was given up may have been made unheard. */
const isOwed = ({ state }: Episode): boolean => state === "pending" || state === "dead";

type Ensured = Extract<Fact, { kind: "ensured" }>;

/** The answer of the ensure itself: it also ends an object's claim that was taken back, or went before the answer came. */
function confirm(book: Book, episode: Episode, fact: Ensured, nowMs: number): FactOutcome["kind"] {
  const { request } = episode;
  const [pending, same] = [isOwed(episode), request?.uid === fact.state.uid];
  const moves = request !== null && (episode.gone || fact.takenBack.includes(request.uid));
  if (episode.intent !== fact.intent || !(pending || same || moves)) return "dropped";
  episode.confirmed = true;
  for (const uid of fact.takenBack) noteTakenBack(book, episode, uid);
  if (pending && episode.storm && fact.adopted) adopt(episode as Window, fact.adopted);
  if (pending) bind(book, episode, fact, nowMs);
  else if (same) look(book, episode, { state: fact.state, shown: null, agoMs: fact.agoMs }, nowMs);
  else rebind(book, episode, fact, nowMs);
  return "bound";
}

/** The window goes on where the group's storm of before was: at its age, with its members beside its own, which that one does not list yet. */
function adopt({ storm }: Window, { openedAtMs, members }: NonNullable<Ensured["adopted"]>): void {
  storm.openedAtMs = Math.min(storm.openedAtMs, openedAtMs);
  storm.dueMs = storm.dueMs === null ? null : Math.min(storm.dueMs, storm.openedAtMs + storm.limits.maxMs);
  storm.adoptedMembers = members;
  storm.carried = 0;
}

/** A member of a window belongs to another live request, as its ensure found. */
function hand(book: Book, window: Episode, fact: Extract<Fact, { kind: "held" }>, nowMs: number): boolean {
  const member = book.episodes.get(fact.fingerprint);
  if (!window.storm || window.intent !== fact.intent || !member || windowOf(book, member) !== window) return false;
  const { count, firstMs, lastMs, resolvedAtMs } = member;
  leave(book, member);
  Object.assign(member, freshEpisode(heldIntent(fact.intent, fact.fingerprint), count, nowMs), { firstMs, lastMs, resolvedAtMs });
  member.confirmed = true;
  book.counters.requests_found += 1;
  point(book, member, { outcome: "existing", state: fact.state, otherOccurrences: 0 }, nowMs);
  note(member, { event: "request-found", reason: null, source: null, request: refOf(book, member) }, nowMs);
  // Those that joined since its intent was written are what is left to make a request for.
  if (![...window.storm.members.keys()].some((seq) => seq <= (window as Window).storm.carried)) carry(window as Window);
  if (window.state === "pending") forgetWindow(book, window as Window);
  return true;
}

/** An object of the intent that was deleted again, whoever tells of it first. */
function noteTakenBack(book: Book, episode: Episode, uid: string): void {
  if (!episode.takenBack.has(uid)) book.counters.collisions += 1;
  episode.takenBack.add(uid);
}

interface Binding {
  readonly outcome: "created" | "existing";
  readonly state: RequestState;
  readonly otherOccurrences: number;
  readonly agoMs?: number | null;
}

function bind(book: Book, episode: Episode, binding: Binding, nowMs: number): void {
  closeIntent(book, episode);
  episode.letter = null;
  const found = binding.outcome === "existing";
  book.counters[found ? "requests_found" : "requests_created"] += 1;
  if (episode.storm && !found) book.counters.storms_created += 1;
  const { namespace, name } = binding.state;
  note(episode, { event: found ? "request-found" : "request-created", reason: null, source: null, request: { namespace, name } }, nowMs);
  point(book, episode, binding, nowMs);
}

/** From an object that was taken back to the one that stays; its slot moves along. */
function rebind(book: Book, episode: Episode, binding: Omit<Binding, "outcome">, nowMs: number): void {
  point(book, episode, { ...binding, outcome: binding.state.intent === episode.intent ? "created" : "existing" }, nowMs);
}

function point(book: Book, episode: Episode, { outcome, state, otherOccurrences, agoMs }: Binding, nowMs: number): void {
  const { namespace, name, uid, resourceVersion, session } = state;
  episode.request = { namespace, name, uid, resourceVersion };
  episode.found = outcome === "existing";
  episode.gone = false;
  episode.state = "live";
  episode.session = session ?? episode.session;
  // Nobody can have seen it live before the intent was written; whoever ensured it may have seen it long before it tells.
  episode.checkedAtMs = state.ended ? episode.intentAtMs : Math.max(episode.intentAtMs, nowMs - (agoMs ?? 0));
  episode.liveAtMs = episode.intentAtMs;
  episode.others = otherOccurrences;
  // An object that was made for this intent shows it as 1 without a write.
  episode.writtenCount = episode.found ? 0 : 1;
  episode.writtenResolvedAtMs = null;
  if (episode.storm) groupOf(book, episode.storm.group).windowOf.set(uid, episode.subject);
  markUnwritten(book, episode, nowMs);
  if (state.ended) end(book, episode, endOf(episode, state, null, nowMs), nowMs);
}

type Look = Pick<Extract<Fact, { kind: "seen" }>, "state" | "shown" | "agoMs">;

function look(book: Book, episode: Episode, { state, shown, agoMs }: Look, nowMs: number): boolean {
  if (episode.request?.uid !== state.uid || !reaches(state.resourceVersion, episode.request.resourceVersion)) return false;
  episode.request.resourceVersion = state.resourceVersion;
  const heardMs = heardOf(episode, { session: state.session, agoMs }, nowMs);
  episode.session = state.session ?? episode.session;
  if (shown) believe(book, episode, shown, nowMs);
  else episode.confirmed = true;
  if (episode.state !== "live") return true;
  episode.checkUntilMs = 0;
  if (state.ended) end(book, episode, endOf(episode, state, heardMs, nowMs), nowMs);
  else {
    const seenMs = nowMs - (agoMs ?? 0);
    episode.checkedAtMs = Math.max(episode.checkedAtMs, seenMs);
    episode.liveAtMs = Math.max(episode.liveAtMs, seenMs);
  }
  return true;
}

/** Only a watch that has followed the request since it was last seen knows that it was live until it heard of the end. */
const heardOf = (episode: Episode, heard: { session: string | null; agoMs: number | null }, nowMs: number): number | null =>
  heard.agoMs !== null && heard.session !== null && heard.session === episode.session ? nowMs - heard.agoMs : null;

/** An object that shows less than was written is owed it again: a full status update erases fields its writer does not know. */
function believe(book: Book, episode: Episode, shown: Shown, nowMs: number): void {
  episode.writtenCount = Math.min(episode.writtenCount, shown.slots[episode.intent] ?? 0);
  if (shown.resolvedAtMs === null) episode.writtenResolvedAtMs = null;
  if (episode.storm && shown.members < episode.storm.listedMembers)
    Object.assign(episode.storm, { listed: 0, listedMembers: shown.members, showsClosed: false });
  markUnwritten(book, episode, nowMs);
}

/** False: it is known, or one of more than anybody needs. */
function noteLost({ lost }: Episode, uid: string): boolean {
  if (lost.has(uid) || lost.size >= LOST_MAX) return false;
  lost.add(uid);
  return true;
}

function lose(book: Book, episode: Episode, fact: Extract<Fact, { kind: "gone" }>, { leaseMs }: LedgerRules, nowMs: number): boolean {
  if (episode.gone) return false;
  const owed = book.counts.delete(markOf(episode));
  if (episode.state === "live" && !episode.confirmed) {
    // Its ensure has not answered: it may have taken the object back, and will say what stays.
    Object.assign(episode, { state: "pending", request: null } satisfies Partial<Episode>);
    noteLost(episode, fact.uid);
    openIntent(book, episode, nowMs + leaseMs, episode.intentAtMs);
    return true;
  }
  episode.gone = true;
  if (owed) book.counters.counts_lost += 1;
  note(episode, { event: "request-gone", reason: null, source: null, request: refOf(book, episode) }, nowMs);
  if (episode.state === "live") end(book, episode, endOf(episode, null, heardOf(episode, fact, nowMs), nowMs), nowMs);
  return true;
}

/** Ends the episode. An alert that fired after the end was counted on a request that nobody works on any more: it gets a new intent, due at once. */
function end(book: Book, episode: Episode, endedAtMs: number, nowMs: number): void {
  episode.state = "ended";
  if (!episode.gone) note(episode, { event: "request-ended", reason: null, source: null, request: refOf(book, episode) }, nowMs);
  if (episode.storm) endStorm(book, episode as Window, endedAtMs, nowMs);
  else if (episode.lastMs > endedAtMs && episode.resolvedAtMs === null)
    beginEpisode(book, episode, { intent: nextIntent(episode.intent), count: 1, dueMs: nowMs }, nowMs);
}

/** Which of its members nobody has worked on, the sweep finds, a part at a time. */
function endStorm(book: Book, { storm, subject }: Window, endedAtMs: number, nowMs: number): void {
  const group = groupOf(book, storm.group);
  if (group.joinable === subject) group.joinable = null;
  storm.overMs = endedAtMs;
  storm.dueMs = nowMs;
}

/** `<id>` → `<id>.2` → `<id>.3`: minted without randomness, so that a fact applied twice names the same intent. */
export function nextIntent(intent: string): string {
  const [id, turn = "1"] = intent.split(".");
  return `${id}.${Number(turn) + 1}`;
}

/** Turns the record to a new episode with an open intent. */
export function beginEpisode(book: Book, episode: Episode, start: { intent: string; count: number; dueMs: number }, nowMs: number): void {
  seal(book, episode);
  Object.assign(episode, freshEpisode(start.intent, start.count, nowMs));
  openIntent(book, episode, start.dueMs, nowMs);
}
