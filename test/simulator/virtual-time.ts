import { installInstantDigests } from "../support/instant-digests.ts";
import { type Process, runningProcess } from "./process.ts";

/** Something that happens at a time, unless it is called off. */
export interface Timer {
  cancel(): void;
}

interface Event extends Timer {
  atMs: number;
  readonly owner: Process | undefined;
  /** Set by its owner's own clock; else it is something that comes from others. */
  readonly isTimer: boolean;
  readonly happen: () => void;
  cancelled: boolean;
}

/** 2026-03-01T10:00:00Z. */
export const START_MS = 1_772_359_200_000;

/** Time that passes only from one event to the next; events of the same time in the order in which they were set. */
export class VirtualTime {
  nowMs = START_MS;
  /** The next one last. */
  readonly #events: Event[] = [];
  /** What was due while its owner slept, in the order in which it was due. */
  #missed: Event[] = [];

  /** What comes to its owner after so long; with its process it dies. */
  after(ms: number, happen: () => void, owner: Process | undefined = runningProcess()): Timer {
    return this.#set(ms, happen, owner, false);
  }

  /** A timer of the owner's own. */
  timer(ms: number, happen: () => void, owner: Process | undefined = runningProcess()): Timer {
    return this.#set(ms, happen, owner, true);
  }

  /** What is due for a process that sleeps waits until it is woken. */
  sleep(process: Process): void {
    process.asleep = true;
    process.sleepsSinceMs = this.nowMs;
  }

  /** It meets all that it missed: as that was due, or its own timers before what came from others. Runtimes do either. */
  wake(process: Process, timersFirst: boolean): void {
    if (!process.asleep) return;
    process.asleep = false;
    process.wokeAtMs = this.nowMs;
    process.sleptMs += this.nowMs - process.sleepsSinceMs;
    const missed = this.#missed.filter(({ owner }) => owner === process);
    this.#missed = this.#missed.filter(({ owner }) => owner !== process);
    const isFirst = ({ isTimer }: Event) => isTimer && timersFirst;
    const inOrder = [...missed.filter(isFirst), ...missed.filter((event) => !isFirst(event))];
    for (const event of inOrder) this.#insert(Object.assign(event, { atMs: this.nowMs }));
  }

  #set(ms: number, happen: () => void, owner: Process | undefined, isTimer: boolean): Timer {
    const atMs = this.nowMs + Math.max(0, Number.isFinite(ms) ? ms : 0);
    const event: Event = {
      ...{ atMs, owner, isTimer, happen, cancelled: false },
      cancel() {
        event.cancelled = true;
      },
    };
    this.#insert(event);
    return event;
  }

  #insert(event: Event): void {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as Event).atMs > event.atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  /** Lets everything happen that is due within `ms`, one after the other, each with all that it brings about at once. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const event = this.#events.at(-1);
      if (!event || event.atMs > untilMs) break;
      this.#events.pop();
      if (event.cancelled || event.owner?.alive === false) continue;
      this.nowMs = event.atMs;
      if (event.owner?.asleep) {
        this.#missed.push(event);
        continue;
      }
      if (event.owner) event.owner.run(event.happen);
      else event.happen();
      await settled();
    }
    this.nowMs = untilMs;
  }
}

const immediate = setImmediate;

/** Lets everything happen that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => immediate(resolve));

/** Gives the code under test this time instead of the machine's, and ids that are the same in every run; returns how to undo it. `stillClocks`: steady clocks stand still in a process that sleeps. */
export function install(time: VirtualTime, stillClocks = false): () => void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  let ids = 0;
  const virtual = {
    setTimeout: (happen: () => void, ms = 0) => time.timer(ms, happen),
    clearTimeout: (timer?: Timer) => timer?.cancel?.(),
  };
  const steadyMs = () => time.nowMs - START_MS - (stillClocks ? (runningProcess()?.sleptMs ?? 0) : 0);
  Object.assign(globalThis, virtual);
  Object.defineProperty(performance, "now", { value: steadyMs, configurable: true });
  const uninstallDigests = installInstantDigests();
  Object.defineProperty(crypto, "randomUUID", { value: () => `id-${++ids}`, configurable: true });
  return () => {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
    Reflect.deleteProperty(performance, "now");
    uninstallDigests();
    Reflect.deleteProperty(crypto, "randomUUID");
  };
}
