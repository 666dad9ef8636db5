import type { Clock } from "../../ports/clock.ts";
import { type AdmitCall, COUNTERS, type Fact, LETTER_KINDS, type Ledger, type LedgerRules, type Settlement } from "../../ports/ledger.ts";
import {
  type Args,
  alertArgs,
  asideArgs,
  bodyArgs,
  deliveryArgs,
  entryOf,
  factArgs,
  progressOf,
  ruleArgs,
  settlementArgs,
  sourceArgs,
  strayArgs,
  windowArgs,
} from "./args.ts";
import type { Redis } from "./client.ts";
import {
  admitScript,
  countersScript,
  dueScript,
  factScript,
  foreseeScript,
  heartbeatScript,
  leaseScript,
  recallScript,
  settleScript,
  surveyScript,
} from "./commands.ts";
import { createFlagStore, parseSights, rememberedArgs, shareArgs } from "./flag-store.ts";
import { groupKeys, groupsOf, recordKey } from "./groups.ts";
import { keysOf } from "./keys.ts";
import { createLetterStore } from "./letter-store.ts";
import { parseCount, parseIntent, parseMs, parseOccurrences, parseRemembered, parseSurvey, parseVerdict } from "./replies.ts";
import type { ScriptClient } from "./script.ts";
import { createWindowStore, recountBuffered } from "./window-store.ts";

export interface LedgerClient extends ScriptClient {
  /** For what must be safe before a sender hears of it, where that takes more than `redis`. */
  readonly durable?: Redis;
}

export interface RedisLedgerOptions {
  readonly cluster: string;
  readonly rules: LedgerRules;
  readonly clock: Clock;
  /** The clock decides instead of the server's: for tests, where time is an argument. */
  readonly virtualTime?: boolean;
}

