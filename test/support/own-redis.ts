import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { type BridgeProcess, startBridge } from "./bridge.ts";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

/** A Redis of a test's own with a bridge before it, and a connection that passes the bridge by. */
export interface OwnRedis {
  readonly bridge: BridgeProcess;
  readonly url: string;
  readonly redis: Redis;
  /** How many requests of a cluster have still to be made, and how many counts to be written. */
  owed(cluster: string): Promise<number>;
  /** It knows nothing any more, as after a loss of its disk. */
  forget(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again where it was, with what it kept; does nothing while it runs. */
  start(): Promise<void>;
  /** SIGSTOP: it takes connections and answers nobody. */
  freeze(): void;
  thaw(): void;
  /** Forgets scripts only, as after a failover. */
  forgetScripts(): Promise<void>;
  /** Takes no writes, as a replica that lost its master, until told otherwise. */
  readOnly(on: boolean): Promise<void>;
  /** Has no memory left for any write, until told otherwise. */
  full(on: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface OwnRedisOptions {
  /** Loses nothing that it has acknowledged, whenever it is killed. */
  readonly durable?: boolean;
  /** Settings of the bridge. */
  readonly bridge?: Readonly<Record<string, string>>;
}

/** Starts both, empty. */
export async function startOwnRedis({ durable = false, bridge: settings = {} }: OwnRedisOptions = {}): Promise<OwnRedis> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-own-redis-"));
  const port = await freePort();
  const args = ["--port", `${port}`, ...(durable ? ["--appendonly", "yes", "--appendfsync", "always"] : [])];
  let server: RedisServer | null = await startRedisServer(dir, args);
  const url = `redis://127.0.0.1:${port}`;
  const bridge = await startBridge(url, settings);
  const redis = new Redis(url, { retryStrategy: () => 100 });
  redis.on("error", () => {});
  const signal = (name: NodeJS.Signals) => {
    if (server) process.kill(server.pid, name);
  };
  return {
    bridge,
    url,
    redis,
    async owed(cluster) {
      const { intents, counts } = keysOf(cluster);
      return (await redis.zcard(intents)) + (await redis.zcard(counts));
    },
    async forget() {
      await redis.multi().flushall().script("FLUSH").exec();
    },
    async kill() {
      await server?.stop("SIGKILL");
      server = null;
    },
    async start() {
      server ??= await startRedisServer(dir, args);
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    forgetScripts: async () => void (await redis.script("FLUSH")),
    // Nobody listens at port 1.
    readOnly: async (on) => void (await (on ? redis.replicaof("127.0.0.1", 1) : redis.replicaof("NO", "ONE"))),
    full: async (on) => void (await redis.config("SET", "maxmemory", on ? "1" : "0")),
    async stop() {
      redis.disconnect();
      signal("SIGCONT");
      await bridge.stop();
      await server?.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
