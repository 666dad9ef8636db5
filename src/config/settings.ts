import * as z from "zod/mini";
import { REDIS_SETTINGS } from "./redis-settings.ts";
import { EVERY, INGEST, KUBERNETES, REST } from "./roles.ts";
import { choice, flag, integer, type Setting, shaped } from "./setting.ts";
import { clusters, dnsLabel, httpUrl, list, privateKeys, publicKeys, sha256Hex } from "./shapes.ts";
import { STORM_SETTINGS } from "./storm-settings.ts";

const text = z.string();
/** Also where only a slip puts one: a token in place of its hash. */
const secret = true;

/** All settings but SOURCE_<NAME>, STORM_RULE_<NAME> and TARGET_RULE_<NAME>, whose names are the operator's. */
export const SETTINGS = {
  ROLE: choice({
    of: EVERY,
    default: null,
    defaultNote: "`all`; in a Worker `gateway`",
    roles: EVERY,
    meaning: "Which part this is. `all`: gateway and proxy in one process.",
  }),
  PORT: integer({ min: 0, max: 65_535, default: 8787, roles: EVERY, meaning: "Where it listens; 0 takes any free port." }),
  BIND_ADDRESS: shaped({
    schema: text,
    allowed: "an address",
    default: null,
    defaultNote: "`127.0.0.1` for a gateway without a source, else `0.0.0.0`",
    roles: EVERY,
    meaning: "A gateway without a source listens on loopback only.",
  }),
  LOG_LEVEL: choice({
    of: ["debug", "info", "warn", "error"],
    default: "info",
    roles: EVERY,
    meaning: "The least important lines that are written.",
  }),
  KUBE_PORT: integer({
    min: 1,
    max: 65_535,
    default: 8001,
    roles: ["all"],
    meaning: "Port of the emulated Kubernetes API, used where KUBE_CONFIG is not set.",
  }),

  ...REDIS_SETTINGS,

  CRD_PROXY_URL: shaped({
    schema: httpUrl,
    allowed: "http or https URL",
    default: null,
    roles: ["gateway"],
    meaning: "The cluster's proxy.",
  }),
  CRD_PROXY_SIGNING_KEY: shaped({
    schema: privateKeys,
    allowed: "private Ed25519 JWK with `kid`, or a set of them",
    secret,
    default: null,
    roles: ["gateway"],
    meaning: "Signs the calls to proxies.",
  }),
  CRD_PROXY_TIMEOUT_MS: integer({ min: 100, max: 8_000, unit: "ms", default: 4_000, roles: REST, meaning: "Longest wait for a proxy." }),
  CLUSTER_NAME: shaped({
    schema: dnsLabel,
    allowed: "DNS label",
    default: "default",
    roles: ["gateway", "proxy", "all"],
    meaning: "The cluster behind CRD_PROXY_URL; at a proxy, the cluster it is in.",
  }),
  CLUSTERS: shaped({
    schema: clusters,
    allowed: 'JSON: `{"<name>":{"url":"https://…","keyId":"…"}}`',
    default: null,
    roles: ["gateway"],
    meaning:
      "Several clusters, instead of CRD_PROXY_URL and CLUSTER_NAME. `keyId` picks a key of CRD_PROXY_SIGNING_KEY by its `kid` and may be left out where there is one key.",
  }),

  ADMIN_TOKEN_SHA256: shaped({
    schema: list(sha256Hex),
    allowed: "64 lower-case hex digits, several by comma",
    secret,
    default: null,
    roles: INGEST,
    meaning: "SHA-256 of the tokens that may change things.",
  }),
  READ_TOKEN_SHA256: shaped({
    schema: list(sha256Hex),
    allowed: "64 lower-case hex digits, several by comma",
    secret,
    default: null,
    roles: INGEST,
    meaning: "SHA-256 of the tokens that may read metrics and status.",
  }),
  ENABLE_STATE_BASED_DEDUP: flag({
    default: true,
    roles: INGEST,
    meaning: "Repeats are judged by the state of their request; `false`: by time alone.",
  }),
  DEDUP_STATE_TTL_SECONDS: integer({
    min: 0,
    max: 300,
    unit: "s",
    default: null,
    defaultNote: "30; 0 on the emulated Kubernetes API",
    roles: INGEST,
    meaning: "How long a state once seen is believed; 0 asks each time.",
  }),
  DEDUP_FALLBACK_TTL_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 300,
    roles: INGEST,
    meaning: "While the state cannot be had: how long after a request a repeat counts as its duplicate.",
  }),
  DELIVERY_TTL_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 120,
    roles: INGEST,
    meaning: "How long a delivery sent again is recognised.",
  }),
  ...STORM_SETTINGS,
  INTENTS_MAX: integer({
    min: 100,
    max: 1_000_000,
    default: 100_000,
    roles: INGEST,
    meaning: "Requests a cluster may wait for; beyond it new alerts are answered 503.",
  }),
  BREAKER_FAILURE_PERCENT: integer({
    min: 1,
    max: 100,
    unit: "%",
    default: 5,
    roles: INGEST,
    meaning: "Share of failed calls within 30 s (at least 5 of at least 20) from which Redis or a proxy counts as down.",
  }),
  BREAKER_OPEN_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 300,
    roles: INGEST,
    meaning: "Longest time that alerts are decided without asking what counts as down; it is probed every 5 s. In a Worker 5 s.",
  }),
  MAX_BODY_BYTES: integer({
    min: 1_024,
    max: 33_554_432,
    unit: "bytes",
    default: null,
    defaultNote: "`33554432`; in a Worker `8388608`",
    roles: INGEST,
    meaning:
      "Largest webhook; beyond it 413, which Alertmanager does not repeat: its `max_alerts` keeps a group below. Bodies of 64 MiB are in memory at once, in a Worker's isolate of 16 MiB, and payloads of more than 5,000 alerts are worked on one at a time; beyond that 503.",
  }),
  MAX_ALERTS_PER_REQUEST: integer({
    min: 1,
    max: 50_000,
    default: null,
    defaultNote: "`50000`; in a Worker `10000`",
    roles: INGEST,
    meaning: "Most alerts in a webhook; beyond it 413 as above.",
  }),
  FALLBACK_NAMESPACE: shaped({
    schema: dnsLabel,
    allowed: "DNS label",
    default: "kubernaut-system",
    roles: ["gateway", "proxy", "all"],
    meaning: "Where requests go whose alert names no namespace, or one that is gone.",
  }),

  CRD_PROXY_VERIFY_KEYS: shaped({
    schema: publicKeys,
    allowed: "public Ed25519 JWK with `kid`, or a set of them",
    default: null,
    roles: ["proxy"],
    meaning: "Whose calls the proxy takes.",
  }),
  KUBE_CONFIG: shaped({
    schema: text,
    allowed: "a path, or `in-cluster`",
    default: null,
    roles: KUBERNETES,
    meaning: "How to reach the Kubernetes API. KUBECONFIG is not read.",
  }),
  PROXY_NAMESPACES: shaped({
    schema: list(dnsLabel),
    allowed: "DNS labels by comma",
    default: null,
    defaultNote: "all",
    roles: KUBERNETES,
    meaning: "The namespaces that may be written to.",
  }),
  KUBE_TIMEOUT_MS: integer({
    min: 100,
    max: 8_000,
    unit: "ms",
    default: 3_000,
    roles: KUBERNETES,
    meaning: "Longest wait for one call of the Kubernetes API.",
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What the settings say, each checked by itself; null: not set, without a default. */
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T, infer D> ? T | D : never };

/** Each variable that begins so is a rule for storms. */
export const STORM_RULE_PREFIX = "STORM_RULE_";

/** Each variable that begins so says what some alerts are about. */
export const TARGET_RULE_PREFIX = "TARGET_RULE_";

/** Prefixes that are Breakwater's alone: a name under them that is not in the table is a slip of the pen. */
export const OWN_PREFIXES = ["STORM_", "TARGET_", "DEDUP_", "BREAKER_"] as const;
