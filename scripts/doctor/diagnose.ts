import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { openRestClient } from "../../src/adapters/redis/rest-client.ts";
import type { Config, RestRedisConfig } from "../../src/config/config.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import { examineAlertmanager } from "./alertmanager.ts";
import type { Finding } from "./finding.ts";
import { examineKubernetes } from "./kubernetes.ts";
import { examineProxy } from "./proxy.ts";
import { examineConnectedRedis, examineRestRedis } from "./redis.ts";
import { examineSettings } from "./settings.ts";
import { examineSweep } from "./sweep.ts";

/** Looks at all that a process with this environment needs, and at an Alertmanager's configuration if one is named. Changes nothing. */
export async function diagnose(env: Readonly<Record<string, string | undefined>>, alertmanager?: string): Promise<Finding[]> {
  const { findings, config } = examineSettings(env);
  if (config) findings.push(...(await examine(config)));
  if (alertmanager) findings.push(...(await examineAlertmanager(alertmanager, config && "gateway" in config ? config.gateway : null)));
  return findings;
}

/** What a role needs, part by part. */
async function examine(config: Config): Promise<Finding[]> {
  switch (config.role) {
    case "gateway": {
      const parts = await Promise.all(
        config.clusters.map(async (cluster) => [
          ...(await examineRestRedis(config.store, cluster.name)),
          ...(await examineProxy(cluster)),
          ...(await examineSweep(cluster.name, openLedger(config.store, config.ledger, cluster.name), Date.now())),
        ]),
      );
      return parts.flat();
    }
    case "proxy": {
      const { kubernetes, relay, cluster } = config.proxy;
      return [...(await examineKubernetes(kubernetes)), ...(relay ? await examineRestRedis(relay.store, cluster) : [])];
    }
    case "bridge":
      return examineConnectedRedis({ ...config.bridge, engine: "redis" }, null);
    case "all": {
      const { store, kubernetes, cluster } = config;
      const redis = store.kind === "connection" ? await examineConnectedRedis(store, cluster) : [];
      const rest = store.kind === "rest" ? await examineRestRedis(store, cluster) : [];
      return [...redis, ...rest, ...(kubernetes.kind === "cluster" ? await examineKubernetes(kubernetes) : [])];
    }
  }
}

function openLedger(store: RestRedisConfig, rules: LedgerRules, cluster: string) {
  return createRedisLedger(openRestClient(store, false), { cluster, rules, clock: { now: Date.now } });
}
