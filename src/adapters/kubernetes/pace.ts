import type { Clock } from "../../ports/clock.ts";
import { isProblem } from "./api-failure.ts";

/** Time as an operation feels it, so that tests can hold it still. */
export interface Timing {
  readonly clock: Clock;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

/** Timing with an end: Unix ms after which nobody waits for the operation. */
export interface Pace extends Timing {
  readonly deadlineMs: number;
}

const BACKOFF_FIRST_MS = 25;
const BACKOFF_LONGEST_MS = 1_000;

/** Waits before try `tries` + 1: twice as long each time, spread over its whole length so that rivals part. False at once where that would pass the deadline. */
export function backOff(pace: Pace, tries: number): Promise<boolean> {
  const longest = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** tries);
  return waitWithin(pace, Math.ceil(longest * pace.random()));
}

async function waitWithin(pace: Pace, ms: number): Promise<boolean> {
  if (pace.clock.now() + ms >= pace.deadlineMs) return false;
  await pace.pause(ms);
  return true;
}

/** Makes a call again, after the time the server asks for, as long as it turns the call away for too much traffic and the deadline allows. Such a call has not run. */
export async function patiently<T>(pace: Pace, call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isProblem(error, "throttled")) throw error;
      const waited = error.retryAfterMs === null ? await backOff(pace, tries) : await waitWithin(pace, error.retryAfterMs);
      if (!waited) throw error;
    }
  }
}
