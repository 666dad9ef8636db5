// Mutants that no test can tell from the engine, each with the reason. A line that no mutant has any more fails the run.

export interface Equivalent {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** Tried, survived, and found to decide the same. */
export const EQUIVALENT: readonly Equivalent[] = [];
