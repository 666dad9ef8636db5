import type { Clock } from "../../ports/clock.ts";

/** An operation's way through the gate. `waiting` is true while nothing of it is under way. */
export interface Turn {
  /** For which namespace it is. */
  readonly namespace: string;
  readonly deadlineMs: number;
  waiting: boolean;
}

/** The deadline came before a place was free: nothing was done. */
export class NotReached extends Error {
  override readonly name = "NotReached";
}

export type Gate = <T>(turn: Turn, work: () => Promise<T>) => Promise<T>;

/**
 * Lets at most `places` through at a time: the namespaces that wait in turn, of each in the order of their coming. Thousands of one may wait, and
 * nobody else waits for them. Who gets a place after the deadline is turned away with NotReached.
 */
export function createGate(places: number, clock: Clock): Gate {
  /** By namespace, the one whose turn it is first; none is empty. */
  const queues = new Map<string, (() => void)[]>();
  let free = places;
  const wait = (namespace: string) =>
    new Promise<void>((resolve) => {
      const queue = queues.get(namespace);
      if (queue) queue.push(resolve);
      else queues.set(namespace, [resolve]);
    });
  const leave = () => {
    const [first] = queues;
    if (!first) {
      free++;
      return;
    }
    const [namespace, queue] = first;
    const next = queue.shift();
    queues.delete(namespace);
    if (queue.length > 0) queues.set(namespace, queue);
    next?.();
  };
  return async (turn, work) => {
    if (free > 0) free--;
    else {
      turn.waiting = true;
      await wait(turn.namespace);
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
