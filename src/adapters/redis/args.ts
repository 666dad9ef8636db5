import { placesOf } from "../../domain/feature.ts";
import { sha256Hex } from "../../domain/sha256.ts";
import { sumBeside } from "../../domain/slots.ts";
import { isUnreachable, type Trouble } from "../../domain/trouble.ts";
import type { Urgency } from "../../domain/urgency.ts";
import type { AdmitAlert, AdmitCall, Fact, LedgerRules, Settlement, Shown } from "../../ports/ledger.ts";
import { urgencyNumber } from "./urgency-number.ts";

export type Args = (string | number)[];

/** ARGV 5 to 10 of admit. */
export const ruleArgs = (rules: LedgerRules): Args => [
  rules.shares["state-based-dedup"],
  rules.stateTtlMs,
  rules.fallbackTtlMs,
  rules.deliveryTtlMs,
  rules.leaseMs,
  rules.intentsMax,
];

/** ARGV 19 to 22 of admit. */
export const windowArgs = ({ windowMaxMs, windowAlertsMax, bufferedMax }: LedgerRules): Args => [
  windowMaxMs,
  windowAlertsMax,
  bufferedMax.perNamespace,
  bufferedMax.total,
];

/** ARGV 13 to 18 of admit. */
export function asideArgs({ aside, delivery }: AdmitCall): Args {
  if (!aside) return ["", 0, 0, 0, 0, 0];
  const { ignoredAlerts, truncatedAlerts, unknownSeverities, unreadableTimes, watchdog } = aside;
  return [`${delivery}:aside`, ignoredAlerts, truncatedAlerts, unknownSeverities, unreadableTimes, watchdog ? 1 : 0];
}

/** How far a delivery is: its own entry among those of its alerts. */
export const progressOf = (delivery: string): string => `${delivery}:progress`;

/** ARGV 31 and 32 of admit: what a delivery's key is bound to has an entry of its own as well. */
export const bodyArgs = (delivery: string, body: string | null): Args => (body === null ? ["", ""] : [`${delivery}:body`, body]);

/** ARGV 24 and 25 of admit. */
export const deliveryArgs = ({ delivery, more }: AdmitCall): Args => [progressOf(delivery), more ? 1 : 0];

/** ARGV 26 to 30 of admit. */
export const sourceArgs = ({ intentsMax, bufferedMax }: LedgerRules, { terms }: AdmitCall): Args => {
  const part = terms ? 1 / terms.sources : 1;
  const rate = terms?.rate;
  return [
    ...[Math.ceil(intentsMax * part), Math.ceil(bufferedMax.total * part)],
    ...(rate ? [rate.alerts, rate.perMinute, rate.holds] : ["", "", ""]),
  ];
};

/** What admit is told last. */
export const strayArgs = ({ strays }: AdmitCall): Args =>
  strays
    ? [`strays:${strays.id}`, strays.outcomes.length, ...strays.outcomes.flatMap(({ source, outcome, count }) => [source, outcome, count])]
    : ["", 0];

/** What admit is told of an alert. */
export async function alertArgs(alert: AdmitAlert, delivery: string, cluster: string): Promise<Args> {
  return [
    alert.kind,
    alert.fingerprint,
    await entryOf(alert, delivery),
    `${delivery}:${alert.fingerprint.slice(0, 24)}`,
    alert.instance,
    alert.startsAtMs,
    alert.namespace,
    alert.shared ? 1 : 0,
    alert.event?.uid ?? "",
    alert.event?.count ?? "",
    alert.invalid?.reason ?? "",
    alert.unreachable ? 1 : 0,
    alert.invalid?.payload ?? (alert.draft ? JSON.stringify(alert.draft) : ""),
    alert.group,
    alert.target,
    ...windowRulesArgs(alert),
    alert.invalid?.signalType ?? "",
    alert.rule,
    urgencyNumber(alert.draft?.spec),
    alert.event?.lastMs ?? "",
    ...placesOf(cluster, alert.namespace),
  ];
}

const windowRulesArgs = ({ windowRules: rules, draft }: AdmitAlert): Args => [
  ...(rules ? [rules.threshold, rules.firstRequestMs, rules.joinMs] : ["", "", ""]),
  draft?.spec.signalName ?? "",
];

/** Half of a SHA-256 is enough to tell the alerts of one delivery apart, and keeps half a million entries small. */
export async function entryOf({ identity }: Pick<AdmitAlert, "identity">, delivery: string): Promise<string> {
  return `${delivery}:${(await sha256Hex(identity)).slice(0, 32)}`;
}

