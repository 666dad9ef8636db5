import type { Drained } from "./drain-ledger.ts";

/** Least time between two rounds of a run. */
const ROUND_EVERY_MS = 5_000;

/** The next run starts a minute after this one did; what is due later is its. */
const RUN_MS = 55_000;

/** Requests a round may take to Redis and the proxy, and how many of the 50 of a free Worker's run are ours. */
const ROUND_REQUESTS = 5;
const IDLE_REQUESTS = 1;
const RUN_REQUESTS = 40;

/** Drains for about as long as a cron trigger's minute, resting in between, within a budget of subrequests. `drain` never rejects. */
export async function drainForRun(drain: () => Promise<Drained>, clock = { elapsedMs: stopwatch(), rest }): Promise<void> {
  for (let used = 0; used + ROUND_REQUESTS <= RUN_REQUESTS; ) {
    const { leased, nextInMs } = await drain();
    used += leased > 0 ? ROUND_REQUESTS : IDLE_REQUESTS;
    const restMs = Math.max(ROUND_EVERY_MS, nextInMs ?? ROUND_EVERY_MS);
    if (clock.elapsedMs() + restMs >= RUN_MS) return;
    await clock.rest(restMs);
  }
}

function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
