import type { Drained } from "./drain-ledger.ts";

/**
 * Longest sleep: also what nobody here knows of, such as the intents of a process that died, is found within it. Two fit into the 45 s that a window
 * waits by default; a month of them is 118,000 commands.
 */
const SLEEP_MAX_MS = 22_000;

/** Least time between two rounds of which the first left nothing over, however often somebody asks for one: counts are written every 5 s at most. */
const ROUND_EVERY_MS = 1_000;

export interface DrainLoop {
  /** Something may be due: makes the next round come soon. */
  wake(): void;
  /** Resolves when the last round is over. */
  stop(): Promise<void>;
}

/**
 * Drains again and again until stopped, sleeping to the next deadline in between, but no longer than half of what a window may wait: another
 * process may have opened one meanwhile. `drain` never rejects.
 */
export function startDrainLoop(drain: () => Promise<Drained>, shortestWindowMs = Number.POSITIVE_INFINITY): DrainLoop {
  const sleepMaxMs = Math.max(ROUND_EVERY_MS, Math.min(SLEEP_MAX_MS, shortestWindowMs / 2));
  let sleeping: { readonly timer: ReturnType<typeof setTimeout>; readonly endsAt: number; readonly end: () => void } | undefined;
  let woken = false;
  let stopped = false;
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      sleeping = { timer: setTimeout(resolve, ms), endsAt: performance.now() + ms, end: resolve };
    });
  const run = async () => {
    while (!stopped) {
      woken = false;
      const { leased, nextInMs } = await drain();
      if (stopped) return;
      // A round that had its hands full, and got on, is followed by the next: thousands of alerts may have been due with it.
      const isBusy = leased > 0 && nextInMs === 0;
      const quietMs = woken ? ROUND_EVERY_MS : Math.min(sleepMaxMs, Math.max(ROUND_EVERY_MS, nextInMs ?? sleepMaxMs));
      await sleep(isBusy ? 0 : quietMs);
    }
  };
  const running = run();
  return {
    wake() {
      woken = true;
      if (!sleeping || sleeping.endsAt - performance.now() <= ROUND_EVERY_MS) return;
      clearTimeout(sleeping.timer);
      const { end } = sleeping;
      sleeping = { timer: setTimeout(end, ROUND_EVERY_MS), endsAt: performance.now() + ROUND_EVERY_MS, end };
    },
    async stop() {
      stopped = true;
      clearTimeout(sleeping?.timer);
      sleeping?.end();
      await running;
    },
  };
}
