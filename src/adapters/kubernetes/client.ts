import { CustomObjectsApi, createConfiguration, KubeConfig, ServerConfiguration } from "@kubernetes/client-node";
import { createTransport, type OpenStream } from "./transport.ts";

/** Setting that stands for the service account of the pod this runs in. */
const IN_CLUSTER = "in-cluster";

export interface KubernetesOptions {
  /** Path of a kubeconfig, whose current context counts, or `in-cluster`. */
  readonly kubeConfig: string;
  /** Longest wait for one call. */
  readonly timeoutMs: number;
}

/** A cluster's API server. */
export interface Kubernetes {
  readonly objects: CustomObjectsApi;
  /** Takes a path with its query. */
  readonly stream: OpenStream;
}

/** client-node's calls, and streams, over one transport. Throws a sentence for people where the kubeconfig cannot be read or names no cluster. */
export function openKubernetes({ kubeConfig, timeoutMs }: KubernetesOptions): Kubernetes {
  const config = new KubeConfig();
  load(config, kubeConfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`KUBE_CONFIG: ${kubeConfig} names no current cluster`);
  // client-node refuses http without this, as would `kubectl proxy` or an emulation be; there is nothing to verify on it.
  if (cluster.server.startsWith("http:")) Object.assign(cluster, { skipTLSVerify: true });
  const { http, stream } = createTransport(config, timeoutMs);
  const objects = new CustomObjectsApi(createConfiguration({ baseServer: new ServerConfiguration(cluster.server, {}), httpApi: http }));
  // A server may be named with a path of its own, as behind a shared front.
  return { objects, stream: (path, signal) => stream(cluster.server.replace(/\/$/, "") + path, signal) };
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
