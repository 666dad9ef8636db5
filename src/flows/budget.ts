/** Requests to Redis and the proxy that may still be made: a Worker's run has few, a process as many as it likes. */
export interface Budget {
  /** Sets requests aside; false: there are not so many left, and none were taken. */
  take(requests: number): boolean;
  /** Whether so many are left. */
  has(requests: number): boolean;
  /** How many were taken and not handed back. */
  taken(): number;
  /** Hands back what was set aside and not made. */
  give(requests: number): void;
}

/** So many to begin with. */
export function createBudget(requests: number): Budget {
  let taken = 0;
  const has = (wanted: number) => taken + wanted <= requests;
  return {
    has,
    taken: () => taken,
    take(wanted) {
      if (!has(wanted)) return false;
      taken += wanted;
      return true;
    },
    give(unused) {
      taken -= unused;
    },
  };
}

/** Of a process. */
export const UNLIMITED: Budget = createBudget(Number.POSITIVE_INFINITY);

/** Requests that calls make at most, where Redis knows the scripts: some read an index first. */
export const REQUESTS = {
  lease: 2,
  sweep: 3,
  /** The first part of a window's members, and each later one. */
  firstCrew: 4,
  crew: 3,
  /** What late members tell, up to DRAFTS_MAX of them. */
  drafts: 1,
  /** To ask for what was leased, to hand on what was seen, and to settle. */
  rest: 3,
} as const;
