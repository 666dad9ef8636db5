import { EPISODE_LIFE_MS, SESSION_ALIVE_MS } from "../../domain/ledger-limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AdmitCall, Glimpse, Ledger, LedgerRules, Survey, Verdict } from "../../ports/ledger.ts";
import { type Book, markOf, openBook } from "./book.ts";
import { forgetOldLetters } from "./dead-letters.ts";
import { type Episode, occurrencesOf, refOf } from "./episode.ts";
import { applyFact } from "./facts.ts";
import { judge, takeAside } from "./judge.ts";
import { applySettlement, leaseDue } from "./lease.ts";

/** The ledger without a store: what the others are measured by, and what `npm start` runs on. It forgets everything with its process. */
export function createMemoryLedger(rules: LedgerRules, clock: Clock): Ledger {
  const book = openBook();
  return {
    async admit(call) {
      return admit(book, call, rules, clock.now());
    },
    async fact(facts) {
      return facts.map((fact) => applyFact(book, fact, rules, clock.now()));
    },
    async lease(limit) {
      return leaseDue(book, limit, rules.leaseMs, clock.now());
    },
    async settle(settlements) {
      for (const settlement of settlements) applySettlement(book, settlement, clock.now());
    },
    async heartbeat(session) {
      for (const [name, atMs] of book.sessions) if (clock.now() - atMs >= SESSION_ALIVE_MS) book.sessions.delete(name);
      book.sessions.set(session, clock.now());
    },
    async glimpse(fingerprints) {
      return fingerprints.map((fingerprint) => glimpse(book.episodes.get(fingerprint)));
    },
    async deadLetters(offset, limit) {
      forgetOldLetters(book, clock.now());
      const letters = [...book.letters.values()].reverse();
      return { total: letters.length, letters: letters.slice(offset, offset + limit) };
    },
    async counters() {
      return { ...book.counters };
    },
    async survey() {
      forgetOldLetters(book, clock.now());
      return survey(book, clock.now());
    },
  };
}

function admit(book: Book, call: AdmitCall, rules: LedgerRules, nowMs: number): Verdict[] {
  forgetIdle(book, rules, nowMs);
  const told = new Set<string>();
  for (const fact of call.facts) if (applyFact(book, fact, rules, nowMs).kind !== "dropped") told.add(fact.fingerprint);
  const bench = { book, call, rules, told, asking: new Set<string>(), nowMs };
  takeAside(bench);
  const verdicts = call.alerts.map((alert, index) => judge(bench, alert, index));
  for (const { fingerprint } of call.alerts) touch(book, fingerprint, nowMs);
  return verdicts;
}

/** Keeps episodes in the order of their last use, so that the idle ones are the first. */
function touch(book: Book, fingerprint: string, nowMs: number): void {
  const episode = book.episodes.get(fingerprint);
  if (!episode) return;
  episode.touchedMs = nowMs;
  book.episodes.delete(fingerprint);
  book.episodes.set(fingerprint, episode);
}

function forgetIdle(book: Book, rules: LedgerRules, nowMs: number): void {
  for (const episode of book.episodes.values()) {
    if (nowMs - episode.touchedMs < EPISODE_LIFE_MS) break;
    if (episode.state === "pending" || book.counts.has(markOf(episode))) touch(book, episode.fingerprint, nowMs);
    else book.episodes.delete(episode.fingerprint);
  }
  for (const [key, { atMs }] of book.seen) {
    if (nowMs - atMs < rules.deliveryTtlMs) break;
    book.seen.delete(key);
  }
}

function survey(book: Book, nowMs: number): Survey {
  const since = [...book.intents.keys()].map((fingerprint) => book.episodes.get(fingerprint)?.intentAtMs ?? nowMs);
  const named = [...book.outcomes].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    outcomes: named.map(([, outcome]) => outcome),
    openIntents: book.intents.size,
    oldestIntentMs: since.length === 0 ? null : nowMs - since.reduce((oldest, each) => Math.min(oldest, each)),
    deadLetters: book.letters.size,
    watchdogSeenMs: book.watchdogSeenMs,
  };
}

const glimpse = (episode: Episode | undefined): Glimpse => ({
  state: episode?.state ?? "none",
  occurrences: occurrencesOf(episode),
  request: refOf(episode),
});
