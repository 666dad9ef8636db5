import { familyText, type Heading } from "./family-text.ts";

const HEADING: Heading = {
  name: "gateway_payloads_refused_total",
  help: "Payloads of which this process took nothing, as they went beyond a limit.",
  type: "counter",
};

/** Payloads that this process took nothing of, as they went beyond a limit. */
export interface Refusals {
  note(source: string, reason: string): void;
  /** A counter in Prometheus' text format. */
  text(): string;
}

/** Begins empty. Each process' own, as its bounds are, and no reason to call a ledger; an isolate of a Worker, which nobody can scrape, has its log. */
export function createRefusals(): Refusals {
  const counts = new Map<string, number>();
  return {
    note(source, reason) {
      const labels = `source="${source}",reason="${reason}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
    },
    text: () =>
      familyText(
        HEADING,
        [...counts].map(([labels, count]) => `${HEADING.name}{${labels}} ${count}`),
      ),
  };
}
