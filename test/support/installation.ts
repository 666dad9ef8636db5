import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { createProxyWriter } from "../../src/adapters/proxy/client.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { RemediationWriter } from "../../src/ports/remediation-writer.ts";
import type { Runtime } from "../runtime/runtimes.ts";
import { lostOnPage } from "./conservation.ts";
import { type AnyPart, createPart, type Part } from "./part.ts";
import { freshName, kubectl, realParts } from "./real-parts.ts";

type Settings = Readonly<Record<string, string>>;

/** Gateway and proxy as an operator sets them up, but for storms, which are off unless asked for, on the run's Redis and API server; the proxy may do what deploy/rbac.yaml lets it. */
export interface Installation<P extends AnyPart = Part> {
  readonly cluster: string;
  /** What a sender puts into `Authorization`. */
  readonly sourceToken: string;
  readonly gateway: P;
  /** The one that gateways call. */
  readonly proxy: P;
  readonly proxies: readonly P[];
  /** Of a gateway, its address left out. */
  readonly gatewaySettings: Settings;
  /** Starts one more gateway of the same cluster; `env` replaces single settings. */
  addGateway(env: Settings, runtime?: Runtime): Promise<P>;
  /** Calls a proxy as a gateway does. */
  writerOn(proxy: Pick<AnyPart, "url">): RemediationWriter;
  stop(): Promise<void>;
}

/** Creates a part of these settings, not started yet. */
type CreatePart<P extends AnyPart> = (env: Settings, cwd: undefined, runtime: Runtime | undefined) => Promise<P>;

export interface InstallationOptions<P extends AnyPart = Part> {
  /** Settings beside those that every installation needs. */
  readonly gateway?: Settings;
  /** The same for each proxy; one without any unless said otherwise. */
  readonly proxies?: readonly Settings[];
  /** Where the proxies find the API server, if not at the API server's own address. */
  readonly kubernetesUrl?: string;
  /** The proxies' kubeconfig, if not one of their ServiceAccount for the run's API server. */
  readonly kubeconfigPath?: string;
  /** Of another Redis than the run's. */
  readonly bridge?: RestAccess;
  /** Of all parts; Bun unless said otherwise. */
  readonly runtime?: Runtime;
  /** Parts that are not processes. */
  readonly createPart?: CreatePart<P>;
  /** The ledger is made to lose a part of what it holds, or a version before works on it as well, which counts nothing that is owed. */
  readonly forgets?: true;
}

/** How to reach a Redis through its bridge. */
export interface RestAccess {
  readonly url: string;
  readonly token: string;
}

/** Settings of who keeps something in a Redis. */
const storeSettings = ({ url, token }: RestAccess): Settings => ({
  UPSTASH_REDIS_REST_URL: url,
  UPSTASH_REDIS_REST_TOKEN: token,
  REDIS_ENGINE: "redis",
});

/**
 * Settings of a proxy that tells a Redis of every change in some namespaces, of which the first is the fallback. A watch over all there are
 * would put right what other suites of the run want to be wrong.
 */
export const relaySettings = (access: RestAccess, namespaces: readonly string[]): Settings => ({
  ...storeSettings(access),
  PROXY_NAMESPACES: namespaces.join(),
  FALLBACK_NAMESPACE: `${namespaces[0]}`,
});

export const READ_TOKEN = "read-token-of-the-tests";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Lets who has READ_TOKEN read a part's metrics. */
export const READABLE: Settings = { READ_TOKEN_SHA256: sha256(READ_TOKEN) };

/** A kubeconfig's text for the proxy's ServiceAccount. */
export function proxyKubeconfig(serverUrl: string): string {
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

/** A pair of keys as both halves of the settings have it. */
export async function createKeys(kid = "test") {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = async (key: CryptoKey) => JSON.stringify({ ...(await exportJWK(key)), kid });
  return { signingKey: await jwk(privateKey), verifyKey: await jwk(publicKey) };
}

/** Starts an installation of a cluster that nobody else of the run has, ready for alerts. */
export async function startInstallation<P extends AnyPart = Part>(options: InstallationOptions<P> = {}): Promise<Installation<P>> {
  const create = options.createPart ?? (createPart as unknown as CreatePart<P>);
  const { apiServerUrl, bridgeUrl, bridgeToken } = realParts();
  const bridge = options.bridge ?? { url: bridgeUrl, token: bridgeToken };
  const cluster = freshName("cluster");
  const sourceToken = freshName("source-token");
  const dir = mkdtempSync(join(tmpdir(), "breakwater-installation-"));
  const kubeconfig = options.kubeconfigPath ?? join(dir, "kubeconfig");
  if (!options.kubeconfigPath) writeFileSync(kubeconfig, proxyKubeconfig(options.kubernetesUrl ?? apiServerUrl), { mode: 0o600 });
  const { signingKey, verifyKey } = await createKeys();
  const proxySettings = { ROLE: "proxy", CLUSTER_NAME: cluster, CRD_PROXY_VERIFY_KEYS: verifyKey, KUBE_CONFIG: kubeconfig };
  const proxies = await Promise.all(
    (options.proxies ?? [{}]).map((own) => create({ ...proxySettings, ...own }, undefined, options.runtime)),
  );
  const [proxy] = proxies as readonly P[] as readonly [P];
  const gatewaySettings = {
    ROLE: "gateway",
    CLUSTER_NAME: cluster,
    ...storeSettings(bridge),
    CRD_PROXY_URL: proxy.url,
    CRD_PROXY_SIGNING_KEY: signingKey,
    SOURCE_TEST: JSON.stringify({ cluster, auth: [{ bearerSha256: sha256(sourceToken) }] }),
    ...READABLE,
    ENABLE_STORM_BUFFERING: "false",
    ...options.gateway,
  };
  const gateway = await create(gatewaySettings, undefined, options.runtime);
  const parts = [...proxies, gateway];
  /** By the metrics of its gateway alone, where that is up; at the start it has the ledger begin to count. */
  const lost = async () => {
    const headers = { authorization: `Bearer ${READ_TOKEN}` };
    const answer = await fetch(new URL("/metrics", gateway.url), { headers, signal: AbortSignal.timeout(10_000) }).catch(() => null);
    return answer?.ok ? lostOnPage(await answer.text()) : null;
  };
  const stop = async () => {
    const told = options.forgets ? null : await lost();
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(dir, { recursive: true });
    if (told !== null) throw new Error(`something that is owed to alerts is out of sight: ${told}`);
  };
  try {
    await Promise.all(parts.map((part) => part.start()));
    await lost();
  } catch (error) {
    await stop();
    throw error;
  }
  const addGateway = async (env: Settings, runtime?: Runtime) => {
    const more = await create({ ...gatewaySettings, ...env }, undefined, runtime);
    parts.push(more);
    await more.start();
    return more;
  };
  const writerOn = ({ url }: Pick<AnyPart, "url">) =>
    createProxyWriter({ url, cluster, signingKey: JSON.parse(signingKey), clock: systemClock });
  return { cluster, sourceToken, gateway, proxy, proxies, gatewaySettings, addGateway, writerOn, stop };
}
