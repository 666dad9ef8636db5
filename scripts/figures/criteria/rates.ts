import { type Figure, percentile } from "../figure.ts";

/** A firing alert that was answered 2xx. */
export interface Decision {
  readonly outcome: string;
  readonly rung: string;
  /** By who sends and who remediates: `repeat` while its request waits to be made or is live, `new` otherwise, null where nobody can tell for sure. */
  readonly truth: "repeat" | "new" | null;
}

/** A group of alerts that make one storm by its sender's lights. */
export interface Storm {
  readonly members: number;
  /** RemediationRequests that were made for its members. */
  readonly objects: number;
  /** Members that its largest object holds. */
  readonly aggregated: number;
  /** Members that found no window of their group open. */
  readonly openers: number;
  /** Members that passed its windows by, as those were full or the ledger was away. */
  readonly passed: number;
  /** One of its windows ended below the threshold. */
  readonly expired: boolean;
}

/** What a run has seen, summed over all of it. */
export interface Seen {
  readonly decisions: readonly Decision[];
  /** Alerts that came for the first time, each of which is to wait for others, and those of them that no window took. */
  readonly fresh: { readonly alerts: number; readonly passed: number };
  readonly answersMs: readonly number[];
  readonly storms: readonly Storm[];
  /** From the first sending of an alert to the creation of its request. */
  readonly firstRequestsS: readonly number[];
  /** Webhooks, and those that were sent while a breaker was open somewhere. */
  readonly webhooks: number;
  readonly webhooksWithBreaker: number;
  /** Counters of gateways, and of proxies. */
  readonly created: number;
  readonly collisions: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly updates: number;
  readonly updatesGivenUp: number;
  /** Requests to Kubernetes, and those of them that looked at a request because its state was not known. */
  readonly kubernetesRequests: number;
  readonly kubernetesLooks: number;
}

const share = (part: number, whole: number): number => (100 * part) / whole;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Outcomes of an alert that is counted where its request already is, or is about to be. */
const KNOWN = new Set(["duplicate", "buffered", "appended", "aggregated"]);
const NEW = new Set(["created", "accepted", "buffered", "appended", "aggregated"]);

const isRight = ({ truth, outcome }: Decision): boolean => (truth === "repeat" ? KNOWN : NEW).has(outcome);
const isFallback = ({ rung }: Decision): boolean => rung === "time" || rung === "direct";

/** The success criteria of the requirements, each with its bar: deduplication by state (DD-GATEWAY-009), then storms (DD-GATEWAY-008). */
export function criteria(seen: Seen): Figure[] {
  const { decisions, storms } = seen;
  const judged = decisions.filter(({ truth }) => truth !== null);
  const members = sum(storms.map((storm) => storm.members));
  const percent = (name: string, value: number, bar: Figure["bar"]): Figure => ({ name, value, unit: "%", ...(bar && { bar }) });
  const otherRequests = seen.kubernetesRequests - seen.kubernetesLooks;
  return [
    percent("deduplication-accuracy", share(judged.filter(isRight).length, judged.length), { atLeast: 95 }),
    percent("collisions", share(seen.collisions, seen.created), { atMost: 1 }),
    percent("more-kubernetes-requests", share(seen.kubernetesLooks, otherRequests), { atMost: 10 }),
    percent("state-cache-hits", share(seen.cacheHits, seen.cacheHits + seen.cacheMisses), { atLeast: 95 }),
    { name: "answer-p95", value: percentile(seen.answersMs, 0.95), unit: "ms", bar: { atMost: 50 } },
    percent("status-updates-that-work", share(seen.updates, seen.updates + seen.updatesGivenUp), { atLeast: 99 }),
    percent("decided-by-fallback", share(decisions.filter(isFallback).length, decisions.length), { atMost: 5 }),
    percent("cost-reduction", 100 - share(sum(storms.map(({ objects }) => objects)), members), { atLeast: 90 }),
    percent("aggregation", share(sum(storms.map(({ aggregated }) => aggregated)), members), { atLeast: 95 }),
    percent("buffer-hits", 100 - share(sum(storms.map(({ openers, passed }) => openers + passed)), members), { atLeast: 90 }),
    { name: "first-request-p95", value: percentile(seen.firstRequestsS, 0.95), unit: "s", bar: { atMost: 60 } },
    percent("new-alerts-that-passed-the-buffer", share(seen.fresh.passed, seen.fresh.alerts), { atMost: 5 }),
    percent("storms-with-an-expired-window", share(storms.filter(({ expired }) => expired).length, storms.length), { atMost: 10 }),
    percent("webhooks-beside-an-open-breaker", share(seen.webhooksWithBreaker, seen.webhooks), { atMost: 5 }),
  ];
}
