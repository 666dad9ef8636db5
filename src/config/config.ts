import type { RedisTarget } from "../domain/redis-target.ts";
import type { Source } from "../domain/source.ts";
import type { StormPolicy } from "../domain/storm-rules.ts";
import type { TargetRule } from "../domain/target/target-rule.ts";
import type { LedgerRules } from "../ports/ledger.ts";

export type Role = "gateway" | "proxy" | "bridge" | "all";
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Ed25519 keys as JWKs (RFC 8037), each with an id, so that one can be replaced without a gap. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly kid: string;
  readonly x: string;
}
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

export interface GatewayConfig {
  /** Empty: whoever reaches the loopback address may send. */
  readonly sources: readonly Source[];
  readonly storm: StormPolicy;
  /** What operators say alerts are about, in the order in which the rules are asked. */
  readonly targetRules: readonly TargetRule[];
  /** When a dependency counts as down, and for how long senders are kept from it. */
  readonly breaker: { readonly failurePercent: number; readonly openMs: number };
  /** Longest life of a storm in ms, and most alerts in it. */
  readonly stormLimits: { readonly windowMaxMs: number; readonly windowAlertsMax: number };
  readonly adminTokenSha256: readonly string[];
  readonly readTokenSha256: readonly string[];
  readonly bodyBytesMax: number;
  readonly alertsPerRequestMax: number;
  /** Most bytes of bodies in memory at once; at least one of the largest. */
  readonly bodyRoomBytes: number;
  /** Where requests go whose alert names no namespace. */
  readonly fallbackNamespace: string;
  /** Longest wait for the writer of requests, ms. */
  readonly writerTimeoutMs: number;
}

/** A cluster whose proxy the gateway calls. */
export interface ClusterConfig {
  readonly name: string;
  readonly proxyUrl: string;
  readonly signingKey: PrivateJwk;
}

export interface RestRedisConfig {
  readonly kind: "rest";
  readonly url: string;
  readonly token: string;
  readonly engine: "upstash" | "redis";
  readonly timeoutMs: number;
  /** How many replicas must have an alert before it is answered. */
  readonly waitReplicas: number;
}

export interface ConnectedRedisConfig {
  readonly kind: "connection";
  readonly target: RedisTarget;
  readonly engine: "upstash" | "redis";
  readonly timeoutMs: number;
  readonly waitReplicas: number;
}

/** Where the ledger is kept. */
export type StoreConfig = { readonly kind: "memory" } | RestRedisConfig | ConnectedRedisConfig;

export interface KubernetesConfig {
  readonly kind: "cluster";
  /** Path of a kubeconfig; null: the service account of the pod. */
  readonly kubeConfigPath: string | null;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly fallbackNamespace: string;
  readonly timeoutMs: number;
}

/** The built-in Kubernetes API; 0: any free port. */
export interface EmulationConfig {
  readonly kind: "emulation";
  readonly port: number;
  readonly fallbackNamespace: string;
}

export interface ProxyConfig {
  readonly cluster: string;
  readonly verifyKeys: { readonly keys: PublicJwk[] };
  /** The ledger that is told of every change; null: none is. */
  readonly relay: { readonly store: RestRedisConfig; readonly ledger: LedgerRules } | null;
  readonly kubernetes: KubernetesConfig;
  readonly readTokenSha256: readonly string[];
}

export interface BridgeConfig {
  readonly readTokenSha256: readonly string[];
  readonly target: RedisTarget;
  readonly tokens: readonly string[];
  readonly timeoutMs: number;
}

interface Common {
  /** Port 0: any free one. */
  readonly server: { readonly port: number; readonly bindAddress: string };
  readonly logLevel: LogLevel;
  /** How long a process that is told to end serves on. */
  readonly shutdownDelayMs: number;
}

export interface GatewayRoleConfig extends Common {
  readonly role: "gateway";
  readonly gateway: GatewayConfig;
  readonly ledger: LedgerRules;
  readonly store: RestRedisConfig;
  readonly clusters: readonly ClusterConfig[];
}
export interface ProxyRoleConfig extends Common {
  readonly role: "proxy";
  readonly proxy: ProxyConfig;
}
export interface BridgeRoleConfig extends Common {
  readonly role: "bridge";
  readonly bridge: BridgeConfig;
}
/** Gateway and proxy in one process, for one cluster. */
export interface AllRoleConfig extends Common {
  readonly role: "all";
  readonly gateway: GatewayConfig;
  readonly ledger: LedgerRules;
  readonly store: StoreConfig;
  readonly cluster: string;
  readonly kubernetes: KubernetesConfig | EmulationConfig;
}

/** Everything a start needs, checked; times in ms. */
export type Config = GatewayRoleConfig | ProxyRoleConfig | BridgeRoleConfig | AllRoleConfig;
