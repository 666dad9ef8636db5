import { openKubernetes } from "../adapters/kubernetes/client.ts";
import { createRequestApi } from "../adapters/kubernetes/custom-objects.ts";
import { checkInstalled } from "../adapters/kubernetes/installed.ts";
import { pause } from "../adapters/kubernetes/pause.ts";
import { createKubernetesWriter } from "../adapters/kubernetes/remediation-writer.ts";
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

/** A writer on the API server that a kubeconfig names. */
export function openWriter({ kubeConfigPath, timeoutMs, namespaces, fallbackNamespace }: KubernetesConfig, log: Log) {
  const objects = openKubernetes({ kubeConfig: kubeConfigPath ?? "in-cluster", timeoutMs });
  const writer = createKubernetesWriter({
    api: createRequestApi(objects),
    timing: { clock: systemClock, pause, random: Math.random },
    namespaces,
    fallbackNamespace,
    onCollision: () => log.warn("request-collision"),
  });
  return { writer, installed: () => checkInstalled(objects) };
}
