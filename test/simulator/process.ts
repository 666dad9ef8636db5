import { AsyncLocalStorage } from "node:async_hooks";

const context = new AsyncLocalStorage<Process>();

/** Something that runs until it dies: a gateway, a proxy, a sweep. Whatever it awaits then never comes, and what it had in memory is gone. */
export class Process {
  readonly name: string;
  alive = true;
  /** Stopped in its tracks, as by SIGSTOP: what it waits for comes once it goes on. */
  asleep = false;
  sleepsSinceMs = 0;
  wokeAtMs = 0;
  /** How long it has slept before, all in all. */
  sleptMs = 0;
  /** How far its clock is ahead. */
  skewMs = 0;
  readonly #mourners = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  /** Runs work as this process, and all that follows from it. */
  run<Value>(work: () => Value): Value {
    return context.run(this, work);
  }

  kill(): void {
    this.alive = false;
    for (const told of [...this.#mourners]) told();
    this.#mourners.clear();
  }

  /** Calls when it dies; returns how to be told no more. */
  whenDead(told: () => void): () => void {
    this.#mourners.add(told);
    return () => this.#mourners.delete(told);
  }
}

/** Whose code is running; undefined: nobody's. */
export const runningProcess = (): Process | undefined => context.getStore();
