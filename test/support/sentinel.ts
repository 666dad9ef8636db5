import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type BridgeProcess, startBridge } from "./bridge.ts";
import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

const NAME = "main";

/** How long a silent master is borne, and how long a failover may take; Debian's defaults are 30 s and 3 min. */
const PATIENCE = { downAfterMs: 1_000, failoverMs: 5_000 };

/** Two Redis servers, three Sentinels that watch over them, and a bridge that asks the Sentinels. */
export interface WatchedRedis {
  readonly bridge: BridgeProcess;
  /** Resolves once the replica holds all that the master has acknowledged. */
  replicated(): Promise<void>;
  /** Stops the replica in its tracks, or lets it go on. */
  replica(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Ends the master at once; a Sentinel makes the replica the master. */
  killMaster(): Promise<void>;
  /** Has the Sentinels swap master and replica, as before maintenance; both stay up. Resolves once they have. */
  switchOver(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all of them, empty, in step with each other. */
export async function startWatchedRedis(): Promise<WatchedRedis> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-sentinel-"));
  const folder = (name: string) => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  const first = await startRedisServer(folder("first"));
  const second = await startRedisServer(folder("second"), ["--replicaof", "127.0.0.1", `${first.port}`]);
  const sentinels = await Promise.all(["a", "b", "c"].map((name) => startSentinel(folder(name), first.port)));
  const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join();
  const asked = new Redis(sentinels[0]?.port ?? 0);
  const servers: readonly RedisServer[] = [first, second];
  const masterPort = async () => Number(((await asked.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)) as string[])[1]);
  const master = async () => {
    const port = await masterPort();
    return servers.find((server) => server.port === port) as RedisServer;
  };
  // Fewer than a quorum that know of each other and of the replica elect nobody.
  await until(async () => {
    const known = (await asked.call("SENTINEL", "MASTER", NAME)) as string[];
    const field = (name: string) => known[known.indexOf(name) + 1];
    return field("num-other-sentinels") === "2" && field("num-slaves") === "1";
  });
  const bridge = await startBridge({ REDIS_SENTINELS: addresses, REDIS_SENTINEL_NAME: NAME });
  return {
    bridge,
    async replicated() {
      const redis = new Redis((await master()).port);
      await until(async () => (await redis.call("WAIT", "1", "1000")) === 1);
      redis.disconnect();
    },
    async replica(signal) {
      const port = await masterPort();
      for (const server of servers) if (server.port !== port) process.kill(server.pid, signal);
    },
    async killMaster() {
      await (await master()).stop("SIGKILL");
    },
    async switchOver() {
      const before = await masterPort();
      await until(async () => (await asked.call("SENTINEL", "FAILOVER", NAME).catch(() => null)) === "OK");
      await until(async () => (await masterPort()) !== before);
    },
    async stop() {
      asked.disconnect();
      await bridge.stop();
      await Promise.all([...sentinels, ...servers].map((part) => part.stop()));
      rmSync(dir, { recursive: true });
    },
  };
}

async function startSentinel(dir: string, masterPort: number) {
  const port = await freePort();
  const config = join(dir, "sentinel.conf");
  // Sentinels keep their memory in this file.
  writeFileSync(
    config,
    `port ${port}
bind 127.0.0.1
dir ${dir}
sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds ${NAME} ${PATIENCE.downAfterMs}
sentinel failover-timeout ${NAME} ${PATIENCE.failoverMs}
`,
  );
  const { stop } = await startProcess({ command: "redis-sentinel", args: [config], ready: /\+monitor master/ });
  return { port, stop };
}

/** Looks each 100 ms; gives up after 30 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error("the Sentinels did not come to it within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
