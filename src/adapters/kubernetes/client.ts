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

/** client-node's calls over the shared transport. Throws where the kubeconfig cannot be read or names no cluster. */
export function openKubernetes({ kubeConfig, timeoutMs }: KubernetesOptions): CustomObjectsApi {
  const config = new KubeConfig();
  if (kubeConfig === IN_CLUSTER) config.loadFromCluster();
  else config.loadFromFile(kubeConfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("KUBE_CONFIG names no current cluster");
  // client-node refuses http without this, as would `kubectl proxy` or an emulation be; there is nothing to verify on it.
  if (cluster.server.startsWith("http:")) Object.assign(cluster, { skipTLSVerify: true });
  return new CustomObjectsApi(
    createConfiguration({ baseServer: new ServerConfiguration(cluster.server, {}), httpApi: createTransport(config, timeoutMs) }),
  );
}
