import { familyText, type Heading } from "./family-text.ts";

/** Upper bounds in seconds: around the 50 ms that a repeat may take, up to the 10 s within which everything is answered. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const HEADING: Heading = {
  name: "gateway_request_duration_seconds",
  help: "Time this process took to answer payloads of alerts.",
  type: "histogram",
};

/** How long this process took for payloads of alerts. */
export interface Durations {
  note(seconds: number): void;
  /** A histogram in Prometheus' text format. */
  text(): string;
}

/**
 * Begins empty. Unlike all that a ledger counts, this is each process' own: what a process took says nothing of the others, and writing it to
 * the ledger would cost the time it tells of. Prometheus adds processes up. An isolate of a Worker, which nobody can scrape, has none.
 */
export function createDurations(): Durations {
  const within = BOUNDS.map(() => 0);
  let [count, sum] = [0, 0];
  return {
    note(seconds) {
      count += 1;
      sum += seconds;
      BOUNDS.forEach((bound, at) => {
        if (seconds <= bound) within[at] = (within[at] ?? 0) + 1;
      });
    },
    text: () =>
      familyText(HEADING, [
        ...BOUNDS.map((bound, at) => `${HEADING.name}_bucket{le="${bound}"} ${within[at]}`),
        `${HEADING.name}_bucket{le="+Inf"} ${count}`,
        `${HEADING.name}_sum ${sum}`,
        `${HEADING.name}_count ${count}`,
      ]),
  };
}
