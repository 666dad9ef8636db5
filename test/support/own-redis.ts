import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { type BridgeProcess, startBridge } from "./bridge.ts";
import { startRedisServer } from "./redis-server.ts";

/** A Redis of a test's own with a bridge before it, and a connection that passes the bridge by. */
export interface OwnRedis {
  readonly bridge: BridgeProcess;
  readonly url: string;
  readonly redis: Redis;
  /** How many requests of a cluster have still to be made, and how many counts to be written. */
  owed(cluster: string): Promise<number>;
  /** It knows nothing any more, as after a loss of its disk. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both, empty. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-own-redis-"));
  const server = await startRedisServer(dir);
  const bridge = await startBridge(server.url);
  const redis = new Redis(server.url);
  return {
    bridge,
    url: server.url,
    redis,
    async owed(cluster) {
      const { intents, counts } = keysOf(cluster);
      return (await redis.zcard(intents)) + (await redis.zcard(counts));
    },
    async forget() {
      await redis.multi().flushall().script("FLUSH").exec();
    },
    async stop() {
      redis.disconnect();
      await bridge.stop();
      await server.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
