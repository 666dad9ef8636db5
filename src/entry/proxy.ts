import { type Cluster, openCluster } from "../adapters/kubernetes/cluster.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { KubernetesConfig, ProxyRoleConfig } from "../config/config.ts";
import type { Log } from "../ports/log.ts";
import { createProxy } from "../proxy.ts";
import type { Role } from "./role.ts";

/** The proxy in a process: the only part that talks to Kubernetes. */
export function openProxy({ proxy, server }: ProxyRoleConfig, log: Log): Role {
  const { writer, installed } = openWriter(proxy.kubernetes, log);
  const { cluster, verifyKeys } = proxy;
  const { fetch } = createProxy({ cluster, verifyKeys, writer, checkInstalled: installed, clock: systemClock, log });
  return { servers: [{ ...server, fetch }], started: () => "", stop: async () => {} };
}

/** The cluster that a kubeconfig names. */
export function openWriter({ kubeConfigPath, timeoutMs, namespaces, fallbackNamespace }: KubernetesConfig, log: Log): Cluster {
  return openCluster({
    kubeConfig: kubeConfigPath ?? "in-cluster",
    timeoutMs,
    namespaces,
    fallbackNamespace,
    clock: systemClock,
    log,
    onCollision: () => log.warn("request-collision"),
  });
}
