import { EPISODE_LIFE_MS, SESSION_ALIVE_MS } from "../../domain/ledger-limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AdmitCall, Ledger, LedgerRules, Remembered, Survey, Verdict } from "../../ports/ledger.ts";
import { takeAside, takeStrays } from "./aside.ts";
import { type Book, markOf, openBook, type Seen } from "./book.ts";
import { countLetters, discard, forgetOldLetters, letterOf, lettersOf, replay } from "./dead-letters.ts";
import { entryKey, finishCall, forgetDeliveries, seenOf } from "./deliveries.ts";
import { applyFact, subjectOf } from "./facts.ts";
import { type Bench, judge } from "./judge.ts";
import { applySettlement, leaseDue } from "./lease.ts";
import { hasIntentRoom } from "./place.ts";
import { crewOf, glimpse, listWindows, receiptOf, showWindow } from "./sights.ts";
import { sweep } from "./sweep.ts";
import { carry, flush } from "./windows.ts";

/** The ledger without a store: what the others are measured by, and what `npm start` runs on. It forgets everything with its process. */
export function createMemoryLedger(rules: LedgerRules, clock: Clock): Ledger {
  const book = openBook();
  return {
    async admit(call) {
      return admit(book, call, rules, clock.now());
    },
    async recall(delivery, alerts) {
      const asked = { book, call: { delivery }, rules, nowMs: clock.now() };
      return alerts.map((alert) => rememberedOf(seenOf(asked, entryKey(delivery, alert))));
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
    async sweep(call) {
      return sweep(book, call, clock.now());
    },
    async crew(subject, intent, after, limit) {
      return crewOf(book, subject, intent, after, limit);
    },
    async heartbeat(session) {
      for (const [name, atMs] of book.sessions) if (clock.now() - atMs >= SESSION_ALIVE_MS) book.sessions.delete(name);
      book.sessions.set(session, clock.now());
    },
    async glimpse(alerts) {
      return alerts.map((alert) => glimpse(book, alert, clock.now()));
    },
    async windows(offset, limit) {
      const all = listWindows(book);
      return { total: all.length, windows: all.slice(offset, offset + limit) };
    },
    async window(subject, after, limit) {
      return showWindow(book, subject, after, limit);
    },
    async flush(subject) {
      return flush(book, subject, clock.now());
    },
    async receipt({ fingerprint }) {
      return receiptOf(book, fingerprint, clock.now());
    },
    async deadLetters(offset, limit, kind) {
      const letters = lettersOf(book, clock.now()).filter((letter) => kind === undefined || letter.kind === kind);
      return { total: letters.length, letters: letters.slice(offset, offset + limit) };
    },
    async deadLetter(id) {
      return lettersOf(book, clock.now()).find((letter) => letter.id === id) ?? null;
    },
    async replay(id) {
      return replay(book, id, (namespace) => hasIntentRoom({ book, rules }, namespace), clock.now());
    },
    async discard(id) {
      return discard(book, id, clock.now());
    },
    async counters() {
      return { ...book.counters };
    },
    async survey() {
      forgetOldLetters(book, clock.now());
      return survey(book, rules, clock.now());
    },
  };
}

function rememberedOf(seen: Seen | null): Remembered | null {
  if (!seen?.entry) return null;
  const { outcome, reason, rung } = seen.entry;
  return { outcome, reason, rung };
}

function admit(book: Book, call: AdmitCall, rules: LedgerRules, nowMs: number): Verdict[] {
  forgetIdle(book, rules, nowMs);
  const told = new Set<string>();
  for (const fact of call.facts) {
    const subject = subjectOf(book, fact);
    if (applyFact(book, fact, rules, nowMs).kind !== "dropped") told.add(subject);
  }
  const bench: Bench = { book, call, rules, told, asking: new Set(), opened: 0, fresh: 0, reached: new Set(), nowMs };
  takeAside(bench);
  takeStrays(bench);
  const verdicts = call.alerts.map((alert, index) => judge(bench, alert, index));
  carryReached(bench);
  finishCall(bench, call.more, verdicts);
  for (const { fingerprint } of call.alerts) touch(book, fingerprint, nowMs);
  return verdicts;
}

/** Whoever joined in the call that brought a window to its threshold goes into its request. */
function carryReached({ reached }: Bench): void {
  for (const window of reached) carry(window);
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
    const { storm, state } = episode;
    if (storm || state === "pending" || state === "held" || letterOf(episode, nowMs) || book.counts.has(markOf(episode)))
      touch(book, episode.subject, nowMs);
    else book.episodes.delete(episode.subject);
  }
  forgetDeliveries(book, rules, nowMs);
}

function survey(book: Book, { bufferedMax }: LedgerRules, nowMs: number): Survey {
  const since = [...book.intentsSince.values()];
  const letters = lettersOf(book, nowMs);
  const failures = [...book.failures].sort(([left], [right]) => (left < right ? -1 : 1));
  const named = [...book.outcomes].sort(([left], [right]) => (left < right ? -1 : 1));
  const buffered = [...book.bufferedOf.values()].reduce((sum, each) => sum + each, 0);
  const most = [...book.bufferedOf.values()].reduce((most, each) => Math.max(most, each), 0);
  return {
    outcomes: named.map(([, outcome]) => outcome),
    openIntents: book.intents.size,
    oldestIntentMs: since.length === 0 ? null : nowMs - since.reduce((oldest, each) => Math.min(oldest, each)),
    failures: failures.map(([reason, count]) => ({ reason, count })),
    deadLetters: countLetters(letters),
    deadLetterOldestMs: letters.length === 0 ? null : nowMs - Math.min(...letters.map(({ firstSeenMs }) => firstSeenMs)),
    buffered,
    bufferFill: Math.max(buffered / bufferedMax.total, most / bufferedMax.perNamespace),
    watchdogSeenMs: book.watchdogSeenMs,
  };
}
