import { exportJWK, generateKeyPair } from "jose";
import { credentialSettings, TOKENS } from "../runtime/process-target.ts";
import type { Runtime } from "../runtime/runtimes.ts";
import { LIMITS, type RequestObject, type Target } from "../runtime/target.ts";
import { createPart, type Part } from "../support/part.ts";
import { askApiServer, freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { type RunningWorker, startWorker } from "../support/worker.ts";

/** A gateway with a proxy on the real API server and the real Redis. */
interface RealTarget extends Target {
  readonly proxy: Part;
}

export interface WorkerTarget extends RealTarget {
  readonly worker: RunningWorker;
}

type Settings = Readonly<Record<string, string>>;

async function createKeys() {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = async (key: CryptoKey) => JSON.stringify({ ...(await exportJWK(key)), kid: "test" });
  return { signingKey: await jwk(privateKey), verifyKey: await jwk(publicKey) };
}

async function requests(namespace: string): Promise<readonly RequestObject[]> {
  const { body } = await askApiServer(`/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests`);
  return (body as { items: RequestObject[] }).items;
}

/** Starts the proxy of a cluster that nobody else of the run has, its relay beside it, and gives the settings of a gateway for it. */
async function openCluster(runtime: Runtime) {
  const { bridgeUrl, bridgeToken, kubeconfigPath } = realParts();
  const [namespace, fallbackNamespace] = [await freshNamespace("edge"), await freshNamespace("fallback")];
  const { signingKey, verifyKey } = await createKeys();
  const shared: Settings = {
    CLUSTER_NAME: freshName("edge"),
    FALLBACK_NAMESPACE: fallbackNamespace,
    UPSTASH_REDIS_REST_URL: bridgeUrl,
    UPSTASH_REDIS_REST_TOKEN: bridgeToken,
    REDIS_ENGINE: "redis",
  };
  const proxySettings: Settings = {
    ...shared,
    ROLE: "proxy",
    CRD_PROXY_VERIFY_KEYS: verifyKey,
    KUBE_CONFIG: kubeconfigPath,
    PROXY_NAMESPACES: namespace,
  };
  const proxy = await createPart(proxySettings, undefined, runtime);
  await proxy.start();
  const settings: Settings = {
    ...shared,
    CRD_PROXY_URL: proxy.url,
    CRD_PROXY_SIGNING_KEY: signingKey,
    ENABLE_STORM_BUFFERING: "false",
    ...credentialSettings(namespace),
  };
  const { source: sourceToken, narrow: narrowToken, read: readToken, admin: adminToken } = TOKENS;
  return { proxy, settings, target: { sourceToken, narrowToken, readToken, adminToken, namespace, fallbackNamespace, requests, proxy } };
}

/** Gateway and proxy as two processes of a runtime. */
export async function openOn(runtime: Runtime): Promise<RealTarget> {
  const { proxy, settings, target } = await openCluster(runtime);
  const gateway = await createPart({ ...settings, ROLE: "gateway" }, undefined, runtime);
  await gateway.start();
  return {
    ...target,
    limits: LIMITS.process,
    url: gateway.url,
    settle: async () => {},
    output: () => gateway.output() + proxy.output(),
    async stop() {
      await Promise.all([gateway.stop(), proxy.stop()]);
    },
  };
}

/** The gateway as a Worker, before a proxy on Bun; `over` replaces single settings of the Worker. */
export async function openWorker(over: Settings = {}): Promise<WorkerTarget> {
  const { proxy, settings, target } = await openCluster("bun");
  const worker = await startWorker({ ...settings, ...over });
  return {
    ...target,
    limits: LIMITS.worker,
    url: worker.url,
    settle: async () => void worker.trigger(),
    output: () => worker.output() + proxy.output(),
    async stop() {
      await Promise.all([worker.stop(), proxy.stop()]);
    },
    worker,
  };
}
