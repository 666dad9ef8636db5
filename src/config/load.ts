import type { RedisTarget } from "../domain/redis-target.ts";
import type { Source } from "../domain/source.ts";
import type { AllRoleConfig, BridgeRoleConfig, Config, GatewayRoleConfig, ProxyRoleConfig, Role } from "./config.ts";
import { withoutOthers } from "./own-variables.ts";
import { gatewayOf, isLoopback, kubernetesOf, ledgerOf, type Runtime, requireSafeReach } from "./parts.ts";
import { clustersOf, requireReplicas, restRedisNamed, restRedisOf, storeOf, targetOf } from "./reach.ts";
import { type Environment, type Findings, readSettings } from "./read.ts";
import type { SettingName, Settings } from "./settings.ts";
import { sharedTokens } from "./shared-tokens.ts";
import { readSources } from "./sources.ts";
import { readStormPolicy } from "./storms.ts";
import { readTargetRules } from "./target-rules.ts";

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The settings of a start, or every problem with them at once; no line shows a value.
 * A Worker is always a gateway, and cannot be reached over loopback.
 */
export function loadConfig(environment: Environment, runtime: Runtime): Loaded {
  const findings: Findings = { problems: [], warnings: [] };
  const env = withoutOthers(environment);
  const settings = readSettings(env, findings);
  const role = settings.ROLE ?? (runtime === "worker" ? "gateway" : "all");
  if (runtime === "worker" && role !== "gateway") findings.problems.push("ROLE must be gateway in a Worker");
  const config = ROLES[role](settings, env, findings, runtime);
  if (runtime === "worker" && "gateway" in config && config.gateway.sources.length === 0) {
    findings.problems.push("SOURCE_<NAME>: a Worker needs a source, since everyone can reach it");
  }
  const { problems, warnings } = findings;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config, warnings };
}

type Assemble = (settings: Settings, env: Environment, findings: Findings, runtime: Runtime) => Config;

/** Each gives a whole config; what is missing stands as a problem in the findings, and the config is then never used. */
const ROLES: Readonly<Record<Role, Assemble>> = {
  gateway(settings, env, findings, runtime): GatewayRoleConfig {
    require(settings, ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "CRD_PROXY_SIGNING_KEY"], findings);
    const clusters = clustersOf(settings, findings);
    const names = clusters.map(({ name }) => name);
    const sources = readSources(env, names, findings);
    findings.problems.push(...sharedTokens(sources, settings));
    const storm = readStormPolicy(env, settings, false, findings);
    const ledger = ledgerOf(settings, false);
    const store = restRedisOf(settings, findings);
    requireReplicas(store, settings, findings);
    return {
      ...common(settings, sources, findings),
      role: "gateway",
      gateway: gatewayOf(settings, { sources, storm, targetRules: readTargetRules(env, findings) }, runtime),
      ledger,
      store,
      clusters,
    };
  },
  proxy(settings, _env, findings): ProxyRoleConfig {
    require(settings, ["CRD_PROXY_VERIFY_KEYS", "KUBE_CONFIG"], findings);
    const relay = restRedisNamed(settings, findings) ? { store: restRedisOf(settings, findings), ledger: ledgerOf(settings, false) } : null;
    const proxy = {
      cluster: settings.CLUSTER_NAME,
      verifyKeys: { keys: settings.CRD_PROXY_VERIFY_KEYS ?? [] },
      kubernetes: kubernetesOf(settings),
      relay,
      readTokenSha256: settings.READ_TOKEN_SHA256 ?? [],
    };
    return { ...common(settings, null, findings), role: "proxy", proxy };
  },
  bridge(settings, _env, findings): BridgeRoleConfig {
    require(settings, ["BRIDGE_TOKEN"], findings);
    const target = targetOf(settings, findings);
    const named = findings.problems.some((problem) => problem.startsWith("REDIS_"));
    if (target === null && !named)
      findings.problems.push("REDIS_URL, or REDIS_SENTINELS and REDIS_SENTINEL_NAME, is needed with ROLE=bridge");
    const bridge = {
      target: target as RedisTarget,
      tokens: settings.BRIDGE_TOKEN ?? [],
      readTokenSha256: settings.READ_TOKEN_SHA256 ?? [],
      timeoutMs: settings.REDIS_TIMEOUT_MS,
    } as const;
    return { ...common(settings, null, findings), role: "bridge", bridge };
  },
  all(settings, env, findings, runtime): AllRoleConfig {
    refuseRemoteProxy(settings, findings);
    const cluster = settings.CLUSTER_NAME;
    const sources = readSources(env, [cluster], findings);
    findings.problems.push(...sharedTokens(sources, settings));
    const emulation = { kind: "emulation", port: settings.KUBE_PORT, fallbackNamespace: settings.FALLBACK_NAMESPACE } as const;
    const kubernetes = settings.KUBE_CONFIG === null ? emulation : kubernetesOf(settings);
    const store = storeOf(settings, findings);
    requireReplicas(store, settings, findings);
    if (store.kind === "memory" && kubernetes.kind === "cluster") {
      findings.warnings.push("The ledger is kept in memory and lost with the process: set REDIS_URL or UPSTASH_REDIS_REST_URL");
    }
    const emulated = kubernetes.kind === "emulation";
    const storm = readStormPolicy(env, settings, emulated, findings);
    const ledger = ledgerOf(settings, emulated);
    return {
      ...common(settings, sources, findings),
      role: "all",
      gateway: gatewayOf(settings, { sources, storm, targetRules: readTargetRules(env, findings) }, runtime),
      ledger,
      store,
      cluster,
      kubernetes,
    };
  },
};

/** `sources` null: this role takes no alerts. */
function common(settings: Settings, sources: readonly Source[] | null, findings: Findings) {
  const open = sources?.length === 0;
  const bindAddress = settings.BIND_ADDRESS ?? (open ? "127.0.0.1" : "0.0.0.0");
  if (open) requireSafeReach(bindAddress, findings);
  // Nothing that spreads requests over processes reaches it over loopback, and a person who presses Ctrl-C should not wait.
  const shutdownDelaySeconds = settings.SHUTDOWN_DELAY_SECONDS ?? (isLoopback(bindAddress) ? 0 : 5);
  return { server: { port: settings.PORT, bindAddress }, logLevel: settings.LOG_LEVEL, shutdownDelayMs: shutdownDelaySeconds * 1_000 };
}

function require(settings: Settings, names: readonly SettingName[], { problems }: Findings): void {
  problems.push(
    ...names
      .filter((name) => settings[name] === null && !problems.some((problem) => problem.startsWith(`${name} `)))
      .map((name) => `${name} is needed with this role`),
  );
}

/** Whoever names a proxy means another process; taking no notice would send the alerts elsewhere. */
function refuseRemoteProxy(settings: Settings, { problems }: Findings): void {
  const named = (["CRD_PROXY_URL", "CLUSTERS"] as const).filter((name) => settings[name] !== null);
  problems.push(...named.map((name) => `${name} has no place with ROLE=all, whose proxy is in the same process: set ROLE=gateway`));
}
