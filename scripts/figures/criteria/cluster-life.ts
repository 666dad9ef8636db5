import { holdersOf, idOf, isLive, membersOf, type Shown } from "../../../test/support/checker.ts";
import type { Delivery, Taken } from "../../../test/support/faults/load.ts";
import { alertOf } from "../../../test/support/sender.ts";
import type { Decision, Storm } from "./rates.ts";

/** How quickly things happen, in ms. */
export interface Pace {
  /** How often a sender tells again what still fires. */
  readonly repeatEveryMs: number;
  readonly loneEveryMs: number;
  readonly stormEveryMs: number;
  readonly eventEveryMs: number;
  /** How long the alerts of a storm take to come. */
  readonly stormWithinMs: number;
  readonly loneLifeMs: number;
  /** Whoever remediates is done with a lone request after so long; what goes on firing then asks for the next. */
  readonly endsAfterMs: number;
  /** How often they look. */
  readonly tidyEveryMs: number;
}

/** As in production. */
export const PACE: Pace = {
  repeatEveryMs: 60_000,
  loneEveryMs: 3_000,
  stormEveryMs: 30_000,
  eventEveryMs: 10_000,
  stormWithinMs: 10_000,
  loneLifeMs: 240_000,
  endsAfterMs: 90_000,
  tidyEveryMs: 5_000,
};

/** Most alerts in one webhook. */
const WEBHOOK_MAX = 20;
/** From the end of a request until everybody knows of it. */
const KNOWN_AFTER_MS = 2_000;

const SIZES = [2, 5, 10, 50, 100];

/** Groups of this name are storms from two alerts on, by a rule. */
export const PAIR_RULE = '{"priority":1,"match":{"alertname":"Pair*"},"threshold":2}';

/** Something that is wrong in the cluster, and the alert about it. */
interface Problem {
  readonly labels: { readonly namespace: string; readonly alertname: string; readonly pod: string };
  readonly group: string;
  readonly event: boolean;
  readonly resolvedAtMs: number;
  nextMs: number;
  sendings: number;
  fingerprint: string;
  /** Of the first sending. */
  firstSentAt: number;
  /** Its request stands, or is on its way. */
  isKnown: boolean;
  /** When it last asked for a request. */
  askedMs: number;
  /** Since when somebody is ending its request. */
  endingMs: number | null;
}

interface Group {
  readonly size: number;
  openers: number;
  passed: number;
}

const namespaceOf = (n: number, namespaces: readonly string[]): string => namespaces[n % namespaces.length] as string;

/** What the lone alert of a number says. */
export const loneLabels = (n: number, namespaces: readonly string[]) => ({
  namespace: namespaceOf(n, namespaces),
  alertname: `Lone${n}`,
  pod: `lone-${n}`,
});

/** Alerts and requests of a cluster as its senders and whoever remediates see them; times by performance.now(). */
export class ClusterLife {
  readonly decisions: Decision[] = [];
  /** Alerts that came for the first time, and those of them that no window took, as those were full or the ledger was away. */
  readonly fresh = { alerts: 0, passed: 0 };
  #problems: Problem[] = [];
  readonly #byFingerprint = new Map<string, Problem>();
  readonly #groups = new Map<string, Group>();
  #next = { lone: 0, storm: 0, event: 0 };
  #made = { lone: 0, storm: 0, event: 0 };
  readonly #namespaces: readonly string[];
  readonly #pace: Pace;
  readonly #endMs: number;

  /** `endMs`: nothing new begins from then on. */
  constructor(namespaces: readonly string[], pace: Pace, startMs: number, endMs: number) {
    this.#namespaces = namespaces;
    this.#pace = pace;
    this.#endMs = endMs;
    this.#next = { lone: startMs, storm: startMs, event: startMs };
  }

