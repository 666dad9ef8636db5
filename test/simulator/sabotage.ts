import { createKubernetesWriter, type KubernetesWriterOptions } from "../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import type { StoredRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import { stormName } from "../../src/domain/storm-draft.ts";
import type { AdmitCall, Fact, Ledger, LedgerRules, Verdict } from "../../src/ports/ledger.ts";
import type { Operation, RemediationWriter } from "../../src/ports/remediation-writer.ts";
import type { Theme } from "./plan.ts";

/** A mechanism taken out, by something put between a part and its callers. */
export interface Sabotage {
  readonly without: string;
  /** What goes wrong. */
  readonly what: string;
  readonly theme: Theme;
  readonly rules?: Partial<LedgerRules>;
  readonly ledger?: (ledger: Ledger, nowMs: () => number) => Ledger;
  readonly writer?: (options: KubernetesWriterOptions) => RemediationWriter;
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

/** Facts that a test lets through, the others dropped. */
const dropping = (ledger: Ledger, isDropped: (fact: Fact) => Promise<boolean> | boolean): Ledger => ({
  ...ledger,
  async fact(facts) {
    const outcomes = [];
    for (const fact of facts) {
      if (await isDropped(fact)) outcomes.push({ kind: "dropped" as const, occurrences: 0 });
      else outcomes.push(...(await ledger.fact([fact])));
    }
    return outcomes;
  },
});

const changing = (ledger: Ledger, change: (fact: Fact) => Fact): Ledger => ({
  ...ledger,
  admit: (call) => ledger.admit({ ...call, facts: call.facts.map(change) }),
  fact: (facts) => ledger.fact(facts.map(change)),
});

const isWatched = (fact: Fact): boolean => "agoMs" in fact && fact.agoMs !== null;

/** Pushes for an episode whose ensure has not answered say nothing; and what answers says all. */
const ignoringEarlyPushes = (ledger: Ledger): Ledger =>
  dropping(ledger, async (fact) => {
    if (!isWatched(fact)) return false;
    const [known] = await ledger.glimpse([{ fingerprint: fact.subject, group: "" }]);
    return known?.state === "pending";
  });

const SESSION = "any";

/** One session for ever: whoever beats vouches for everything. */
const withoutSessions = (ledger: Ledger): Ledger => {
  const always = changing(ledger, (fact) => {
    if (fact.kind === "gone") return { ...fact, session: SESSION };
    return { ...fact, state: { ...fact.state, session: SESSION } };
  });
  return { ...always, heartbeat: () => ledger.heartbeat(SESSION) };
};

/** A delivery that was seen is done with, whichever of its alerts had been decided. */
function rememberingDeliveries(ledger: Ledger): Ledger {
  const seen = new Map<string, string>();
  const decided = new Set<string>();
  const done: Verdict = {
    ...{ kind: "settled", outcome: "duplicate", request: null, occurrences: 1 },
    ...{ reason: "request-live", rung: "cache" },
  };
  return {
    ...ledger,
    async admit(call) {
      const first = seen.get(call.delivery) ?? call.operation;
      seen.set(call.delivery, first);
      const keyOf = ({ identity }: AdmitCall["alerts"][number]) => `${call.delivery}|${identity}`;
      const taken = call.alerts.filter((alert) => first === call.operation || decided.has(keyOf(alert)));
      const verdicts = await ledger.admit({ ...call, alerts: taken });
      taken.forEach((alert, at) => {
        const kind = verdicts[at]?.kind;
        if (kind === "settled" || kind === "ensure") decided.add(keyOf(alert));
      });
      return call.alerts.map((alert) => verdicts[taken.indexOf(alert)] ?? done);
    },
  };
}

const withoutInstances = (ledger: Ledger): Ledger => ({
  ...ledger,
  admit: (call) => ledger.admit({ ...call, alerts: call.alerts.map((alert) => ({ ...alert, instance: "a" })) }),
});

/** An end counts from when the ledger hears of it. */
const endingWhenHeard = (ledger: Ledger, nowMs: () => number): Ledger =>
  changing(ledger, (fact) => ("state" in fact && fact.state.ended ? { ...fact, state: { ...fact.state, endedAtMs: nowMs() } } : fact));

/** What a write of a count shows of a storm's end is told after the write is settled. */
function settlingFirst(ledger: Ledger): Ledger {
  let held: Fact[] = [];
  const isLate = (fact: Fact) => fact.kind === "seen" && fact.subject.length > 64 && fact.state.ended;
  return {
    ...dropping(ledger, (fact) => {
      if (isLate(fact)) held.push(fact);
      return isLate(fact);
    }),
    async settle(settlements) {
      await ledger.settle(settlements);
      const late = held;
      held = [];
      await ledger.fact(late);
    },
  };
}

const MINUTE_MS = 60_000;

/** Windows named by when they were opened. */
function namingWindowsByTime(ledger: Ledger, nowMs: () => number): Ledger {
  const named = (operation: string) =>
    operation.slice(-4) +
    Math.floor(nowMs() / MINUTE_MS)
      .toString(16)
      .padStart(28, "0");
  return { ...ledger, admit: (call) => ledger.admit({ ...call, operation: named(call.operation) }) };
}

/** Each mechanism taken out alone, what then goes wrong, and the histories that miss it soonest. */
export const SABOTAGES: readonly Sabotage[] = [
  { without: "ensure's look for its own intent", what: "one intent makes two objects", theme: "any", writer: forgettingIntents },
  { without: "ensure's second look", what: "two live requests stay", theme: "churn", writer: lookingOnce },
  { without: "a look behind the watch", what: "an alert is left to what has ended", theme: "any", writer: trustingTheWatch },
  { without: "pushes that bind before ensure answers", what: "an end is forgotten", theme: "haste", ledger: ignoringEarlyPushes },
  { without: "sessions", what: "a watch vouches for what it never saw", theme: "gaps", ledger: withoutSessions },
  { without: "a delivery memory per alert", what: "an alert is left out", theme: "any", ledger: rememberingDeliveries },
  { without: "instances", what: "one's resolve silences another", theme: "any", ledger: withoutInstances },
  { without: "ends on their own time", what: "an alert joins what is over", theme: "any", ledger: endingWhenHeard },
  { without: "facts before settlements", what: "a member is listed in vain", theme: "haste", ledger: settlingFirst },
  { without: "held members and adoption", what: "two requests hold one alert", theme: "any", writer: aloneWithItsWindow },
  { without: "windows' own ids", what: "windows share a request", theme: "any", ledger: namingWindowsByTime },
];
