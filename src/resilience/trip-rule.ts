/** Calls of the last half minute, in seconds' steps. */
const WINDOW_MS = 30_000;
const STEP_MS = 1_000;

/** Fewer calls than these say nothing of a dependency. */
const CALLS_LEAST = 20;

/** So that one lost call in twenty opens nothing. */
const FAILURES_LEAST = 5;

interface Step {
  readonly atMs: number;
  calls: number;
  failures: number;
}

/** When a dependency counts as down: a share of its calls failed, of enough calls, and enough of them. In the form that cockatiel asks for. */
export interface TripRule {
  /** Cockatiel keeps it for isolates that hand it on, which nobody does here. */
  state: unknown;
  success(): void;
  /** Whether it counts as down from now on. */
  failure(): boolean;
}

/** `failurePercent` of at least 20 calls within 30 s, and at least 5 of them. `now` in ms. */
export function createTripRule(failurePercent: number, now: () => number): TripRule {
  let steps: Step[] = [];
  const note = (failed: boolean): void => {
    const atMs = Math.floor(now() / STEP_MS) * STEP_MS;
    steps = steps.filter((step) => atMs - step.atMs < WINDOW_MS && step.atMs <= atMs);
    const last = steps.at(-1);
    const step = last?.atMs === atMs ? last : { atMs, calls: 0, failures: 0 };
    if (step !== last) steps.push(step);
    step.calls += 1;
    if (failed) step.failures += 1;
  };
  const sum = (of: "calls" | "failures") => steps.reduce((total, step) => total + step[of], 0);
  return {
    state: null,
    success: () => note(false),
    failure() {
      note(true);
      const [calls, failures] = [sum("calls"), sum("failures")];
      const trips = calls >= CALLS_LEAST && failures >= FAILURES_LEAST && failures * 100 >= calls * failurePercent;
      // What led to it says nothing of what comes after it.
      if (trips) steps = [];
      return trips;
    },
  };
}