/** The ledger of one cluster in a Redis. Each method is one script call, but those that act on what an index names, which read it first. */
export function createRedisLedger(client: LedgerClient, { cluster, rules, clock, virtualTime = false }: RedisLedgerOptions): Ledger {
  const keys = keysOf(cluster);
  const times = (): Args => [virtualTime ? clock.now() : "", clock.now()];
  const shared = [
    ...[
      keys.intents,
      keys.intentsOf,
      keys.counts,
      keys.sealed,
      keys.counters,
      keys.intentsSince,
      keys.windows,
      keys.buffered,
      keys.letters,
      ...[keys.intentTurns, keys.intentsServed, keys.countTurns, keys.countsServed],
      ...[keys.invalidLetters, keys.flags, keys.canary],
    ],
  ];
  const factKey = (fact: Fact) => recordKey(keys, fact.kind === "held" ? fact.fingerprint : fact.subject);
  const groupsFor = ({ alerts, facts }: AdmitCall) =>
    groupKeys(keys, [...alerts.map(({ group }) => group), ...groupsOf(facts.map(({ subject }) => subject))]);
  const admitKeys = (call: AdmitCall): string[] => [
    ...[...shared, keys.seen, keys.seenAt, keys.sessions, keys.rates, ...groupsFor(call).keys],
    ...call.alerts.map(({ kind, fingerprint }) => (kind === "invalid" ? keys.invalidLetters : keys.episode(fingerprint))),
    ...call.facts.map(factKey),
  ];
  const admitArgs = async (call: AdmitCall): Promise<Args> => {
    const { ids } = groupsFor(call);
    const alerts = (await Promise.all(call.alerts.map((alert) => alertArgs(alert, call.delivery, cluster)))).flat();
    return [
      ...[...times(), call.operation, call.source, ...ruleArgs(rules), call.alerts.length, call.facts.length],
      ...[...asideArgs(call), ...windowArgs(rules), ids.length, ...deliveryArgs(call), ...sourceArgs(rules, call)],
      ...[...bodyArgs(call.delivery, call.body), rules.shares["storm-buffering"]],
      ...[...ids, ...alerts, ...call.facts.flatMap(factArgs), ...strayArgs(call)],
    ];
  };
  return {
    ...createWindowStore({ client, keys, shared, times }),
    ...createFlagStore({ client, shared, times, shares: rules.shares }),
    ...createLetterStore({ client, keys, shared, times, intentsMax: rules.intentsMax }),
    async admit(call) {
      const verdicts = await admitScript({ ...client, redis: client.durable ?? client.redis }, admitKeys(call), await admitArgs(call));
      return verdicts.map(parseVerdict);
    },
    async foresee(call) {
      return (await foreseeScript(client, admitKeys(call), await admitArgs(call))).map(parseVerdict);
    },
    async recall(delivery, alerts, body) {
      if (alerts.length === 0) return [];
      const entries = await Promise.all(alerts.map((alert) => entryOf(alert, delivery)));
      const named = [progressOf(delivery), ...bodyArgs(delivery, body)];
      const answers = await recallScript(client, [keys.seen], [...times(), rules.deliveryTtlMs, ...named, ...entries]);
      return answers.map(parseRemembered);
    },
    async fact(facts) {
      if (facts.length === 0) return [];
      const groups = groupKeys(keys, groupsOf(facts.map(({ subject }) => subject)));
      const outcomes = await factScript(
        client,
        [...shared, ...groups.keys, ...facts.map(factKey)],
        [...times(), rules.leaseMs, facts.length, groups.ids.length, ...groups.ids, ...facts.flatMap(factArgs)],
      );
      return outcomes.map(([kind, occurrences]) => ({ kind, occurrences: parseOccurrences(occurrences) }));
    },
    async lease(limit, overrides = [], troubled = false) {
      const judging = [rules.voteMs, troubled ? 1 : 0];
      const told = [...times(), limit, ...shareArgs(rules.shares), ...rememberedArgs(overrides), ...judging];
      const [turns, markTurns, oldest, oldestMarks, sweep, next, recount, sights, turnedOff] = await dueScript(client, shared, told);
      const flags = parseSights(sights, rules.shares);
      const rolledBack = turnedOff.map(([feature, rule]) => ({ feature, rule }));
      if (recount.length > 0) {
        // Once an hour, in place of the second call: a run may make no more.
        await recountBuffered({ client, keys, shared, times }, recount);
        return { intents: [], counts: [], sweepDue: sweep === "1", nextInMs: 0, flags, rolledBack };
      }
      const [subjects, marks] = [
        [...turns, ...oldest],
        [...markTurns, ...oldestMarks],
      ];
      const sweepDue = sweep === "1";
      const known = { flags, rolledBack };
      if (subjects.length + marks.length === 0) return { intents: [], counts: [], sweepDue, nextInMs: parseMs(next), ...known };
      const named = [...subjects, ...marks.map(subjectOf)];
      const groups = groupKeys(keys, groupsOf(named));
      const [intents, counts, nextInMs] = await leaseScript(
        client,
        [...shared, ...groups.keys, ...named.map((subject) => recordKey(keys, subject))],
        [
          ...[...times(), rules.leaseMs, subjects.length, marks.length, groups.ids.length, oldest.length, oldestMarks.length],
          ...[...groups.ids, ...subjects, ...marks],
        ],
      );
      return { intents: intents.map(parseIntent), counts: counts.map(parseCount), sweepDue, nextInMs: parseMs(nextInMs), ...known };
    },
    async settle(settlements) {
      if (settlements.length === 0) return;
      const subjects = settlements.map(settledSubject);
      const groups = groupKeys(keys, groupsOf(subjects));
      await settleScript(
        client,
        [...shared, ...groups.keys, ...subjects.map((subject) => recordKey(keys, subject))],
        [...times(), settlements.length, groups.ids.length, ...groups.ids, ...settlements.flatMap(settlementArgs)],
      );
    },
    async heartbeat(session) {
      await heartbeatScript(client, [keys.sessions, keys.counters], [...times(), session]);
    },
    async counters() {
      const values = await countersScript(client, [keys.counters], [...COUNTERS]);
      return Object.fromEntries(COUNTERS.map((name, index) => [name, Number(values[index] ?? 0)])) as Awaited<
        ReturnType<Ledger["counters"]>
      >;
    },
    async survey() {
      const reply = await surveyScript(client, shared, [...times(), ...shareArgs(rules.shares), ...LETTER_KINDS]);
      return parseSurvey(reply, rules.bufferedMax);
    },
  };
}

/** A mark is subject|intent. */
const subjectOf = (mark: string): string => mark.slice(0, mark.indexOf("|"));

const settledSubject = (settlement: Settlement): string => ("mark" in settlement ? subjectOf(settlement.mark) : settlement.subject);
