import { createKubernetesWriter, type KubernetesWriterOptions } from "../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import type { StoredRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import { stormName } from "../../src/domain/storm-draft.ts";
import type { Fact, Ledger } from "../../src/ports/ledger.ts";
import type { Operation, RemediationWriter } from "../../src/ports/remediation-writer.ts";
import { editedEngine, type LuaChange, type LuaEdit } from "./broken-engine.ts";
import type { Theme } from "./plan.ts";

/** A mechanism taken out: of the engine's Lua, or by something put between a part and its callers. */
export interface Sabotage {
  readonly without: string;
  /** What goes wrong. */
  readonly what: string;
  readonly theme: Theme;
  /** What is between the ledger and the flows. */
  readonly ledger?: (ledger: Ledger) => Ledger;
  /** What comes instead of the engine's scripts. */
  readonly lua?: LuaChange;
  readonly writer?: (options: KubernetesWriterOptions) => RemediationWriter;
  /** Clocks of proxies stand still while these sleep. */
  readonly stillClocks?: true;
}

/** Every operation by a writer of its own, whose sight is changed. */
const each =
  (change: (options: KubernetesWriterOptions, operation: Operation) => KubernetesWriterOptions): NonNullable<Sabotage["writer"]> =>
  (options) => ({
    perform: async (operations, timeoutMs) => {
      const performed = operations.map((operation) => createKubernetesWriter(change(options, operation)).perform([operation], timeoutMs));
      return (await Promise.all(performed)).flat();
    },
  });

const withApi = (options: KubernetesWriterOptions, over: Partial<RequestApi>): KubernetesWriterOptions => ({
  ...options,
  api: { ...options.api, ...over },
  view: NO_VIEW,
});

const forgettingIntents = each((options, operation) => {
  if (operation.kind !== "ensure") return options;
  const strip = (request: StoredRequest) => ({ ...request, intent: null });
  return withApi(options, { list: async (namespace) => (await options.api.list(namespace)).map(strip) });
});

/** Nothing is seen from a creation on. */
const lookingOnce = each((options, operation) => {
  if (operation.kind !== "ensure") return options;
  let hasCreated = false;
  return withApi(options, {
    list: async (namespace) => (hasCreated ? [] : options.api.list(namespace)),
    async create(namespace, manifest) {
      const created = await options.api.create(namespace, manifest);
      hasCreated = true;
      return created;
    },
  });
});

/** A first try asks the watch for all. */
const trustingTheWatch = each((options, operation) => {
  if (operation.kind !== "ensure" || operation.retry) return options;
  const shown = (namespace: string) => options.view.list(namespace, [operation.draft.spec.signalFingerprint]);
  return withApi(options, { list: async (namespace) => shown(namespace) ?? options.api.list(namespace) });
});

/** A storm's ensure that sees no request but its window's own. */
const aloneWithItsWindow = each((options, operation) => {
  if (operation.kind !== "ensure-storm") return options;
  const own = stormName(operation.storm.window);
  const list = async (namespace: string) => (await options.api.list(namespace)).filter(({ name }) => name === own);
  return withApi(options, { list });
});

/** A delivery that was seen is done with, whichever of its alerts had been decided. */
const rememberingDeliveries: LuaEdit = [
  "local verdict, episode\n  if alert.kind == 'invalid' then",
  `local delivery = string.match(alert.entry, '^[^:]*')
  local first = redis.call('HGET', KEYS[SHARED_KEY_COUNT + 1], delivery)
  if not first then redis.call('HSET', KEYS[SHARED_KEY_COUNT + 1], delivery, operation)
  elseif first ~= operation then return { 'duplicate', 'request-live', 'cache', '1', '', '', '', '', '' } end
  local verdict, episode
  if alert.kind == 'invalid' then`,
];

/** One session for ever: any watch that beats vouches for everything. */
const oneSession: readonly LuaEdit[] = [
  ["session = ARGV[start + 11]", "session = 'any'"],
  ["redis.call('HSET', KEYS[1], ARGV[3], text(now))", "redis.call('HSET', KEYS[1], 'any', text(now))"],
];

/** Pushes for an episode whose ensure has not answered say nothing. */
const ignoringEarlyPushes: LuaEdit = ["if fact.kind == 'seen' and isOwed(episode) and fact.intent == episode.intent then", "if false then"];

/** An end counts from when the ledger hears of it. */
const endingWhenHeard: LuaEdit = ["endedAt = tonumber(ARGV[start + 9])", "endedAt = ARGV[start + 8] == '1' and now or nil"];

/** Members that were written into a storm's object count as listed, whatever is known of its end. */
const listingAfterTheEnd: LuaEdit = [
  "if window.state == 'live' then window.listed = math.max(window.listed, storm.through) end",
  "window.listed = math.max(window.listed, storm.through)",
];

/** Windows are named by the minute in which they were opened. */
const namingWindowsByTime: LuaEdit = [
  "return string.sub(operation, 5) .. string.format('%04x', opened - 1)",
  "return string.format('%028x%04x', math.floor(now / 60000), opened - 1)",
];

/** What a write of a count shows of a storm's end is told after the write is settled. */
function settlingFirst(ledger: Ledger): Ledger {
  let held: Fact[] = [];
  const isLate = (fact: Fact) => fact.kind === "seen" && fact.subject.length > 64 && fact.state.ended;
  return {
    ...ledger,
    async fact(facts) {
      const outcomes = [];
      for (const fact of facts) {
        if (isLate(fact)) held.push(fact);
        outcomes.push(...(isLate(fact) ? [{ kind: "dropped" as const, occurrences: 0 }] : await ledger.fact([fact])));
      }
      return outcomes;
    },
    async settle(settlements) {
      await ledger.settle(settlements);
      const late = held;
      held = [];
      await ledger.fact(late);
    },
  };
}

/** Each mechanism taken out alone, what then goes wrong, and the histories that miss it soonest. */
export const SABOTAGES: readonly Sabotage[] = [
  { without: "ensure's look for its own intent", what: "one intent makes two objects", theme: "any", writer: forgettingIntents },
  { without: "ensure's second look", what: "two live requests stay", theme: "churn", writer: lookingOnce },
  { without: "a look behind the watch", what: "an alert is left to what has ended", theme: "any", writer: trustingTheWatch },
  {
    without: "pushes that bind before ensure answers",
    what: "an end is forgotten",
    theme: "haste",
    lua: editedEngine([ignoringEarlyPushes]),
  },
  { without: "sessions", what: "a watch vouches for what it never saw", theme: "gaps", lua: editedEngine(oneSession) },
  { without: "a delivery memory per alert", what: "an alert is left out", theme: "any", lua: editedEngine([rememberingDeliveries]) },
  {
    without: "instances",
    what: "one's resolve silences another",
    theme: "any",
    lua: editedEngine([["instance = ARGV[at + 4]", "instance = 'a'"]]),
  },
  { without: "ends on their own time", what: "an alert joins what is over", theme: "any", lua: editedEngine([endingWhenHeard]) },
  {
    without: "a look at a storm's end before its members count as listed",
    what: "a member is listed in vain",
    theme: "haste",
    lua: editedEngine([listingAfterTheEnd]),
  },
  { without: "facts before settlements", what: "a member is listed in vain", theme: "haste", ledger: settlingFirst },
  { without: "held members and adoption", what: "two requests hold one alert", theme: "any", writer: aloneWithItsWindow },
  { without: "a watch that knows when it slept", what: "an alert is left to what has ended", theme: "sleeps", stillClocks: true },
  { without: "windows' own ids", what: "windows share a request", theme: "any", lua: editedEngine([namingWindowsByTime]) },
];
