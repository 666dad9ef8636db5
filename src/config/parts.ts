import type { LedgerRules } from "../ports/ledger.ts";
import type { GatewayConfig, KubernetesConfig } from "./config.ts";
import type { Findings } from "./read.ts";
import type { Settings } from "./settings.ts";

const SECOND = 1_000;

const MIB = 1024 * 1024;

export type Runtime = "process" | "worker";

/** What is taken unless the settings say so: a body takes some four times its size in memory, of which an isolate has 128 MB. */
const SIZES = {
  process: { bodyBytesMax: 32 * MIB, alertsPerRequestMax: 50_000, bodyRoomBytes: 64 * MIB },
  worker: { bodyBytesMax: 8 * MIB, alertsPerRequestMax: 10_000, bodyRoomBytes: 16 * MIB },
} as const;

function sizesOf({ MAX_BODY_BYTES, MAX_ALERTS_PER_REQUEST }: Settings, runtime: Runtime) {
  const sizes = SIZES[runtime];
  const bodyBytesMax = MAX_BODY_BYTES ?? sizes.bodyBytesMax;
  const alertsPerRequestMax = MAX_ALERTS_PER_REQUEST ?? sizes.alertsPerRequestMax;
  return { bodyBytesMax, alertsPerRequestMax, bodyRoomBytes: Math.max(sizes.bodyRoomBytes, bodyBytesMax) };
}

/** What a gateway takes, from whom, and how much of it. */
export const gatewayOf = (
  settings: Settings,
  { sources, storm, targetRules }: Pick<GatewayConfig, "sources" | "storm" | "targetRules">,
  runtime: Runtime,
): GatewayConfig => ({
  sources,
  storm,
  targetRules,
  breaker: { failurePercent: settings.BREAKER_FAILURE_PERCENT, openMs: settings.BREAKER_OPEN_SECONDS * SECOND },
  stormLimits: { windowMaxMs: settings.STORM_MAX_WINDOW_SECONDS * SECOND, windowAlertsMax: settings.STORM_MAX_ALERTS },
  adminTokenSha256: settings.ADMIN_TOKEN_SHA256 ?? [],
  readTokenSha256: settings.READ_TOKEN_SHA256 ?? [],
  ...sizesOf(settings, runtime),
  fallbackNamespace: settings.FALLBACK_NAMESPACE,
  writerTimeoutMs: settings.CRD_PROXY_TIMEOUT_MS,
});

/** On the emulated API a state is asked for each time, so that a phase patched by hand counts at once. */
export const ledgerOf = (settings: Settings, emulated: boolean): LedgerRules => ({
  shares: { "state-based-dedup": settings.ENABLE_STATE_BASED_DEDUP, "storm-buffering": settings.ENABLE_STORM_BUFFERING },
  stateTtlMs: (settings.DEDUP_STATE_TTL_SECONDS ?? (emulated ? 0 : 30)) * SECOND,
  fallbackTtlMs: settings.DEDUP_FALLBACK_TTL_SECONDS * SECOND,
  deliveryTtlMs: settings.DELIVERY_TTL_SECONDS * SECOND,
  leaseMs: settings.CRD_PROXY_TIMEOUT_MS + SECOND,
  voteMs: 60 * SECOND,
  intentsMax: settings.INTENTS_MAX,
  windowMaxMs: settings.STORM_MAX_WINDOW_SECONDS * SECOND,
  windowAlertsMax: settings.STORM_MAX_ALERTS,
  bufferedMax: { perNamespace: settings.STORM_MAX_PER_NAMESPACE, total: settings.STORM_MAX_TOTAL },
});

/** How to reach a real Kubernetes API. */
export const kubernetesOf = (settings: Settings): KubernetesConfig => ({
  kind: "cluster",
  kubeConfigPath: settings.KUBE_CONFIG === "in-cluster" ? null : (settings.KUBE_CONFIG ?? ""),
  namespaces: settings.PROXY_NAMESPACES ?? [],
  fallbackNamespace: settings.FALLBACK_NAMESPACE,
  timeoutMs: settings.KUBE_TIMEOUT_MS,
});

/** A gateway that asks nobody for a credential must not be reachable from elsewhere. */
export function requireSafeReach(bindAddress: string, { problems }: Findings): void {
  if (!isLoopback(bindAddress)) problems.push("BIND_ADDRESS must be a loopback address without a source: set SOURCE_<NAME> first");
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
