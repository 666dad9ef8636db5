import { createProxyWriter } from "../adapters/proxy/client.ts";
import { createRedisLedger } from "../adapters/redis/ledger.ts";
import { probeRedisOf } from "../adapters/redis/probe.ts";
import type { ReplicaSight } from "../adapters/redis/replicas.ts";
import { openRestClient } from "../adapters/redis/rest-client.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { createLog } from "../adapters/system/log.ts";
import { randomId } from "../adapters/system/random.ts";
import type { GatewayRoleConfig } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { createLedgerCheck, type LedgerTrouble } from "../flows/check-ledger.ts";
import { drainForRun } from "../flows/drain-run.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { createGatewayMemory, type GatewayMemory } from "../gateway-memory.ts";
import { problem } from "../http/problem.ts";
import type { Log } from "../ports/log.ts";
import { PROBE_EVERY_MS } from "../resilience/breaker.ts";

type Env = Readonly<Record<string, unknown>>;
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** What an isolate keeps. Nothing in it is open: what one request opened may not be used by another. */
interface Kept {
  readonly config: GatewayRoleConfig;
  readonly log: Log;
  readonly memory: GatewayMemory;
  readonly sight: ReplicaSight;
  /** Opens what it needs for the request that has it look. */
  readonly checkLedger: () => Promise<LedgerTrouble | null>;
}

/** Null: the settings have problems. */
let kept: Kept | null | undefined;

const write = (line: string) => console.log(line);

function readEnv(env: Env): Kept | null {
  const loaded = loadConfig(env, "worker");
  if (!loaded.ok) {
    const log = createLog("info", write);
    for (const reason of loaded.problems) log.error("misconfigured", { reason });
    return null;
  }
  const config = loaded.config as GatewayRoleConfig;
  const log = createLog(config.logLevel, write);
  for (const warning of loaded.warnings) log.warn("setting-ignored", { warning });
  const names = config.clusters.map(({ name }) => name);
  // No loop of an isolate finds out whether a dependency is up again: its senders do.
  const breaker = { ...config.gateway.breaker, openMs: PROBE_EVERY_MS };
  const memory = createGatewayMemory(names, { ...config.gateway, breaker }, systemClock, randomId);
  const probe = () => probeRedisOf(openRestClient(config.store, false), names);
  return { config, log, memory, sight: { lag: false }, checkLedger: createLedgerCheck(probe, systemClock, log, true) };
}

/** Built for one request. */
function open({ config, log, memory, sight, checkLedger }: Kept): Gateway {
  const { gateway, ledger: rules, store } = config;
  const client = openRestClient(store, false, sight);
  const clusters = config.clusters.map(({ name, proxyUrl, signingKey }) => ({
    name,
    ledger: createRedisLedger(client, { cluster: name, rules, clock: systemClock }),
    writer: createProxyWriter({ url: proxyUrl, cluster: name, signingKey, clock: systemClock }),
  }));
  return createGateway({
    role: "gateway",
    config: gateway,
    clusters,
    clock: systemClock,
    log,
    newOperation: randomId,
    random: Math.random,
    memory,
    checkLedger,
  });
}

/** Alive, but of no use to anybody who sends. */
const misconfigured = ({ url }: Request): Response =>
  new URL(url).pathname === "/health"
    ? Response.json({ status: "ok" })
    : problem(503, "misconfigured", "the settings have problems; they are in the log", { "retry-after": "60" });

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    if (kept === undefined) kept = readEnv(env);
    return kept ? open(kept).fetch(request, { run: (work) => context.waitUntil(work) }) : misconfigured(request);
  },
  async scheduled({ scheduledTime }: { readonly scheduledTime: number }, env: Env): Promise<void> {
    if (kept === undefined) kept = readEnv(env);
    if (!kept) return;
    await drainForRun(open(kept).drain);
    // The log names what is wrong though nobody asks for readiness. Each look costs commands, so a Redis that serves is looked at once an hour.
    const isFailing = Object.values(kept.memory.health.report()).some(({ ledger }) => ledger === "failing");
    if (isFailing || new Date(scheduledTime).getUTCMinutes() === 0) await kept.checkLedger();
  },
};
