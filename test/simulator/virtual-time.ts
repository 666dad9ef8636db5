import { installInstantDigests } from "../support/instant-digests.ts";
import { type Process, runningProcess } from "./process.ts";

/** Something that happens at a time, unless it is called off. */
export interface Timer {
  cancel(): void;
}

interface Event extends Timer {
  readonly atMs: number;
  readonly turn: number;
  readonly owner: Process | undefined;
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
  #turn = 0;

  /** Whoever sets a timer owns it: with its process it dies. */
  after(ms: number, happen: () => void, owner: Process | undefined = runningProcess()): Timer {
    const atMs = this.nowMs + Math.max(0, Number.isFinite(ms) ? ms : 0);
    const event: Event = {
      ...{ atMs, turn: this.#turn++, owner, happen, cancelled: false },
      cancel() {
        event.cancelled = true;
      },
    };
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as Event).atMs > atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
    return event;
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

/** Gives the code under test this time instead of the machine's, and ids that are the same in every run; returns how to undo it. */
export function install(time: VirtualTime): () => void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  let ids = 0;
  const virtual = {
    setTimeout: (happen: () => void, ms = 0) => time.after(ms, happen),
    clearTimeout: (timer?: Timer) => timer?.cancel?.(),
  };
  Object.assign(globalThis, virtual);
  Object.defineProperty(performance, "now", { value: () => time.nowMs - START_MS, configurable: true });
  const uninstallDigests = installInstantDigests();
  Object.defineProperty(crypto, "randomUUID", { value: () => `id-${++ids}`, configurable: true });
  return () => {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
    Reflect.deleteProperty(performance, "now");
    uninstallDigests();
    Reflect.deleteProperty(crypto, "randomUUID");
  };
}
