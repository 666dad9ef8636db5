import { ApiFailure, type ApiProblem } from "../../../src/adapters/kubernetes/api-failure.ts";
import type { Timing } from "../../../src/adapters/kubernetes/pace.ts";
import type { RequestEvent, RequestFeed } from "../../../src/adapters/kubernetes/request-feed.ts";
import { BORN_MS } from "./builders.ts";
import type { ClusterModel } from "./cluster-model.ts";

interface Connection {
  readonly namespace: string | null;
  readonly from: number;
  ending: "open" | "ended" | ApiProblem;
}

/** Watches on a ClusterModel. Nothing arrives before `flow`. */
export class FeedModel implements RequestFeed {
  readonly #model: ClusterModel;
  readonly opened: Connection[] = [];
  lists = 0;
  /** What lists, or watches, are answered with instead. */
  refusesList: ApiProblem | null = null;
  refusesWatch: ApiProblem | null = null;
  /** The version of a backup that the server came back from. */
  restoredTo: string | null = null;
  #wake = Promise.withResolvers<void>();
  #allowed = 0;
  #bookmark = 0;

  constructor(model: ClusterModel) {
    this.#model = model;
  }

  async list(namespace: string | null) {
    this.lists++;
    if (this.refusesList) throw new ApiFailure(this.refusesList);
    const requests = namespace === null ? [...this.#model.objects.values()] : this.#model.list(namespace);
    return { requests, resourceVersion: String(this.#model.changes.length) };
  }

  async version() {
    if (this.refusesWatch === "api-unreachable") throw new ApiFailure(this.refusesWatch);
    return this.restoredTo ?? String(this.#model.changes.length);
  }

  async watch(namespace: string | null, resourceVersion: string, signal: AbortSignal): Promise<AsyncIterable<RequestEvent>> {
    if (this.refusesWatch) throw new ApiFailure(this.refusesWatch);
    const connection: Connection = { namespace, from: Number(resourceVersion), ending: "open" };
    this.opened.push(connection);
    signal.addEventListener("abort", () => {
      connection.ending = "timeout";
      this.#kick();
    });
    return this.#events(connection);
  }

  async *#events(connection: Connection): AsyncGenerator<RequestEvent> {
    let seen = connection.from;
    for (;;) {
      const wake = this.#wake.promise;
      while (connection.ending === "open" && seen < this.#allowed) {
        const change = this.#model.changes[seen++];
        if (change && (connection.namespace === null || change.request.namespace === connection.namespace)) yield change;
      }
      if (connection.ending === "ended") return;
      if (connection.ending !== "open") throw new ApiFailure(connection.ending);
      if (this.#bookmark > 0) yield { kind: "reached", resourceVersion: String(this.#bookmark) };
      await wake;
    }
  }

  /** All that has changed arrives. */
  async flow(): Promise<void> {
    this.#allowed = this.#model.changes.length;
    await this.#kick();
  }

  async bookmark(version = this.#model.changes.length): Promise<void> {
    this.#bookmark = version;
    await this.#kick();
    this.#bookmark = 0;
  }

  /** Open connections end, in order or with a problem. */
  async end(how: "ended" | ApiProblem): Promise<void> {
    for (const connection of this.opened) if (connection.ending === "open") connection.ending = how;
    await this.#kick();
  }

  async #kick(): Promise<void> {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    resolve();
    await settled();
  }
}

/** Lets everything happen that waits for nothing but promises. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Time that passes only by `pass`, and ends the pauses that it reaches. */
export function handTiming() {
  let nowMs = BORN_MS;
  const waiting = new Set<{ readonly atMs: number; end(): void }>();
  const pauses: number[] = [];
  const timing: Timing = {
    clock: { now: () => nowMs },
    random: () => 0.5,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push(ms);
        const end = () => {
          waiting.delete(timer);
          resolve();
        };
        const timer = { atMs: nowMs + ms, end };
        if (signal?.aborted) return end();
        waiting.add(timer);
        signal?.addEventListener("abort", end);
      }),
  };
  /** Time in which the process stands still: pauses that it reaches end only with the next `pass`. */
  const sleep = (ms: number): void => {
    nowMs += ms;
  };
  const pass = async (ms: number) => {
    const untilMs = nowMs + ms;
    for (;;) {
      const next = [...waiting].filter(({ atMs }) => atMs <= untilMs).sort((left, right) => left.atMs - right.atMs)[0];
      if (!next) break;
      nowMs = Math.max(nowMs, next.atMs);
      next.end();
      await settled();
    }
    nowMs = untilMs;
    await settled();
  };
  return { timing, pass, sleep, pauses, waiting: () => waiting.size };
}
