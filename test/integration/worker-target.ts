import { exportJWK, generateKeyPair } from "jose";
import { credentialSettings, TOKENS } from "../runtime/process-target.ts";
import type { RequestObject, Target } from "../runtime/target.ts";
import { createPart, type Part } from "../support/part.ts";
import { askApiServer, freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { type RunningWorker, startWorker } from "../support/worker.ts";

/** The Worker with a proxy on the real API server and the real Redis. */
export interface WorkerTarget extends Target {
  readonly proxy: Part;
  readonly worker: RunningWorker;
}

async function createKeys() {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = async (key: CryptoKey) => JSON.stringify({ ...(await exportJWK(key)), kid: "test" });
  return { signingKey: await jwk(privateKey), verifyKey: await jwk(publicKey) };
}

async function requests(namespace: string): Promise<readonly RequestObject[]> {
  const { body } = await askApiServer(`/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests`);
  return (body as { items: RequestObject[] }).items;
}

/** Starts a Worker of a cluster that nobody else of the run has. */
export async function openWorker(): Promise<WorkerTarget> {
  const { bridgeUrl, bridgeToken, kubeconfigPath } = realParts();
  const [cluster, namespace, fallbackNamespace] = [freshName("edge"), await freshNamespace("edge"), await freshNamespace("fallback")];
  const { signingKey, verifyKey } = await createKeys();
  const proxy = await createPart({
    ROLE: "proxy",
    CLUSTER_NAME: cluster,
    CRD_PROXY_VERIFY_KEYS: verifyKey,
    KUBE_CONFIG: kubeconfigPath,
    FALLBACK_NAMESPACE: fallbackNamespace,
  });
  await proxy.start();
  const worker = await startWorker({
    UPSTASH_REDIS_REST_URL: bridgeUrl,
    UPSTASH_REDIS_REST_TOKEN: bridgeToken,
    REDIS_ENGINE: "redis",
    CLUSTER_NAME: cluster,
    CRD_PROXY_URL: proxy.url,
    CRD_PROXY_SIGNING_KEY: signingKey,
    FALLBACK_NAMESPACE: fallbackNamespace,
    ...credentialSettings(namespace),
  });
  return {
    url: worker.url,
    sourceToken: TOKENS.source,
    narrowToken: TOKENS.narrow,
    readToken: TOKENS.read,
    adminToken: TOKENS.admin,
    namespace,
    fallbackNamespace,
    requests,
    settle: async () => worker.trigger(),
    output: () => worker.output() + proxy.output(),
    async stop() {
      await worker.stop();
      await proxy.stop();
    },
    proxy,
    worker,
  };
}
