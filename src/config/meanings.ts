import type { SettingName } from "./settings.ts";

/** What each setting is for, a sentence or two in Markdown. Only the generated page shows it, so a Worker does not carry it. */
export const MEANINGS: Readonly<Record<SettingName, string>> = {
  ROLE: "Which part this is. `all`: gateway and proxy in one process.",
  PORT: "Where it listens; 0 takes any free port.",
  BIND_ADDRESS: "A gateway without a source listens on loopback only.",
  SHUTDOWN_DELAY_SECONDS:
    "How long a process that is told to end serves on with its readiness off, so that whoever sends to it finds another one first.",
  LOG_LEVEL: "The least important lines that are written.",
  KUBE_PORT: "Port of the emulated Kubernetes API, used where KUBE_CONFIG is not set.",
  UPSTASH_REDIS_REST_URL:
    "Redis over Upstash's REST protocol: Upstash itself, or the bridge. A proxy without it has no relay: gateways then look at states themselves.",
  UPSTASH_REDIS_REST_TOKEN: "Its bearer token.",
  REDIS_URL: "An ordinary Redis 7 or newer, with maxmemory-policy noeviction.",
  REDIS_SENTINELS: "Sentinels that know the Redis; instead of REDIS_URL.",
  REDIS_SENTINEL_NAME: "The master's name among the Sentinels.",
  REDIS_USERNAME: "Redis' user, where Sentinels name it; for one Redis REDIS_URL says it, like the next three.",
  REDIS_PASSWORD: "Redis' password.",
  REDIS_DATABASE: "The number of Redis' database.",
  REDIS_TLS: "Whether Redis speaks TLS.",
  REDIS_SENTINEL_USERNAME: "The Sentinels' user.",
  REDIS_SENTINEL_PASSWORD: "The Sentinels' password.",
  REDIS_SENTINEL_TLS: "Whether the Sentinels speak TLS.",
  REDIS_CA_FILE: "A PEM file of the authorities that sign the certificates of Redis and the Sentinels; else those of the runtime.",
  BRIDGE_TOKEN: "The bearer tokens that open the bridge; two while one replaces the other.",
  REDIS_ENGINE: "What runs the scripts. Set `redis` for an UPSTASH_REDIS_REST_URL that is a bridge.",
  REDIS_TIMEOUT_MS: "Longest wait for Redis.",
  REDIS_WAIT_REPLICAS:
    "How many replicas must have an alert before it is answered 2xx; while too few keep up, alerts are decided without Redis. For an ordinary Redis, also behind the bridge.",
  CRD_PROXY_URL: "The cluster's proxy.",
  CRD_PROXY_SIGNING_KEY: "Signs the calls to proxies.",
  CRD_PROXY_TIMEOUT_MS: "Longest wait for a proxy.",
  CLUSTER_NAME: "The cluster behind CRD_PROXY_URL; at a proxy, the cluster it is in.",
  CLUSTERS:
    "Several clusters, instead of CRD_PROXY_URL and CLUSTER_NAME. `keyId` picks a key of CRD_PROXY_SIGNING_KEY by its `kid` and may be left out where there is one key.",
  ADMIN_TOKEN_SHA256:
    "SHA-256 of the tokens that may change things. Without one, role all prints a token where it listens on loopback only; everywhere else the admin routes are closed.",
  READ_TOKEN_SHA256:
    "SHA-256 of the tokens that may read metrics and status; of a proxy and a bridge, which show metrics to nobody else, metrics only.",
  ENABLE_STATE_BASED_DEDUP:
    "Repeats are judged by the state of their request; `false`: by time alone. `25%`: the former in a quarter of the namespaces ([rollout.md](rollout.md)).",
  DEDUP_STATE_TTL_SECONDS: "How long a state once seen is believed; 0 asks each time.",
  DEDUP_FALLBACK_TTL_SECONDS: "While the state cannot be had: how long after a request a repeat counts as its duplicate.",
  DELIVERY_TTL_SECONDS: "How long a delivery sent again is recognised.",
  ENABLE_STORM_BUFFERING:
    "Alerts of one name and namespace that come together become one request. `false`: each passes at once; windows that are open finish. `25%`: in a quarter of the namespaces ([rollout.md](rollout.md)).",
  STORM_THRESHOLD: "How many different alerts of a name and namespace make a storm.",
  STORM_FIRST_REQUEST_SECONDS:
    "How long an alert waits for others: as many as the threshold, or each gets a request of its own. At most STORM_MAX_WINDOW_SECONDS.",
  STORM_JOIN_SECONDS:
    "A storm takes alerts until none has joined for so long. More than twice Alertmanager's group_interval keeps a storm together.",
  STORM_MAX_WINDOW_SECONDS: "Longest time that a storm takes alerts; what comes later is the next one.",
  STORM_MAX_ALERTS: "Most alerts of a storm; what comes beyond is the next one.",
  STORM_MAX_PER_NAMESPACE: "Alerts of a namespace that may wait for others; beyond it they pass at once.",
  STORM_MAX_TOTAL: "The same of a cluster.",
  INTENTS_MAX: "Requests a cluster may wait for; beyond it new alerts are answered 503.",
  BREAKER_FAILURE_PERCENT: "Share of failed calls within 30 s (at least 5 of at least 20) from which Redis or a proxy counts as down.",
  BREAKER_OPEN_SECONDS: "Longest time that alerts are decided without asking what counts as down; it is probed every 5 s. In a Worker 5 s.",
  MAX_BODY_BYTES:
    "Largest webhook; beyond it 413, which Alertmanager does not repeat: its `max_alerts` keeps a group below. Bodies of 64 MiB are in memory at once, in a Worker's isolate of 16 MiB, and payloads of more than 5,000 alerts are worked on one at a time; beyond that 503.",
  MAX_ALERTS_PER_REQUEST: "Most alerts in a webhook; beyond it 413 as above.",
  FALLBACK_NAMESPACE: "Where requests go whose alert names no namespace, or one that is gone.",
  CRD_PROXY_VERIFY_KEYS: "Whose calls the proxy takes.",
  KUBE_CONFIG:
    "How to reach the Kubernetes API: a kubeconfig, read as kubectl reads it ([what of it](operate.md#the-kubeconfig)); several are merged. KUBECONFIG is not read.",
  PROXY_NAMESPACES: "The namespaces that may be written to.",
  KUBE_TIMEOUT_MS: "Longest wait for one call of the Kubernetes API.",
};
