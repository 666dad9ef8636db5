import { createProxyWriter } from "../adapters/proxy/client.ts";
import { openRedis } from "../adapters/redis/client.ts";
import { createRedisLedger } from "../adapters/redis/ledger.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { createLog } from "../adapters/system/log.ts";
import { randomId } from "../adapters/system/random.ts";
import type { GatewayRoleConfig } from "../config/config.ts";
import { type Loaded, loadConfig } from "../config/load.ts";
import { drainForRun } from "../flows/drain-run.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { problem } from "../http/problem.ts";

type Env = Readonly<Record<string, string | undefined>>;
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

let loaded: Loaded | undefined;

const log = createLog("info", (line) => console.log(line));

/** Built for one request: in a Worker, what one request opened may not be used by another. */
function open({ gateway: config, ledger: rules, store, clusters }: GatewayRoleConfig): Gateway {
  const client = { redis: openRedis({ ...store, autoPipelining: false }), engine: store.engine };
  const ports = clusters.map(({ name, proxyUrl, signingKey }) => ({
    name,
    ledger: createRedisLedger(client, { cluster: name, rules, clock: systemClock }),
    writer: createProxyWriter({ url: proxyUrl, cluster: name, signingKey, clock: systemClock }),
  }));
  return createGateway({ config, clusters: ports, clock: systemClock, log, newOperation: randomId, random: Math.random });
}

function gatewayOf(env: Env): Gateway | null {
  if (!loaded) {
    loaded = loadConfig(env, "worker");
    if (!loaded.ok) for (const reason of loaded.problems) log.error("misconfigured", { reason });
  }
  return loaded.ok ? open(loaded.config as GatewayRoleConfig) : null;
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const gateway = gatewayOf(env);
    if (!gateway) return problem(503, "misconfigured", "the settings have problems; they are in the log", { "retry-after": "60" });
    return gateway.fetch(request, { run: (work) => context.waitUntil(work) });
  },
  async scheduled(_event: unknown, env: Env): Promise<void> {
    const gateway = gatewayOf(env);
    if (gateway) await drainForRun(gateway.drain);
  },
};
