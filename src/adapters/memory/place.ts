import { NAMESPACE_SHARE } from "../../domain/ledger-limits.ts";
import type { Reason } from "../../domain/outcome.ts";
import type { WindowRules } from "../../domain/window-rules.ts";
import type { AdmitAlert, Verdict } from "../../ports/ledger.ts";
import { type Episode, newEpisode, type Window } from "./episode.ts";
import { beginEpisode } from "./facts.ts";
import { type Bench, countedOf, fire, settle } from "./judge.ts";
import { standing } from "./standing.ts";
import { aggregate, close, groupOf, join, joinsUntil, leave, openWindow, windowAt } from "./windows.ts";

/** An alert that no live request stands for, and what is known of its fingerprint. */
interface Newcomer {
  readonly alert: AdmitAlert;
  readonly former: Episode | undefined;
  /** Names the intent, should it come to one. */
  readonly intent: string;
  readonly reason: Reason;
}

/** Sees to it that the alert gets a request: with its group's storm, with those of its group that wait, or by itself. */
export function place(bench: Bench, newcomer: Newcomer): Verdict {
  const { book, nowMs } = bench;
  const { alert } = newcomer;
  if (alert.windowRules === null) return open(bench, newcomer);
  const storm = windowAt(book, groupOf(book, alert.group).joinable);
  const isOver = storm && nowMs >= (storm.storm.dueMs ?? nowMs);
  if (isOver) close(book, storm, nowMs);
  if (!storm || isOver) return buffer(bench, newcomer, alert.windowRules, null);
  const known = storm.state === "pending" ? "believed" : standing(bench, storm, alert).kind;
  if (known === "check") return checkOf(bench, storm);
  if (known === "unknown") return buffer(bench, newcomer, alert.windowRules, null);
  if (storm.storm.members.size + storm.storm.adoptedMembers < storm.storm.limits.alertsMax) return append(bench, newcomer, storm);
  close(book, storm, nowMs);
  return buffer(bench, newcomer, alert.windowRules, "window-full");
}

/** Gives this caller the look at a request whose state is stale. */
export function checkOf({ asking, rules, nowMs, book }: Bench, record: Episode): Verdict {
  if (!asking.has(record.subject)) book.counters.state_cache_misses += 1;
  asking.add(record.subject);
  record.checkUntilMs = nowMs + rules.leaseMs;
  const { namespace, name, uid } = record.request as NonNullable<Episode["request"]>;
  return { kind: "check", subject: record.subject, request: { namespace, name, uid } };
}

/** Whether another request of the namespace may be decided on. */
export const hasIntentRoom = ({ book, rules }: Pick<Bench, "book" | "rules">, namespace: string): boolean =>
  book.intents.size < rules.intentsMax && (book.intentsOf.get(namespace) ?? 0) < rules.intentsMax / NAMESPACE_SHARE;

function open(bench: Bench, { alert, former, intent, reason }: Newcomer): Verdict {
  const { book, rules, nowMs } = bench;
  if (!hasIntentRoom(bench, alert.namespace)) return { kind: "full" };
  const episode = former ?? newEpisode(alert);
  const counted = Math.max(1, countedOf(bench, episode, alert));
  leave(book, episode);
  beginEpisode(book, episode, { intent, count: counted, dueMs: nowMs + rules.leaseMs }, nowMs);
  episode.tries = 1;
  enter(bench, episode, alert);
  return { kind: "ensure", subject: episode.subject, intent, reason, occurrences: episode.count };
}

function append(bench: Bench, newcomer: Newcomer, storm: Window): Verdict {
  const episode = joinIn(bench, newcomer, storm);
  storm.storm.dueMs = joinsUntil(storm, bench.nowMs);
  bench.book.counters.buffer_hits += 1;
  return settle(bench.book, episode, "appended", "storm-joined", "cache");
}

function buffer(bench: Bench, newcomer: Newcomer, rules: WindowRules, why: Reason | null): Verdict {
  const { book, nowMs } = bench;
  const { alert, intent } = newcomer;
  const group = groupOf(book, alert.group);
  const found = windowAt(book, group.buffering);
  const threshold = found?.storm.rules.threshold ?? rules.threshold;
  const reaches = (found?.storm.members.size ?? 0) + 1 >= threshold;
  if (!hasBufferRoom(bench, alert.namespace)) {
    const verdict = open(bench, { ...newcomer, reason: "buffer-full" });
    if (verdict.kind === "ensure") book.counters.buffer_bypasses += 1;
    return verdict;
  }
  if (reaches && !hasIntentRoom(bench, alert.namespace)) return { kind: "full" };
  const window = found ?? openWindow(book, openingOf(bench, alert, rules), nowMs);
  group.buffering = window.subject;
  book.counters[found ? "buffer_hits" : "buffer_misses"] += 1;
  const episode = joinIn(bench, newcomer, window);
  if (!reaches) return settle(book, episode, "buffered", why ?? (found ? "window-joined" : "window-opened"), "cache");
  aggregate(book, window, intent, nowMs + bench.rules.leaseMs, nowMs);
  window.tries = 1;
  bench.reached.add(window);
  return { kind: "ensure", subject: window.subject, intent, reason: "threshold-reached", occurrences: episode.count };
}

function hasBufferRoom({ book, rules: { bufferedMax } }: Bench, namespace: string): boolean {
  const total = [...book.bufferedOf.values()].reduce((sum, each) => sum + each, 0);
  return total < bufferedMax.total && (book.bufferedOf.get(namespace) ?? 0) < bufferedMax.perNamespace;
}

/** The window's id: the call's operation, and which window of it this is. */
const openingOf = (bench: Bench, alert: AdmitAlert, rules: WindowRules) => ({
  group: alert.group,
  window: windowId(bench.call.operation, bench.opened++),
  namespace: alert.namespace,
  alertname: alert.draft?.spec.signalName ?? "",
  rules,
  limits: { maxMs: bench.rules.windowMaxMs, alertsMax: bench.rules.windowAlertsMax },
});

/** 32 hex: minted without randomness of its own, so that a call sent twice opens the same windows. */
export const windowId = (operation: string, turn: number): string => operation.slice(4) + turn.toString(16).padStart(4, "0");

function joinIn(bench: Bench, { alert, former }: Newcomer, window: Window): Episode {
  const episode = former ?? newEpisode(alert);
  const count = Math.max(1, countedOf(bench, episode, alert));
  leave(bench.book, episode);
  join(bench.book, window, episode, { target: alert.target, count }, bench.nowMs);
  enter(bench, episode, alert);
  return episode;
}

function enter({ book, call }: Bench, episode: Episode, alert: AdmitAlert): void {
  episode.source = call.source;
  fire(episode, alert);
  book.episodes.set(episode.subject, episode);
  book.counters.deduplication_misses += 1;
}
