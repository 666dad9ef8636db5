import type { Clock } from "../../ports/clock.ts";

/** Intents that are remembered at most: what a flood sends within minutes. */
const INTENTS_MAX = 100_000;

/** What was met lately, so that it counts once. */
export interface IntentMemory {
  knows(intent: string): boolean;
  /** Remembers it from now on; one that is known keeps its time. */
  note(intent: string): void;
}

/** Remembers each for `keptMs`; beyond 100,000 the oldest are forgotten first. */
export function createIntentMemory(keptMs: number, { now }: Clock): IntentMemory {
  /** In the order in which they were met. */
  const metAtMs = new Map<string, number>();
  const knows = (intent: string): boolean => now() - (metAtMs.get(intent) ?? Number.NEGATIVE_INFINITY) < keptMs;
  return {
    knows,
    note(intent) {
      if (knows(intent)) return;
      metAtMs.delete(intent);
      metAtMs.set(intent, now());
      for (const oldest of metAtMs.keys()) {
        if (metAtMs.size <= INTENTS_MAX && knows(oldest)) return;
        metAtMs.delete(oldest);
      }
    },
  };
}
