import * as v from "valibot";
import { REDIS_SETTINGS } from "./redis-settings.ts";
import { EVERY, INGEST, KUBERNETES, REST } from "./roles.ts";
import { choice, integer, type Setting, shaped, share } from "./setting.ts";
import { bindAddress, clusters, dnsLabel, httpUrl, list, privateKeys, publicKeys, sha256Hex } from "./shapes.ts";
import { STORM_SETTINGS } from "./storm-settings.ts";

const text = v.string();
/** Also where only a slip puts one: a token in place of its hash. */
const secret = true;

/** All settings but SOURCE_<NAME>, STORM_RULE_<NAME> and TARGET_RULE_<NAME>, whose names are the operator's. */
export const SETTINGS = {
  ROLE: choice({
    of: EVERY,
    default: null,
    defaultNote: "`all`; in a Worker `gateway`",
    roles: EVERY,
  }),
  PORT: integer({ min: 0, max: 65_535, default: 8787, roles: EVERY }),
  BIND_ADDRESS: shaped({
    schema: bindAddress,
    allowed: "an IP address, or `localhost`",
    default: null,
    defaultNote: "`127.0.0.1` for a gateway without a source, else `0.0.0.0`",
    roles: EVERY,
  }),
  SHUTDOWN_DELAY_SECONDS: integer({
    min: 0,
    max: 3_600,
    unit: "s",
    default: null,
    defaultNote: "5; 0 where it listens on loopback only",
    roles: EVERY,
  }),
  LOG_LEVEL: choice({
    of: ["debug", "info", "warn", "error"],
    default: "info",
    roles: EVERY,
  }),
  KUBE_PORT: integer({
    min: 1,
    max: 65_535,
    default: 8001,
    roles: ["all"],
  }),

  ...REDIS_SETTINGS,

  CRD_PROXY_URL: shaped({
    schema: httpUrl,
    allowed: "http or https URL",
    default: null,
    roles: ["gateway"],
  }),
  CRD_PROXY_SIGNING_KEY: shaped({
    schema: privateKeys,
    allowed: "private Ed25519 JWK with `kid`, or a set of them",
    secret,
    default: null,
    roles: ["gateway"],
  }),
  CRD_PROXY_TIMEOUT_MS: integer({ min: 100, max: 8_000, unit: "ms", default: 4_000, roles: REST }),
  CLUSTER_NAME: shaped({
    schema: dnsLabel,
    allowed: "DNS label",
    default: "default",
    roles: ["gateway", "proxy", "all"],
  }),
  CLUSTERS: shaped({
    schema: clusters,
    allowed: 'JSON: `{"<name>":{"url":"https://…","keyId":"…"}}`',
    default: null,
    roles: ["gateway"],
  }),

  ADMIN_TOKEN_SHA256: shaped({
    schema: list(sha256Hex),
    allowed: "64 lower-case hex digits, several by comma",
    secret,
    default: null,
    roles: INGEST,
  }),
  READ_TOKEN_SHA256: shaped({
    schema: list(sha256Hex),
    allowed: "64 lower-case hex digits, several by comma",
    secret,
    default: null,
    roles: EVERY,
  }),
  ENABLE_STATE_BASED_DEDUP: share({
    default: 100,
    roles: INGEST,
  }),
  DEDUP_STATE_TTL_SECONDS: integer({
    min: 0,
    max: 300,
    unit: "s",
    default: null,
    defaultNote: "30; 0 on the emulated Kubernetes API",
    roles: INGEST,
  }),
  DEDUP_FALLBACK_TTL_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 300,
    roles: INGEST,
  }),
  DELIVERY_TTL_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 120,
    roles: INGEST,
  }),
  ...STORM_SETTINGS,
  INTENTS_MAX: integer({
    min: 100,
    max: 1_000_000,
    default: 100_000,
    roles: INGEST,
  }),
  BREAKER_FAILURE_PERCENT: integer({
    min: 1,
    max: 100,
    unit: "%",
    default: 5,
    roles: INGEST,
  }),
  BREAKER_OPEN_SECONDS: integer({
    min: 1,
    max: 3_600,
    unit: "s",
    default: 300,
    roles: INGEST,
  }),
  MAX_BODY_BYTES: integer({
    min: 1_024,
    max: 33_554_432,
    unit: "bytes",
    default: null,
    defaultNote: "`33554432`; in a Worker `8388608`",
    roles: INGEST,
  }),
  MAX_ALERTS_PER_REQUEST: integer({
    min: 1,
    max: 50_000,
    default: null,
    defaultNote: "`50000`; in a Worker `10000`",
    roles: INGEST,
  }),
  FALLBACK_NAMESPACE: shaped({
    schema: dnsLabel,
    allowed: "DNS label",
    default: "kubernaut-system",
    roles: ["gateway", "proxy", "all"],
  }),

  CRD_PROXY_VERIFY_KEYS: shaped({
    schema: publicKeys,
    allowed: "public Ed25519 JWK with `kid`, or a set of them",
    default: null,
    roles: ["proxy"],
  }),
  KUBE_CONFIG: shaped({
    schema: text,
    allowed: "a path, several by `:`, or `in-cluster`",
    default: null,
    roles: KUBERNETES,
  }),
  PROXY_NAMESPACES: shaped({
    schema: list(dnsLabel),
    allowed: "DNS labels by comma",
    default: null,
    defaultNote: "all",
    roles: KUBERNETES,
  }),
  KUBE_TIMEOUT_MS: integer({
    min: 100,
    max: 8_000,
    unit: "ms",
    default: 3_000,
    roles: KUBERNETES,
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What the settings say, each checked by itself; null: not set, without a default. */
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T, infer D> ? T | D : never };

/** Each variable that begins so is a sender of alerts. */
export const SOURCE_PREFIX = "SOURCE_";

/** Each variable that begins so is a rule for storms. */
export const STORM_RULE_PREFIX = "STORM_RULE_";

/** Each variable that begins so says what some alerts are about. */
export const TARGET_RULE_PREFIX = "TARGET_RULE_";
