import { CustomObjectsApi, createConfiguration, ServerConfiguration } from "@kubernetes/client-node";
import { readKubeconfig } from "./kubeconfig.ts";
import { createTransport, type OnRequest, type OpenStream } from "./transport.ts";

export interface KubernetesOptions {
  /** KUBE_CONFIG: paths of kubeconfigs, whose current context counts, or `in-cluster`. */
  readonly kubeConfig: string;
  /** Longest wait for one call. */
  readonly timeoutMs: number;
  readonly onRequest?: OnRequest;
}

/** A cluster's API server. */
export interface Kubernetes {
  readonly objects: CustomObjectsApi;
  /** Takes a path with its query. */
  readonly stream: OpenStream;
}

/** client-node's calls, and streams, over one transport. Throws `SettingProblem` where the kubeconfig cannot be read or says what is not heeded. */
export function openKubernetes({ kubeConfig, timeoutMs, onRequest = () => {} }: KubernetesOptions): Kubernetes {
  const access = readKubeconfig(kubeConfig);
  const { http, stream } = createTransport(access, timeoutMs, onRequest);
  // A server may be named with a path of its own, as behind a shared front.
  const server = access.server.replace(/\/$/, "");
  const objects = new CustomObjectsApi(createConfiguration({ baseServer: new ServerConfiguration(server, {}), httpApi: http }));
  return { objects, stream: (path, signal) => stream(server + path, signal) };
}
