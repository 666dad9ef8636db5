import { CustomObjectsApi, createConfiguration, KubeConfig, ServerConfiguration } from "@kubernetes/client-node";
import { createTransport } from "./transport.ts";

/** Setting that stands for the service account of the pod this runs in. */
const IN_CLUSTER = "in-cluster";

export interface KubernetesOptions {
  /** Path of a kubeconfig, whose current context counts, or `in-cluster`. */
  readonly kubeConfig: string;
  /** Longest wait for one call. */
  readonly timeoutMs: number;
}

/** client-node's calls over the shared transport. Throws a sentence for people where the kubeconfig cannot be read or names no cluster. */
export function openKubernetes({ kubeConfig, timeoutMs }: KubernetesOptions): CustomObjectsApi {
  const config = new KubeConfig();
  load(config, kubeConfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`KUBE_CONFIG: ${kubeConfig} names no current cluster`);
  // client-node refuses http without this, as would `kubectl proxy` or an emulation be; there is nothing to verify on it.
  if (cluster.server.startsWith("http:")) Object.assign(cluster, { skipTLSVerify: true });
  return new CustomObjectsApi(
    createConfiguration({ baseServer: new ServerConfiguration(cluster.server, {}), httpApi: createTransport(config, timeoutMs) }),
  );
}

/** What the parser says about a broken file quotes it, credentials included. */
function load(config: KubeConfig, source: string): void {
  try {
    if (source === IN_CLUSTER) config.loadFromCluster();
    else config.loadFromFile(source);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    throw new Error(`KUBE_CONFIG: ${source} ${typeof code === "string" ? `cannot be read (${code})` : "is no kubeconfig"}`);
  }
}
