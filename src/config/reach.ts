import type { RedisLogin, RedisTarget } from "../domain/redis-target.ts";
import type { ClusterConfig, PrivateJwk, RestRedisConfig, StoreConfig } from "./config.ts";
import { isLoopback } from "./parts.ts";
import type { Findings } from "./read.ts";
import type { Settings } from "./settings.ts";

/** The clusters of a gateway, each with the key that signs its calls. */
export function clustersOf(settings: Settings, findings: Findings): ClusterConfig[] {
  const { CLUSTERS, CRD_PROXY_URL, CLUSTER_NAME } = settings;
  if (CLUSTERS === null && CRD_PROXY_URL === null) findings.problems.push("CRD_PROXY_URL or CLUSTERS is needed with this role");
  if (CLUSTERS !== null && CRD_PROXY_URL !== null) findings.warnings.push("CRD_PROXY_URL is ignored: CLUSTERS replaces it");
  const named = CLUSTERS ?? (CRD_PROXY_URL === null ? {} : { [CLUSTER_NAME]: { url: CRD_PROXY_URL } });
  const setting = CLUSTERS === null ? "CRD_PROXY_URL" : "CLUSTERS";
  return Object.entries(named).flatMap(([name, { url, keyId }], at) => {
    warnOfPlainHttp(setting, url, findings);
    const signingKey = keyFor(at + 1, keyId, settings.CRD_PROXY_SIGNING_KEY ?? [], findings);
    return signingKey ? [{ name, proxyUrl: url, signingKey }] : [];
  });
}

function keyFor(place: number, keyId: string | undefined, keys: readonly PrivateJwk[], { problems }: Findings): PrivateJwk | null {
  const fitting = keyId === undefined ? keys : keys.filter(({ kid }) => kid === keyId);
  if (fitting.length === 1 || keys.length === 0) return fitting[0] ?? null;
  const trouble = keyId === undefined ? "holds several keys: name one as keyId" : "must hold one key of its keyId";
  problems.push(`CRD_PROXY_SIGNING_KEY ${trouble}, for cluster ${place}`);
  return null;
}

/** Where nothing waits for replicas, nobody must believe that something does. */
export function requireReplicas(store: StoreConfig, { REDIS_WAIT_REPLICAS: replicas }: Settings, { problems }: Findings): void {
  if (replicas === 0 || (store.kind !== "memory" && store.engine === "redis")) return;
  problems.push("REDIS_WAIT_REPLICAS needs an ordinary Redis: REDIS_ENGINE=redis with a bridge, REDIS_URL or REDIS_SENTINELS");
}

/** The ledger's store: what is named, else memory. */
export function storeOf(settings: Settings, findings: Findings): StoreConfig {
  const { REDIS_TIMEOUT_MS: timeoutMs, REDIS_WAIT_REPLICAS: waitReplicas } = settings;
  const target = targetOf(settings, findings);
  const rest = restRedisNamed(settings, findings);
  if (rest && target !== null) findings.problems.push("UPSTASH_REDIS_REST_URL and REDIS_URL or REDIS_SENTINELS: only one may be set");
  if (rest) return restRedisOf(settings, findings);
  return target ? { kind: "connection", target, engine: settings.REDIS_ENGINE ?? "redis", timeoutMs, waitReplicas } : { kind: "memory" };
}

/** Whether a Redis over REST is named, which takes its address and its token. */
export function restRedisNamed(
  { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }: Settings,
  { problems }: Findings,
): boolean {
  if ((url === null) !== (token === null)) problems.push("UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN must be set together");
  return url !== null;
}

/** Redis over REST. */
export function restRedisOf(settings: Settings, findings: Findings): RestRedisConfig {
  const url = settings.UPSTASH_REDIS_REST_URL ?? "";
  warnOfPlainHttp("UPSTASH_REDIS_REST_URL", url, findings);
  const token = settings.UPSTASH_REDIS_REST_TOKEN ?? "";
  const { REDIS_TIMEOUT_MS: timeoutMs, REDIS_WAIT_REPLICAS: waitReplicas } = settings;
  return { kind: "rest", url, token, engine: settings.REDIS_ENGINE ?? "upstash", timeoutMs, waitReplicas };
}

/** The Redis to connect to, null where none is named. */
export function targetOf(settings: Settings, findings: Findings): RedisTarget | null {
  const { REDIS_URL: address, REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: name, REDIS_CA_FILE: caFile } = settings;
  const { problems } = findings;
  if (address !== null && sentinels !== null) problems.push("REDIS_URL and REDIS_SENTINELS: only one may be set");
  if ((sentinels === null) !== (name === null)) problems.push("REDIS_SENTINELS and REDIS_SENTINEL_NAME must be set together");
  for (const setting of sentinels === null ? WITH_SENTINELS : []) {
    if (settings[setting]) problems.push(`${setting} is for REDIS_SENTINELS: REDIS_URL says it of one Redis`);
  }
  const tls = address ? address.tls : settings.REDIS_TLS || settings.REDIS_SENTINEL_TLS;
  if (caFile !== null && !tls) problems.push("REDIS_CA_FILE needs TLS: a rediss URL, REDIS_TLS or REDIS_SENTINEL_TLS");
  if (address !== null) return { ...address, caFile };
  if (sentinels === null || name === null) return null;
  const { REDIS_DATABASE: database, REDIS_TLS: redisTls, REDIS_SENTINEL_TLS: sentinelTls } = settings;
  const sentinelLogin = loginOf(settings, "REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD", findings);
  const login = loginOf(settings, "REDIS_USERNAME", "REDIS_PASSWORD", findings);
  return { at: { sentinels, name, login: sentinelLogin, tls: sentinelTls }, login, database, tls: redisTls, caFile };
}

const WITH_SENTINELS = [
  ...(["REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_DATABASE", "REDIS_TLS"] as const),
  ...(["REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD", "REDIS_SENTINEL_TLS"] as const),
];

function loginOf(
  settings: Settings,
  user: "REDIS_USERNAME" | "REDIS_SENTINEL_USERNAME",
  secret: "REDIS_PASSWORD" | "REDIS_SENTINEL_PASSWORD",
  { problems }: Findings,
): RedisLogin | null {
  const { [user]: username, [secret]: password } = settings;
  if (username !== null && password === null) problems.push(`${user} needs ${secret}`);
  return password === null ? null : { username, password };
}

function warnOfPlainHttp(setting: string, url: string, { warnings }: Findings): void {
  if (URL.canParse(url) && new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname)) {
    warnings.push(`${setting} is plain http: credentials and alerts can be read on the way`);
  }
}
