import { sha256Hex } from "../../domain/sha256.ts";
import { sumBeside } from "../../domain/slots.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  type AdmitAlert,
  type AdmitCall,
  COUNTERS,
  type Fact,
  type Ledger,
  type LedgerRules,
  type Settlement,
  type Shown,
} from "../../ports/ledger.ts";
import { type Keys, keysOf } from "./keys.ts";
import { parseCount, parseGlimpse, parseIntent, parseLetter, parseMs, parseSurvey, parseVerdict } from "./replies.ts";
import type { ScriptClient } from "./script.ts";
import { admitScript } from "./scripts/admit.ts";
import { dueScript } from "./scripts/due.ts";
import { factScript } from "./scripts/fact.ts";
import { heartbeatScript } from "./scripts/heartbeat.ts";
import { leaseScript } from "./scripts/lease.ts";
import { countersScript, glimpseScript, listLettersScript, readLettersScript, surveyScript } from "./scripts/read.ts";
import { settleScript } from "./scripts/settle.ts";

type Args = (string | number)[];

export interface RedisLedgerOptions {
  readonly cluster: string;
  readonly rules: LedgerRules;
  readonly clock: Clock;
  /** The clock decides instead of the server's: for tests, where time is an argument. */
  readonly virtualTime?: boolean;
}

/** The ledger of one cluster in a Redis. Each method but `lease` and `deadLetters` is one script call. */
export function createRedisLedger(client: ScriptClient, { cluster, rules, clock, virtualTime = false }: RedisLedgerOptions): Ledger {
  const keys = keysOf(cluster);
  const times = (): Args => [virtualTime ? clock.now() : "", clock.now()];
  const shared = [keys.intents, keys.intentsOf, keys.counts, keys.sealed, keys.counters];
  return {
    async admit(call) {
      const alertKeys = call.alerts.map(({ kind, fingerprint }) =>
        kind === "invalid" ? keys.letter(fingerprint) : keys.episode(fingerprint),
      );
      const all = [
        ...shared,
        keys.seen,
        keys.seenAt,
        keys.letters,
        keys.lettersOf(call.source),
        keys.sessions,
        keys.intentsSince,
        ...alertKeys,
        ...factKeys(keys, call.facts),
      ];
      const entries = await Promise.all(call.alerts.map((alert) => entryOf(call.delivery, alert)));
      const alerts = call.alerts.flatMap((alert, index) => alertArgs(alert, entries[index] as string, call.delivery));
      const args = [...times(), call.operation, call.source, ...ruleArgs(rules), call.alerts.length, call.facts.length, ...asideArgs(call)];
      const verdicts = await admitScript(client, all, [...args, ...alerts, ...call.facts.flatMap(factArgs)]);
      return verdicts.map(parseVerdict);
    },
    async fact(facts) {
      if (facts.length === 0) return [];
      const outcomes = await factScript(
        client,
        [...shared, keys.intentsSince, ...factKeys(keys, facts)],
        [...times(), rules.leaseMs, facts.length, ...facts.flatMap(factArgs)],
      );
      return outcomes.map(([kind, occurrences]) => ({ kind, occurrences: Number(occurrences) }));
    },
    async lease(limit) {
      const [fingerprints, marks, next] = await dueScript(client, [keys.intents, keys.counts], [...times(), limit]);
      if (fingerprints.length + marks.length === 0) return { intents: [], counts: [], nextInMs: parseMs(next) };
      const named = [...fingerprints, ...marks.map(fingerprintOf)].map(keys.episode);
      const args = [...times(), rules.leaseMs, fingerprints.length, marks.length, ...fingerprints, ...marks];
      const [intents, counts, nextInMs] = await leaseScript(
        client,
        [keys.intents, keys.counts, keys.sealed, keys.intentsSince, ...named],
        args,
      );
      return { intents: intents.map(parseIntent), counts: counts.map(parseCount), nextInMs: parseMs(nextInMs) };
    },
    async settle(settlements) {
      if (settlements.length === 0) return;
      const named = settlements.map((one) => keys.episode(one.kind === "intent-failed" ? one.fingerprint : fingerprintOf(one.mark)));
      await settleScript(client, [...shared, ...named], [...times(), settlements.length, ...settlements.flatMap(settlementArgs)]);
    },
    async heartbeat(session) {
      await heartbeatScript(client, [keys.sessions], [...times(), session]);
    },
    async glimpse(fingerprints) {
      if (fingerprints.length === 0) return [];
      return (await glimpseScript(client, fingerprints.map(keys.episode), [])).map(parseGlimpse);
    },
    async deadLetters(offset, limit) {
      const [total, ids] = await listLettersScript(client, [keys.letters], [...times(), offset, limit]);
      if (ids.length === 0) return { total: Number(total), letters: [] };
      const letters = await readLettersScript(client, ids.map(keys.letter), []);
      return { total: Number(total), letters: letters.flatMap((fields, index) => parseLetter(ids[index] as string, fields)) };
    },
    async counters() {
      const values = await countersScript(client, [keys.counters], [...COUNTERS]);
      return Object.fromEntries(COUNTERS.map((name, index) => [name, Number(values[index] ?? 0)])) as Awaited<
        ReturnType<Ledger["counters"]>
      >;
    },
    async survey() {
      return parseSurvey(await surveyScript(client, [keys.intents, keys.intentsSince, keys.letters, keys.counters], times()));
    },
  };
}

