/** Work that outlives the answer of a request: `waitUntil` in a Worker, a tracked promise in a process. */
export interface Background {
  /** Keeps the runtime alive for `work`, whose errors are logged and go no further. */
  run(work: Promise<unknown>): void;
}
