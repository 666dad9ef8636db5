import { ApiFailure, type ApiProblem } from "../../src/adapters/kubernetes/api-failure.ts";
import type { RequestEvent, RequestFeed } from "../../src/adapters/kubernetes/request-feed.ts";
import type { ClusterModel } from "../unit/kubernetes/cluster-model.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import type { VirtualTime } from "./virtual-time.ts";

interface Connection {
  readonly namespace: string | null;
  /** How much is on its way, and how much has come. */
  sent: number;
  arrived: number;
  lastMs: number;
  hangs: boolean;
  ending: "open" | "ended" | ApiProblem;
  wake: () => void;
}

interface FeedParts {
  readonly model: ClusterModel;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly process: Process;
  /** Versions before it are forgotten. */
  readonly oldest: () => number;
}

/** API servers end a watch after so long. */
const WATCH_MS = 30_000;
const CALL_TIMEOUT_MS = 3_000;

/** One proxy's watches of a ClusterModel: news come late, in order, until the connection ends, breaks or hangs. */
export class SimulatedFeed implements RequestFeed {
  readonly #parts: FeedParts;
  readonly #connections = new Set<Connection>();

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  list(namespace: string | null) {
    const { model } = this.#parts;
    return this.#ask("list all", () => ({
      requests: namespace === null ? [...model.objects.values()] : model.list(namespace),
      resourceVersion: String(model.changes.length),
    }));
  }

  version() {
    return this.#ask("version", () => String(this.#parts.model.changes.length));
  }

  async watch(namespace: string | null, resourceVersion: string, signal: AbortSignal): Promise<AsyncIterable<RequestEvent>> {
    const { time, oldest, process } = this.#parts;
    const from = Number(resourceVersion);
    const connection = await this.#ask("watch", (): Connection => {
      if (from < oldest()) throw new ApiFailure("expired");
      return { namespace, sent: from, arrived: from, lastMs: 0, hangs: false, ending: "open", wake() {} };
    });
    const end = (how: "ended" | ApiProblem) => {
      if (connection.ending !== "open") return;
      connection.ending = how;
      this.#connections.delete(connection);
      connection.wake();
    };
    time.after(WATCH_MS, () => connection.hangs || end("ended"), process);
    signal.addEventListener("abort", () => end("timeout"));
    if (signal.aborted) end("timeout");
    else this.#connections.add(connection);
    this.#send(connection);
    return this.#events(connection, from);
  }

  /** Something has changed. */
  changed(): void {
    for (const connection of this.#connections) this.#send(connection);
  }

  /** Open connections break, or fall silent without a word. */
  disturb(how: "breaks" | "hangs"): void {
    for (const connection of [...this.#connections]) {
      if (how === "hangs") connection.hangs = true;
      else {
        connection.ending = "api-unreachable";
        this.#connections.delete(connection);
        this.#parts.time.after(0, () => connection.wake(), this.#parts.process);
      }
    }
  }

  #send(connection: Connection): void {
    const { model, time, network, process } = this.#parts;
    for (; connection.sent < model.changes.length; connection.sent++) {
      const count = connection.sent + 1;
      connection.lastMs = Math.max(connection.lastMs, time.nowMs + network.lagOf(process.name));
      const arrive = () => {
        if (connection.hangs) return;
        connection.arrived = count;
        connection.wake();
      };
      time.after(connection.lastMs - time.nowMs, arrive, process);
    }
  }

  async *#events(connection: Connection, from: number): AsyncGenerator<RequestEvent> {
    for (let seen = from; ; ) {
      while (connection.ending === "open" && seen < connection.arrived) {
        const change = this.#parts.model.changes[seen++];
        if (change && (connection.namespace === null || change.request.namespace === connection.namespace)) yield change;
      }
      if (connection.ending === "ended") return;
      if (connection.ending !== "open") throw new ApiFailure(connection.ending);
      await new Promise<void>((resolve) => {
        connection.wake = resolve;
      });
    }
  }

  #ask<Value>(what: string, arrive: () => Value): Promise<Value> {
    const { network, process } = this.#parts;
    return network.call({
      ...{ from: process, to: null, place: "kube", what, timeoutMs: CALL_TIMEOUT_MS, arrive },
      failed: (effect) => new ApiFailure(effect === "none" ? "api-unreachable" : "timeout"),
    });
  }
}