const fingerprintOf = (mark: string): string => mark.slice(0, mark.indexOf("|"));

const factKeys = (keys: Keys, facts: readonly Fact[]): string[] => facts.map(({ fingerprint }) => keys.episode(fingerprint));

const ruleArgs = (rules: LedgerRules): Args => [
  rules.stateBasedDedup ? 1 : 0,
  rules.stateTtlMs,
  rules.fallbackTtlMs,
  rules.deliveryTtlMs,
  rules.leaseMs,
  rules.intentsMax,
];

/** Half of a SHA-256 is enough to tell the alerts of one delivery apart, and keeps half a million entries small. */
async function entryOf(delivery: string, { identity }: AdmitAlert): Promise<string> {
  return `${delivery}:${(await sha256Hex(identity)).slice(0, 32)}`;
}

function asideArgs({ aside, delivery }: AdmitCall): Args {
  if (!aside) return ["", 0, 0, 0, 0];
  const { ignoredAlerts, truncatedAlerts, unknownSeverities, watchdog } = aside;
  return [`${delivery}:aside`, ignoredAlerts, truncatedAlerts, unknownSeverities, watchdog ? 1 : 0];
}

const alertArgs = (alert: AdmitAlert, entry: string, delivery: string): Args => [
  alert.kind,
  alert.fingerprint,
  entry,
  `${delivery}:${alert.fingerprint.slice(0, 24)}`,
  alert.instance,
  alert.startsAtMs,
  alert.namespace,
  alert.shared ? 1 : 0,
  alert.event?.uid ?? "",
  alert.event?.count ?? 0,
  alert.invalid?.reason ?? "",
  alert.unreachable ? 1 : 0,
  alert.invalid?.payload ?? (alert.draft ? JSON.stringify(alert.draft) : ""),
];

function factArgs(fact: Fact): Args {
  if (fact.kind === "gone")
    return ["gone", fact.fingerprint, "", "", "", "", fact.uid, "", "", "", "", fact.session ?? "", "", "", "", fact.agoMs ?? ""];
  const { namespace, name, uid, resourceVersion, ended, endedAtMs, session } = fact.state;
  const object = [namespace, name, uid, resourceVersion, ended ? 1 : 0, endedAtMs ?? ""];
  const made = fact.state.intent ?? "";
  switch (fact.kind) {
    case "ensured":
      return [
        "ensured",
        fact.fingerprint,
        fact.intent,
        fact.outcome,
        ...object,
        fact.otherOccurrences,
        session ?? "",
        fact.takenBack.join(","),
        "-",
        "",
        "",
      ];
    case "moved":
      return ["moved", fact.fingerprint, made, "", ...object, 0, session ?? "", fact.uid, "-", "", ""];
    case "seen":
      return [
        "seen",
        fact.fingerprint,
        made,
        "",
        ...object,
        sumBeside(fact.shown?.slots ?? {}, made),
        session ?? "",
        "",
        shownText(fact.shown),
        fact.shown?.resolvedAtMs ?? "",
        fact.agoMs ?? "",
      ];
  }
}

/** `slot=count,…`; `-`: not looked at. */
const shownText = (shown: Shown | null): string =>
  shown
    ? Object.entries(shown.slots)
        .map(([slot, count]) => `${slot}=${count}`)
        .join(",")
    : "-";

function settlementArgs(settlement: Settlement): Args {
  switch (settlement.kind) {
    case "recorded":
      return ["recorded", settlement.mark, settlement.count, settlement.resolvedAtMs ?? "", settlement.resourceVersion];
    case "lost":
      return ["lost", settlement.mark, "", "", ""];
    case "intent-failed":
      return ["intent-failed", settlement.fingerprint, settlement.intent, settlement.afterMs, ""];
    case "count-failed":
      return ["count-failed", settlement.mark, "", settlement.afterMs, ""];
  }
}
