import { type Budget, createBudget } from "./budget.ts";
import { type Drained, ROUND_REQUESTS } from "./drain-ledger.ts";

/** Least time between two rounds of a run. */
const ROUND_EVERY_MS = 5_000;

/** Longest rest: also what nobody here knows of is found within it. */
const REST_MAX_MS = 20_000;

/** From here on a run with nothing to do leaves the rest to the next one, which starts a minute after it did. */
const IDLE_END_MS = 40_000;

/** From one run to the next. */
const RUN_EVERY_MS = 60_000;

/** What is known to be due before this is still this run's: the next one may start late. */
const RUN_MAX_MS = 75_000;

/** How many of the 50 subrequests of a free Worker's run are ours: what Redis does not know yet is sent to it twice. */
const RUN_REQUESTS = 40;

/** Drains for about as long as a cron trigger's minute, resting in between, within a budget of subrequests. `drain` never rejects. */
export async function drainForRun(drain: (budget: Budget) => Promise<Drained>, clock = { elapsedMs: stopwatch(), rest }): Promise<void> {
  const budget = createBudget(RUN_REQUESTS);
  for (;;) {
    const { leased, nextInMs } = await drain(budget);
    const elapsedMs = clock.elapsedMs();
    const isOurs = nextInMs !== null && elapsedMs + nextInMs <= RUN_MAX_MS;
    if (leased === 0 && elapsedMs >= IDLE_END_MS && !isOurs) return;
    // A budget that is spent faster than the minute passes leaves its end without a round, and what is due then waits for the next run. A part of the
    // last round is never spent, half of it in the middle.
    const paceMs = (RUN_EVERY_MS * budget.taken()) / (RUN_REQUESTS - ROUND_REQUESTS / 2) - elapsedMs;
    const restMs = Math.max(ROUND_EVERY_MS, paceMs, Math.min(REST_MAX_MS, nextInMs ?? REST_MAX_MS));
    if (elapsedMs + restMs > RUN_MAX_MS || !budget.has(ROUND_REQUESTS)) return;
    await clock.rest(restMs);
  }
}

function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