/** Fields of a fact that most kinds leave empty. */
interface FactFields {
  readonly intent?: string;
  readonly outcome?: string;
  readonly others?: number;
  readonly former?: string;
  readonly shown?: Shown | null;
  readonly agoMs?: number | null;
  readonly adopted?: { readonly openedAtMs: number; readonly members: number } | null;
  readonly fingerprint?: string;
  readonly urgency?: Urgency | null;
  readonly requests?: number | undefined;
}

/** What a script is told of a fact. */
export function factArgs(fact: Fact): Args {
  switch (fact.kind) {
    case "gone":
      return toArgs(fact, ["", "", fact.uid, "", "", "", fact.session ?? ""], { agoMs: fact.agoMs, requests: fact.requests });
    case "moved":
      return toArgs(fact, objectArgs(fact), { intent: fact.state.intent ?? "", former: fact.uid, urgency: fact.state.urgency });
    case "held":
      return toArgs(fact, objectArgs(fact), { intent: fact.intent, fingerprint: fact.fingerprint, urgency: fact.state.urgency });
    case "ensured": {
      const { intent, outcome, otherOccurrences: others, takenBack, adopted, agoMs, state, requests } = fact;
      const { urgency } = state;
      return toArgs(fact, objectArgs(fact), { intent, outcome, others, former: takenBack.join(","), adopted, agoMs, urgency, requests });
    }
    case "seen": {
      const { shown, agoMs, state, requests } = fact;
      const [intent, { urgency }] = [state.intent ?? "", state];
      return toArgs(fact, objectArgs(fact), { intent, others: sumBeside(shown?.slots ?? {}, intent), shown, agoMs, urgency, requests });
    }
  }
}

function objectArgs({ state }: Exclude<Fact, { kind: "gone" }>): Args {
  const { namespace, name, uid, resourceVersion, ended, endedAtMs, session } = state;
  return [namespace, name, uid, resourceVersion, ended ? 1 : 0, endedAtMs ?? "", session ?? ""];
}

function toArgs({ kind, subject }: Fact, object: Args, fields: FactFields): Args {
  const { intent = "", outcome = "", others = 0, former = "", shown = null, agoMs, adopted, fingerprint = "", urgency, requests } = fields;
  return [
    ...[kind, subject, intent, outcome, ...object.slice(0, 6), others, ...object.slice(6), former],
    ...[shownText(shown), shown?.resolvedAtMs ?? "", agoMs ?? "", shown?.members ?? 0],
    ...[adopted?.openedAtMs ?? "", adopted?.members ?? "", fingerprint],
    urgency ? urgencyNumber(urgency) : "",
    requests ?? "",
  ];
}

/** `slot=count,…`; `-`: not looked at. */
const shownText = (shown: Shown | null): string =>
  shown
    ? Object.entries(shown.slots)
        .map(([slot, count]) => `${slot}=${count}`)
        .join(",")
    : "-";

/** What settle is told. */
export function settlementArgs(settlement: Settlement): Args {
  switch (settlement.kind) {
    case "recorded": {
      const { mark, count, resolvedAtMs, resourceVersion, storm } = settlement;
      const listed = storm ? [storm.through, storm.members, storm.closed ? 1 : 0] : ["", "", 0];
      return ["recorded", mark, count, resolvedAtMs ?? "", resourceVersion, ...listed, 0];
    }
    case "lost":
    case "count-refused":
      return [settlement.kind, settlement.mark, "", "", "", "", "", 0, 0];
    case "intent-failed":
    case "intent-dead": {
      const { kind, subject, intent, afterMs, reason } = settlement;
      return [kind, subject, intent, afterMs, reason, "", "", 0, blameArg(settlement)];
    }
    case "storm-refused":
      return ["storm-refused", settlement.subject, settlement.intent, 0, settlement.reason, "", "", 0, 0];
    case "count-failed":
      return ["count-failed", settlement.mark, "", settlement.afterMs, "", "", "", 0, blameArg(settlement)];
  }
}

/** Whose fault it is that something failed. */
const blameArg = (settlement: { readonly namespaceRefused?: boolean; readonly unanswered?: boolean; readonly reason?: Trouble }) =>
  settlement.unanswered || isUnreachable(settlement.reason ?? "other") ? "unanswered" : settlement.namespaceRefused ? 1 : 0;
