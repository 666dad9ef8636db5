import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { createPart, type Part } from "./part.ts";
import { freshName, kubectl, realParts } from "./real-parts.ts";

/** Gateway and proxy as an operator sets them up, on the run's Redis and API server; the proxy may do what deploy/rbac.yaml lets it. */
export interface Installation {
  readonly cluster: string;
  /** What a sender puts into `Authorization`. */
  readonly sourceToken: string;
  readonly gateway: Part;
  readonly proxy: Part;
  /** Starts one more gateway of the same cluster; `env` replaces single settings. */
  addGateway(env: Readonly<Record<string, string>>): Promise<Part>;
  stop(): Promise<void>;
}

export interface InstallationOptions {
  /** Settings beside those that every installation needs. */
  readonly gateway?: Readonly<Record<string, string>>;
  readonly proxy?: Readonly<Record<string, string>>;
  /** Where the proxy finds the API server, if not at the API server's own address. */
  readonly kubernetesUrl?: string;
  /** Of another Redis than the run's. */
  readonly bridge?: { readonly url: string; readonly token: string };
}

export const READ_TOKEN = "read-token-of-the-tests";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A kubeconfig's text for the proxy's ServiceAccount. */
function proxyKubeconfig(serverUrl: string): string {
  const { caFile } = realParts();
  const token = kubectl(["create", "token", "breakwater-proxy", "--namespace=kubernaut-system"]).trim();
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: serverUrl, "certificate-authority": caFile } }],
    users: [{ name: "proxy", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "proxy" } }],
    "current-context": "test",
  });
}

async function createKeys() {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = async (key: CryptoKey) => JSON.stringify({ ...(await exportJWK(key)), kid: "test" });
  return { signingKey: await jwk(privateKey), verifyKey: await jwk(publicKey) };
}

/** Starts an installation of a cluster that nobody else of the run has, ready for alerts. */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const { apiServerUrl, bridgeUrl, bridgeToken } = realParts();
  const bridge = options.bridge ?? { url: bridgeUrl, token: bridgeToken };
  const cluster = freshName("cluster");
  const sourceToken = freshName("source-token");
  const dir = mkdtempSync(join(tmpdir(), "breakwater-installation-"));
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(kubeconfig, proxyKubeconfig(options.kubernetesUrl ?? apiServerUrl), { mode: 0o600 });
  const { signingKey, verifyKey } = await createKeys();
  const proxy = await createPart({
    ROLE: "proxy",
    CLUSTER_NAME: cluster,
    CRD_PROXY_VERIFY_KEYS: verifyKey,
    KUBE_CONFIG: kubeconfig,
    ...options.proxy,
  });
  const gatewayEnv = {
    ROLE: "gateway",
    CLUSTER_NAME: cluster,
    UPSTASH_REDIS_REST_URL: bridge.url,
    UPSTASH_REDIS_REST_TOKEN: bridge.token,
    REDIS_ENGINE: "redis",
    CRD_PROXY_URL: proxy.url,
    CRD_PROXY_SIGNING_KEY: signingKey,
    SOURCE_TEST: JSON.stringify({ cluster, auth: [{ bearerSha256: sha256(sourceToken) }] }),
    READ_TOKEN_SHA256: sha256(READ_TOKEN),
    ...options.gateway,
  };
  const gateway = await createPart(gatewayEnv);
  const parts = [proxy, gateway];
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(dir, { recursive: true });
  };
  try {
    await proxy.start();
    await gateway.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const addGateway = async (env: Readonly<Record<string, string>>) => {
    const more = await createPart({ ...gatewayEnv, ...env });
    parts.push(more);
    await more.start();
    return more;
  };
  return { cluster, sourceToken, gateway, proxy, addGateway, stop };
}
