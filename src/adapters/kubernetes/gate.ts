import type { Clock } from "../../ports/clock.ts";

/** An operation's way through the gate. `waiting` is true while nothing of it is under way. */
export interface Turn {
  readonly deadlineMs: number;
  waiting: boolean;
}

/** The deadline came before a place was free: nothing was done. */
export class NotReached extends Error {
  override readonly name = "NotReached";
}

export type Gate = <T>(turn: Turn, work: () => Promise<T>) => Promise<T>;

/** Lets at most `places` through at a time, in the order of their coming; who gets a place after the deadline is turned away with NotReached. */
export function createGate(places: number, clock: Clock): Gate {
  const queue: (() => void)[] = [];
  let free = places;
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else free++;
  };
  return async (turn, work) => {
    if (free > 0) free--;
    else {
      turn.waiting = true;
      await new Promise<void>((resolve) => queue.push(resolve));
      turn.waiting = false;
    }
    try {
      if (clock.now() >= turn.deadlineMs) throw new NotReached();
      return await work();
    } finally {
      leave();
    }
  };
}