  /** What is to be sent now. */
  due(nowMs: number): { readonly delivery: Delivery; readonly problems: readonly Problem[] }[] {
    this.#begin(nowMs);
    const due = this.#problems.filter(({ nextMs }) => nextMs <= nowMs);
    this.#problems = this.#problems.filter(({ resolvedAtMs, nextMs }) => nextMs > nowMs || nowMs < resolvedAtMs);
    const webhooks = [...Map.groupBy(due, ({ group, event }) => `${event} ${group}`).values()].flatMap(inParts);
    return webhooks.map((problems) => this.#delivery(problems, nowMs));
  }

  /** What became of a delivery. */
  learn({ results, sentMs }: Taken, problems: readonly Problem[]): void {
    for (const [at, problem] of problems.entries()) {
      const result = results[at];
      if (!result || ["resolved", "cancelled", "ignored"].includes(result.outcome)) continue;
      const { endingMs } = problem;
      const isOver = endingMs !== null && sentMs > endingMs + KNOWN_AFTER_MS;
      const isUnclear = endingMs !== null && !isOver;
      const truth = isUnclear ? null : problem.isKnown && !isOver ? "repeat" : "new";
      this.decisions.push({ outcome: result.outcome, rung: result.rung, truth });
      if (truth === "new") Object.assign(problem, { endingMs: null, askedMs: sentMs });
      problem.isKnown = true;
      problem.fingerprint = result.fingerprint;
      this.#byFingerprint.set(result.fingerprint, problem);
      if (problem.sendings > 1) continue;
      const isPast = result.rung === "direct" || ["buffer-full", "window-full"].includes(result.reason);
      this.fresh.alerts += 1;
      if (isPast) this.fresh.passed += 1;
      const group = this.#groups.get(problem.group);
      if (group && result.reason === "window-opened") group.openers += 1;
      else if (group && isPast) group.passed += 1;
    }
  }

  /** Requests that whoever remediates is done with now. */
  done(objects: readonly Shown[], nowMs: number): Shown[] {
    return objects.filter((object) => {
      const problem = this.#byFingerprint.get(object.spec.signalFingerprint);
      if (!problem || object.spec.isStorm || !isLive(object) || problem.endingMs !== null) return false;
      return nowMs - problem.askedMs >= this.#pace.endsAfterMs && problem.nextMs < problem.resolvedAtMs;
    });
  }

  ending({ spec }: Shown, nowMs: number): void {
    const problem = this.#byFingerprint.get(spec.signalFingerprint);
    if (problem) problem.endingMs = nowMs;
  }

  /** How storms came out, and how long each problem waited for its first request, by what Kubernetes holds in the end. `wallMs`: of performance.now() 0. */
  outcome(objects: readonly Shown[], wallMs: number): { readonly storms: Storm[]; readonly firstRequestsS: number[] } {
    const holders = holdersOf(objects);
    const heldBy = ({ fingerprint }: Problem) => holders.get(idOf(fingerprint)) ?? [];
    const all = [...this.#byFingerprint.values()];
    const firstRequestsS = all.map((problem) => {
      const made = heldBy(problem).map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ""));
      // What joins a storm has its request before it is there.
      return Math.max(0, (Math.min(...made) - wallMs - problem.firstSentAt) / 1_000);
    });
    const storms = [...this.#groups].map(([name, { size, openers, passed }]): Storm => {
      const made = [...new Set(all.filter(({ group }) => group === name).flatMap(heldBy))];
      const aggregated = Math.max(0, ...made.filter(({ spec }) => spec.isStorm).map((object) => membersOf(object).size));
      const expired = made.some(({ metadata }) => metadata.labels?.["breakwater.dev/buffered"] === "true");
      return { members: size, objects: made.length, aggregated, openers, passed, expired };
    });
    return { storms, firstRequestsS };
  }

  #begin(nowMs: number): void {
    if (nowMs >= this.#endMs) return;
    for (; this.#next.lone <= nowMs; this.#next.lone += this.#pace.loneEveryMs) this.#lone(nowMs);
    for (; this.#next.event <= nowMs; this.#next.event += this.#pace.eventEveryMs) this.#event(nowMs);
    for (; this.#next.storm <= nowMs; this.#next.storm += this.#pace.stormEveryMs) this.#storm(nowMs);
  }

  #lone(nowMs: number): void {
    const n = this.#made.lone++;
    const { alertname, pod } = loneLabels(n, this.#namespaces);
    this.#add(n, alertname, pod, { nextMs: nowMs, resolvedAtMs: nowMs + this.#pace.loneLifeMs, event: false });
  }

  #event(nowMs: number): void {
    const n = this.#made.event++;
    this.#add(n, `Event${n}`, `event-${n}`, { nextMs: nowMs, resolvedAtMs: Number.POSITIVE_INFINITY, event: true });
  }

  #storm(nowMs: number): void {
    const n = this.#made.storm++;
    const size = SIZES[n % SIZES.length] as number;
    const alertname = size === 2 ? `Pair${n}` : `Storm${n}`;
    for (let at = 0; at < size; at += 1) {
      const nextMs = nowMs + (this.#pace.stormWithinMs * at) / size;
      const group = this.#add(n, alertname, `member-${n}-${at}`, { nextMs, resolvedAtMs: Number.POSITIVE_INFINITY, event: false });
      if (at === 0) this.#groups.set(group, { size, openers: 0, passed: 0 });
    }
  }

  #add(n: number, alertname: string, pod: string, timing: Pick<Problem, "nextMs" | "resolvedAtMs" | "event">): string {
    const namespace = namespaceOf(n, this.#namespaces);
    const group = `${namespace} ${alertname}`;
    const fresh = { sendings: 0, fingerprint: "", firstSentAt: 0, isKnown: false, askedMs: 0, endingMs: null };
    this.#problems.push({ labels: { namespace, alertname, pod }, group, ...timing, ...fresh });
    return group;
  }

  #delivery(problems: readonly Problem[], nowMs: number) {
    const [{ group, event }] = problems as [Problem];
    for (const problem of problems) {
      if (problem.sendings === 0) problem.firstSentAt = nowMs;
      problem.sendings += 1;
      problem.nextMs = nowMs + this.#pace.repeatEveryMs;
    }
    const alerts = problems.map((problem) =>
      event ? eventOf(problem) : alertOf(problem.labels, nowMs < problem.resolvedAtMs ? "firing" : "resolved"),
    );
    const key = `${group}-${problems.map(({ labels, sendings }) => `${labels.pod}.${sendings}`).join()}`.replaceAll(" ", "-").slice(0, 200);
    return { delivery: { key, alerts, ...(event && { path: "kubernetes-event" as const }) }, problems };
  }
}

const inParts = (problems: readonly Problem[]): Problem[][] =>
  Array.from({ length: Math.ceil(problems.length / WEBHOOK_MAX) }, (_, n) => problems.slice(n * WEBHOOK_MAX, (n + 1) * WEBHOOK_MAX));

/** It has occurred once more each time it is sent. */
const eventOf = ({ labels: { namespace, alertname, pod }, sendings }: Problem) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: pod, namespace, uid: `${namespace}-${pod}` },
  type: "Warning",
  reason: alertname,
  message: "Back-off restarting failed container",
  count: sendings,
  firstTimestamp: "2026-01-15T09:30:00Z",
  lastTimestamp: new Date().toISOString(),
  involvedObject: { apiVersion: "v1", kind: "Pod", name: pod, namespace },
});
