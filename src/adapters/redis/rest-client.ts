import { openPipeline, openRedis, type RestOptions } from "./client.ts";
import type { RedisEngine } from "./engine.ts";
import type { LedgerClient } from "./ledger.ts";
import { waitingForReplicas } from "./replicas.ts";

export interface RestStore extends RestOptions {
  readonly engine: RedisEngine;
  /** 0: Redis itself is enough. */
  readonly waitReplicas: number;
}

/** A ledger's way to a Redis over REST. `autoPipelining`: for a process. */
export function openRestClient({ engine, waitReplicas, ...options }: RestStore, autoPipelining: boolean): LedgerClient {
  const redis = openRedis({ ...options, autoPipelining });
  if (waitReplicas === 0) return { redis, engine };
  return { redis, engine, durable: waitingForReplicas(openPipeline(options), { replicas: waitReplicas, timeoutMs: options.timeoutMs }) };
}
