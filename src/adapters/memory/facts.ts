import type { RequestState } from "../../domain/remediation-request.ts";
import type { Fact, FactOutcome } from "../../ports/ledger.ts";
import { type Book, closeIntent, markOf, markUnwritten, seal } from "./book.ts";
import { type Episode, endOf, isAtLeast, occurrencesOf } from "./episode.ts";

/** Applies one fact; says nothing new: dropped. */
export function applyFact(book: Book, fact: Fact, nowMs: number): FactOutcome {
  const episode = book.episodes.get(fact.fingerprint);
  if (!episode) return { kind: "dropped", occurrences: 0 };
  const kind = apply(book, episode, fact, nowMs);
  return { kind, occurrences: occurrencesOf(episode) };
}

function apply(book: Book, episode: Episode, fact: Fact, nowMs: number): FactOutcome["kind"] {
  if (fact.kind === "gone") return episode.request?.uid === fact.uid && lose(book, episode, nowMs) ? "applied" : "dropped";
  if (fact.kind === "ensured") {
    if (episode.intent !== fact.intent) return "dropped";
    if (episode.state === "pending") {
      bind(book, episode, fact, nowMs);
      return "bound";
    }
    if (episode.request?.uid !== fact.state.uid) return "dropped";
    look(book, episode, fact.state, nowMs);
    return "bound";
  }
  return look(book, episode, fact.state, nowMs) ? "applied" : "dropped";
}

function bind(book: Book, episode: Episode, fact: Extract<Fact, { kind: "ensured" }>, nowMs: number): void {
  closeIntent(book, episode);
  episode.found = fact.outcome === "existing";
  book.counters[episode.found ? "requests_found" : "requests_created"] += 1;
  const { namespace, name, uid, resourceVersion } = fact.state;
  episode.request = { namespace, name, uid, resourceVersion };
  episode.state = "live";
  // Nobody can have seen it live before the intent was written; that is the floor for its end.
  episode.checkedAtMs = fact.state.ended ? episode.intentAtMs : nowMs;
  episode.others = fact.otherOccurrences;
  // An object that was made for this intent shows it as 1 without a write.
  episode.writtenCount = episode.found ? 0 : 1;
  markUnwritten(book, episode, nowMs);
  if (fact.state.ended) end(book, episode, fact.state, nowMs);
}

function look(book: Book, episode: Episode, state: RequestState, nowMs: number): boolean {
  if (episode.state !== "live" || episode.request?.uid !== state.uid) return false;
  if (!isAtLeast(state.resourceVersion, episode.request.resourceVersion)) return false;
  episode.request.resourceVersion = state.resourceVersion;
  episode.checkUntilMs = 0;
  if (state.ended) end(book, episode, state, nowMs);
  else episode.checkedAtMs = nowMs;
  return true;
}

function lose(book: Book, episode: Episode, nowMs: number): boolean {
  if (episode.gone) return false;
  episode.gone = true;
  if (book.counts.delete(markOf(episode))) book.counters.counts_lost += 1;
  if (episode.state === "live") end(book, episode, null, nowMs);
  return true;
}

/** Ends the episode. An alert that fired after the end was counted on a request that nobody works on any more: it gets a new intent, due at once. */
function end(book: Book, episode: Episode, state: RequestState | null, nowMs: number): void {
  const endedAtMs = endOf(episode, state, nowMs);
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
  Object.assign(episode, {
    intent: start.intent,
    state: "pending",
    intentAtMs: nowMs,
    tries: 0,
    request: null,
    found: false,
    gone: false,
    checkedAtMs: 0,
    checkUntilMs: 0,
    count: start.count,
    others: 0,
    firstMs: nowMs,
    lastMs: nowMs,
    resolvedAtMs: null,
    writtenCount: 0,
    writtenResolvedAtMs: null,
    recordedAtMs: 0,
  } satisfies Partial<Episode>);
  book.intents.set(episode.fingerprint, start.dueMs);
  book.intentsOf.set(episode.namespace, (book.intentsOf.get(episode.namespace) ?? 0) + 1);
}
