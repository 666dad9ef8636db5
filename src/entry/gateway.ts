import { createProxyWriter } from "../adapters/proxy/client.ts";
import { createRedisLedger } from "../adapters/redis/ledger.ts";
import { probeRedisOf } from "../adapters/redis/probe.ts";
import { openRestClient } from "../adapters/redis/rest-client.ts";
import { createProcessBackground } from "../adapters/system/background.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { randomId } from "../adapters/system/random.ts";
import type { GatewayConfig, GatewayRoleConfig } from "../config/config.ts";
import type { RedisTrouble } from "../domain/redis-trouble.ts";
import { shortestWindowMs } from "../domain/storm-rules.ts";
import { createLedgerCheck } from "../flows/check-ledger.ts";
import { type DrainLoop, startDrainLoop } from "../flows/drain-loop.ts";
import { type ClusterPorts, createGateway } from "../gateway.ts";
import { LEDGER_HELPS } from "../metrics/ledger-helps.ts";
import { createOwnMetrics } from "../metrics/own-metrics.ts";
import type { Log } from "../ports/log.ts";
import type { Role } from "./role.ts";

/** A gateway in a process: one Redis client for all requests, and a drain that runs as long as the process. */
export function openGateway(config: GatewayRoleConfig, log: Log): Role {
  const { store, ledger: rules } = config;
  const client = openRestClient(store, true);
  const clusters = config.clusters.map(({ name, proxyUrl, signingKey }) => ({
    name,
    ledger: createRedisLedger(client, { cluster: name, rules, clock: systemClock }),
    writer: createProxyWriter({ url: proxyUrl, cluster: name, signingKey, clock: systemClock }),
  }));
  const names = clusters.map(({ name }) => name);
  const probe = () => probeRedisOf(client, names);
  const { fetch, stop } = runGateway("gateway", config.gateway, clusters, log, probe);
  return { servers: [{ ...config.server, fetch }], started: () => "", stop };
}

/** The part that a gateway shares with one that has everything in its own process. `probe`: looks what is wrong with the Redis of the ledgers. */
export function runGateway(
  role: "gateway" | "all",
  config: GatewayConfig,
  clusters: readonly ClusterPorts[],
  log: Log,
  probe: (() => Promise<RedisTrouble | null>) | null,
) {
  const checkLedger = probe && createLedgerCheck(probe, systemClock, log);
  // The log names what is wrong at the start, not only once somebody asks.
  void checkLedger?.();
  const background = createProcessBackground(log);
  let loops: readonly DrainLoop[] = [];
  const gateway = createGateway({
    role,
    config,
    clusters,
    clock: systemClock,
    log,
    newOperation: randomId,
    random: Math.random,
    wake: () => {
      for (const loop of loops) loop.wake();
    },
    own: createOwnMetrics(),
    helps: LEDGER_HELPS,
    ...(checkLedger && { checkLedger }),
  });
  loops = gateway.drains.map((drain) => startDrainLoop(drain, shortestWindowMs(config.storm)));
  return {
    fetch: (request: Request) => gateway.fetch(request, background),
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await background.settled();
      await gateway.giveBack();
    },
  };
}
