// `npm run -s doctor -- [--alertmanager FILE|URL] [--json]`: looks at everything that a process with this environment needs, and names what is wrong with
// it, each with the command that comes next. Changes nothing. Exit code 3 where something is wrong, 2 where the command line is.
import { parseArgs } from "node:util";
import { createRedisLedger } from "../src/adapters/redis/ledger.ts";
import { openRestClient } from "../src/adapters/redis/rest-client.ts";
import type { Config, RestRedisConfig } from "../src/config/config.ts";
import { heedProxies } from "../src/entry/proxies.ts";
import type { LedgerRules } from "../src/ports/ledger.ts";
import { examineAlertmanager } from "./doctor/alertmanager.ts";
import { type Finding, linesOf } from "./doctor/finding.ts";
import { examineKubernetes } from "./doctor/kubernetes.ts";
import { examineProxy } from "./doctor/proxy.ts";
import { examineConnectedRedis, examineRestRedis } from "./doctor/redis.ts";
import { examineSettings } from "./doctor/settings.ts";
import { examineSweep } from "./doctor/sweep.ts";

const USAGE = "usage: npm run -s doctor -- [--alertmanager alertmanager.yml | http://alertmanager:9093] [--json]";

function readOptions() {
  try {
    return parseArgs({ options: { alertmanager: { type: "string" }, json: { type: "boolean", default: false } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return null;
  }
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

async function diagnose(alertmanager: string | undefined): Promise<Finding[]> {
  const { findings, config } = examineSettings(process.env);
  if (config) findings.push(...(await examine(config)));
  if (alertmanager) findings.push(...(await examineAlertmanager(alertmanager, config && "gateway" in config ? config.gateway : null)));
  return findings;
}

const options = readOptions();
if (options) {
  heedProxies();
  const findings = await diagnose(options.alertmanager);
  const isWrong = findings.some(({ state }) => state === "wrong");
  console.log(options.json ? JSON.stringify({ ok: !isWrong, findings }, null, 2) : linesOf(findings).join("\n"));
  process.exitCode = isWrong ? 3 : 0;
} else process.exitCode = 2;
