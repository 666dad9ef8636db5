import type { Result } from "../domain/outcome.ts";
import type { Strays } from "../ports/ledger.ts";

/** What a process decided without the ledger, until the ledger has counted it. */
export interface StrayOutcomes {
  note(source: string, results: readonly (Result | null)[]): void;
  /** What the next call should bring; the same again until it was counted. Null: nothing. */
  next(): Strays | null;
  /** It was counted. */
  counted(strays: Strays): void;
}

/** Nothing yet. A process that dies takes along what was not counted by then. */
export function createStrayOutcomes(newId: () => string): StrayOutcomes {
  let outgoing: Strays | null = null;
  const waiting = new Map<string, Strays["outcomes"][number]>();
  return {
    note(source, results) {
      for (const result of results) {
        if (!result) continue;
        const { outcome } = result;
        const key = `${source}:${outcome}`;
        waiting.set(key, { source, outcome, count: (waiting.get(key)?.count ?? 0) + 1 });
      }
    },
    next() {
      if (outgoing === null && waiting.size > 0) {
        outgoing = { id: newId(), outcomes: [...waiting.values()] };
        waiting.clear();
      }
      return outgoing;
    },
    counted({ id }) {
      if (outgoing?.id === id) outgoing = null;
    },
  };
}
