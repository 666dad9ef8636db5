import type { Result } from "../domain/outcome.ts";
import { bucketSamples } from "./buckets.ts";
import { createCounter } from "./counter.ts";
import { familyText, type Heading } from "./family-text.ts";

/** Upper bounds in seconds: around the 50 ms that a repeat may take, up to the 10 s within which everything is answered. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export const OWN_HEADINGS = {
  durations: { name: "gateway_request_duration_seconds", help: "Time this process took to answer payloads of alerts.", type: "histogram" },
  answers: { name: "gateway_answers_total", help: "Answers of this process to payloads of alerts.", type: "counter" },
  refusals: { name: "gateway_payloads_refused_total", help: "Payloads of which this process took nothing.", type: "counter" },
  direct: { name: "gateway_direct_alerts_total", help: "Alerts that this process decided without the ledger.", type: "counter" },
} as const satisfies Readonly<Record<string, Heading>>;

/** How a payload was answered. */
export interface Answered {
  /** `unknown`: no token proved whose it was. */
  readonly source: string;
  readonly status: number;
  /** The code of the problem that it was answered with; null: it was taken. */
  readonly refusal: string | null;
  readonly seconds: number;
}

/** What a gateway's process counts for itself. */
export interface OwnMetrics {
  answered(answer: Answered): void;
  /** Alerts of a cluster that were decided without its ledger; null: one that could not be decided. */
  decided(cluster: string, results: readonly (Result | null)[]): void;
  /** In Prometheus' text format. */
  text(): string;
}

/**
 * Begins empty. Unlike all that a ledger counts, this is each process' own: it says nothing of the others, is there when the ledger is not, and costs it
 * nothing. Prometheus adds processes up. An isolate of a Worker, which nobody can scrape, has none: it has its log.
 */
export function createOwnMetrics(): OwnMetrics {
  const { answers, refusals, direct, durations } = OWN_HEADINGS;
  const counters = { answers: createCounter(answers), refusals: createCounter(refusals), direct: createCounter(direct) };
  const counts = [...BOUNDS, 0].map(() => 0);
  let sum = 0;
  return {
    answered({ source, status, refusal, seconds }) {
      counters.answers.note({ source, status: String(status) });
      if (refusal !== null) counters.refusals.note({ source, reason: refusal });
      const bound = BOUNDS.findIndex((most) => seconds <= most);
      const at = bound < 0 ? BOUNDS.length : bound;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += seconds;
    },
    decided(cluster, results) {
      for (const result of results) if (result) counters.direct.note({ cluster, outcome: result.outcome });
    },
    text: () =>
      Object.values(counters)
        .map((counter) => counter.text())
        .join("") + familyText(durations, bucketSamples({}, BOUNDS, { counts, sum })),
  };
}
