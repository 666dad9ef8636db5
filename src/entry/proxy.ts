import { type Cluster, openCluster } from "../adapters/kubernetes/cluster.ts";
import { operationOf } from "../adapters/kubernetes/operation-of.ts";
import type { OnRequest } from "../adapters/kubernetes/transport.ts";
import { openRedis } from "../adapters/redis/client.ts";
import { createRedisLedger } from "../adapters/redis/ledger.ts";
import { probeRedis } from "../adapters/redis/probe.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { randomId } from "../adapters/system/random.ts";
import type { KubernetesConfig, ProxyRoleConfig } from "../config/config.ts";
import { createLedgerCheck } from "../flows/check-ledger.ts";
import { createProxyMetrics } from "../metrics/proxy-metrics.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import { createProxy } from "../proxy.ts";
import { runRelay } from "./relay.ts";
import type { Role } from "./role.ts";

/** The proxy in a process: the only part that talks to Kubernetes. */
export function openProxy({ proxy, server }: ProxyRoleConfig, log: Log): Role {
  let relay: ReturnType<typeof runRelay> | undefined;
  const metrics = createProxyMetrics({
    watches: () => (proxy.relay ? (relay?.follows() ?? false) : null),
    countsUnwritten: () => kubernetes.countsUnwritten(),
  });
  const kubernetes = openKubernetesCluster(proxy.kubernetes, log, (method, url, status) =>
    metrics.requested(operationOf(method, url), status),
  );
  const { cluster, verifyKeys, readTokenSha256 } = proxy;
  const { fetch } = createProxy({
    cluster,
    verifyKeys,
    writer: kubernetes.writer,
    checkInstalled: kubernetes.installed,
    metrics,
    readTokenSha256,
    clock: systemClock,
    log,
  });
  return {
    servers: [{ ...server, fetch }],
    started() {
      if (proxy.relay) relay = runRelay(kubernetes, openLedger(proxy.relay, cluster, log), log);
      return "";
    },
    async stop() {
      await relay?.stop();
      await kubernetes.settle();
    },
  };
}

/** The log names what is wrong with its Redis; the proxy works without it. */
function openLedger({ store, ledger: rules }: NonNullable<ProxyRoleConfig["proxy"]["relay"]>, cluster: string, log: Log): Ledger {
  const client = { redis: openRedis({ ...store, autoPipelining: false }), engine: store.engine };
  void createLedgerCheck(() => probeRedis(client, cluster), systemClock, log)();
  return createRedisLedger(client, { cluster, rules, clock: systemClock });
}

/** The cluster that a kubeconfig names. */
export function openKubernetesCluster(
  { kubeConfigPath, timeoutMs, namespaces, fallbackNamespace }: KubernetesConfig,
  log: Log,
  onRequest: OnRequest = () => {},
): Cluster {
  return openCluster({
    kubeConfig: kubeConfigPath ?? "in-cluster",
    timeoutMs,
    onRequest,
    namespaces,
    fallbackNamespace,
    clock: systemClock,
    log,
    slot: `direct-${randomId().slice(0, 16)}`,
    onCollision: () => log.warn("request-collision"),
  });
}
