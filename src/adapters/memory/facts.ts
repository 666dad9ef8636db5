import type { RequestState } from "../../domain/remediation-request.ts";
import { reaches } from "../../domain/resource-version.ts";
import { sumBeside } from "../../domain/slots.ts";
import type { Fact, FactOutcome, LedgerRules, Shown } from "../../ports/ledger.ts";
import { type Book, closeIntent, markOf, markUnwritten, openIntent, seal } from "./book.ts";
import { type Episode, endOf, freshEpisode, occurrencesOf } from "./episode.ts";

/** Applies one fact; says nothing new: dropped. */
export function applyFact(book: Book, fact: Fact, rules: LedgerRules, nowMs: number): FactOutcome {
  const episode = book.episodes.get(fact.fingerprint);
  if (!episode) return { kind: "dropped", occurrences: 0 };
  const kind = apply(book, episode, fact, rules, nowMs);
  return { kind, occurrences: occurrencesOf(episode) };
}

function apply(book: Book, episode: Episode, fact: Fact, rules: LedgerRules, nowMs: number): FactOutcome["kind"] {
  switch (fact.kind) {
    case "ensured":
      return confirm(book, episode, fact, nowMs);
    case "seen":
      if (episode.state !== "pending" || fact.state.intent !== episode.intent)
        return look(book, episode, fact, nowMs) ? "applied" : "dropped";
      bind(book, episode, { ...fact, outcome: "created", otherOccurrences: sumBeside(fact.shown?.slots ?? {}, episode.intent) }, nowMs);
      return "bound";
    case "moved":
      if (episode.request?.uid !== fact.uid) return "dropped";
      noteTakenBack(book, episode, fact.uid);
      rebind(book, episode, { ...fact, otherOccurrences: 0 }, nowMs);
      return "applied";
    case "gone":
      return episode.request?.uid === fact.uid && lose(book, episode, fact, rules, nowMs) ? "applied" : "dropped";
  }
}

/** The answer of the ensure itself: it also ends an object's claim that was taken back, or went before the answer came. */
function confirm(book: Book, episode: Episode, fact: Extract<Fact, { kind: "ensured" }>, nowMs: number): FactOutcome["kind"] {
  const { request } = episode;
  const [pending, same] = [episode.state === "pending", request?.uid === fact.state.uid];
  const moves = request !== null && (episode.gone || fact.takenBack.includes(request.uid));
  if (episode.intent !== fact.intent || !(pending || same || moves)) return "dropped";
  episode.confirmed = true;
  for (const uid of fact.takenBack) noteTakenBack(book, episode, uid);
  if (pending) bind(book, episode, fact, nowMs);
  else if (same) look(book, episode, { state: fact.state, shown: null, agoMs: null }, nowMs);
  else rebind(book, episode, fact, nowMs);
  return "bound";
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
}

function bind(book: Book, episode: Episode, binding: Binding, nowMs: number): void {
  closeIntent(book, episode);
  book.counters[binding.outcome === "existing" ? "requests_found" : "requests_created"] += 1;
  point(book, episode, binding, nowMs);
}

/** From an object that was taken back to the one that stays; its slot moves along. */
function rebind(book: Book, episode: Episode, binding: Omit<Binding, "outcome">, nowMs: number): void {
  point(book, episode, { ...binding, outcome: binding.state.intent === episode.intent ? "created" : "existing" }, nowMs);
}

function point(book: Book, episode: Episode, { outcome, state, otherOccurrences }: Binding, nowMs: number): void {
  const { namespace, name, uid, resourceVersion, session } = state;
  episode.request = { namespace, name, uid, resourceVersion };
  episode.found = outcome === "existing";
  episode.gone = false;
  episode.state = "live";
  episode.session = session ?? episode.session;
  // Nobody can have seen it live before the intent was written; that is the floor for its end.
  episode.checkedAtMs = state.ended ? episode.intentAtMs : nowMs;
  episode.others = otherOccurrences;
  // An object that was made for this intent shows it as 1 without a write.
  episode.writtenCount = episode.found ? 0 : 1;
  episode.writtenResolvedAtMs = null;
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
  else episode.checkedAtMs = nowMs;
  return true;
}

/** Only a watch that has followed the request since it was last seen knows that it was live until it heard of the end. */
const heardOf = (episode: Episode, heard: { session: string | null; agoMs: number | null }, nowMs: number): number | null =>
  heard.agoMs !== null && heard.session !== null && heard.session === episode.session ? nowMs - heard.agoMs : null;

/** An object that shows less than was written is owed it again: a full status update erases fields its writer does not know. */
function believe(book: Book, episode: Episode, shown: Shown, nowMs: number): void {
  episode.writtenCount = Math.min(episode.writtenCount, shown.slots[episode.intent] ?? 0);
  if (shown.resolvedAtMs === null) episode.writtenResolvedAtMs = null;
  markUnwritten(book, episode, nowMs);
}

function lose(book: Book, episode: Episode, fact: Extract<Fact, { kind: "gone" }>, { leaseMs }: LedgerRules, nowMs: number): boolean {
  if (episode.gone) return false;
  const owed = book.counts.delete(markOf(episode));
  if (episode.state === "live" && !episode.confirmed) {
    // Its ensure has not answered: it may have taken the object back, and will say what stays.
    Object.assign(episode, { state: "pending", request: null } satisfies Partial<Episode>);
    openIntent(book, episode, nowMs + leaseMs);
    return true;
  }
  episode.gone = true;
  if (owed) book.counters.counts_lost += 1;
  if (episode.state === "live") end(book, episode, endOf(episode, null, heardOf(episode, fact, nowMs), nowMs), nowMs);
  return true;
}

/** Ends the episode. An alert that fired after the end was counted on a request that nobody works on any more: it gets a new intent, due at once. */
function end(book: Book, episode: Episode, endedAtMs: number, nowMs: number): void {
  episode.state = "ended";
  if (episode.lastMs > endedAtMs && episode.resolvedAtMs === null)
    beginEpisode(book, episode, { intent: nextIntent(episode.intent), count: 1, dueMs: nowMs }, nowMs);
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
  openIntent(book, episode, start.dueMs);
}
