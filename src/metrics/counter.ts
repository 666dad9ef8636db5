import { familyText, type Heading, type Sample } from "./family-text.ts";

/** A counter that a process keeps for itself. */
export interface Counter {
  note(labels: Sample["labels"]): void;
  /** In Prometheus' text format. */
  text(): string;
}

/** Begins without any value. Labels are of closed lists, so that it stays small. */
export function createCounter(heading: Heading): Counter {
  const samples = new Map<string, Sample>();
  return {
    note(labels) {
      const key = JSON.stringify(labels);
      samples.set(key, { labels, value: (samples.get(key)?.value ?? 0) + 1 });
    },
    text: () => familyText(heading, [...samples.values()]),
  };
}
