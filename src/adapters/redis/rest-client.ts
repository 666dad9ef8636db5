import { openPipeline, openRedis, type RestOptions } from "./client.ts";
import type { RedisEngine } from "./engine.ts";
import type { LedgerClient } from "./ledger.ts";
import { type ReplicaSight, waitingForReplicas } from "./replicas.ts";

export interface RestStore extends RestOptions {
  readonly engine: RedisEngine;
  /** 0: Redis itself is enough. */
  readonly waitReplicas: number;
}

/** A ledger's way to a Redis over REST. `autoPipelining`: for a process. `sight`: what a client for one request knows from those before it. */
export function openRestClient(
  { engine, waitReplicas: replicas, ...options }: RestStore,
  autoPipelining: boolean,
  sight: ReplicaSight = { lag: false },
): LedgerClient {
  const redis = openRedis({ ...options, autoPipelining });
  if (replicas === 0) return { redis, engine };
  return { redis, engine, durable: waitingForReplicas(openPipeline(options), { replicas, timeoutMs: options.timeoutMs, sight }) };
}
