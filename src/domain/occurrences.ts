import { OCCURRENCES_MAX } from "./ledger-limits.ts";

/** A count, or a sum of counts, as far as counts go. */
export const saturate = (count: number): number => Math.min(count, OCCURRENCES_MAX);
