import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";

function problemsOf(env: Record<string, string>): readonly string[] {
  const loaded = loadConfig(env, "process");
  return loaded.ok ? [] : loaded.problems;
}

describe("a name that is no setting", () => {
  it.each([
    ["ENABLE_STORM_BUFERING", "ENABLE_STORM_BUFFERING"],
    ["ENABLE_STATE_DEDUP", "ENABLE_STATE_BASED_DEDUP"],
    ["STORM_TRESHOLD", "STORM_THRESHOLD"],
    ["STORM_RULES_CRITICAL", "STORM_RULE_CRITICAL"],
    ["DEDUP_STATE_TTL_SECOND", "DEDUP_STATE_TTL_SECONDS"],
    ["DEDUP_STATE_TTL", "DEDUP_STATE_TTL_SECONDS"],
    ["BREAKER_OPEN_SECOND", "BREAKER_OPEN_SECONDS"],
    ["REDIS_SENTINEL", "REDIS_SENTINELS"],
    ["REDIS_TIMEOUT", "REDIS_TIMEOUT_MS"],
    ["CRD_PROXY_SIGNING_KEYS", "CRD_PROXY_SIGNING_KEY"],
    ["CRD_PROXY_VERIFY_KEY", "CRD_PROXY_VERIFY_KEYS"],
    ["TARGET_RUL_X", "TARGET_RULE_X"],
    ["BRIDGE_TOKENS", "BRIDGE_TOKEN"],
    ["INTENTS_MAXIMUM", "INTENTS_MAX"],
    ["DELIVERY_TTL_SECS", "DELIVERY_TTL_SECONDS"],
    ["FALLBACK_NAMESPACES", "FALLBACK_NAMESPACE"],
    ["ADMIN_TOKEN", "ADMIN_TOKEN_SHA256"],
    ["READ_TOKEN_SHA", "READ_TOKEN_SHA256"],
    ["KUBE_TIMEOUT", "KUBE_TIMEOUT_MS"],
    ["LOG_LEVELS", "LOG_LEVEL"],
    ["MAX_BODY_BYTE", "MAX_BODY_BYTES"],
    ["PROXY_NAMESPACE", "PROXY_NAMESPACES"],
    ["UPSTASH_REDIS_URL", "UPSTASH_REDIS_REST_URL"],
  ])("but was meant for one is refused, and the most similar setting named: %s", (name, nearest) => {
    expect(problemsOf({ [name]: "false" })).toEqual([`${name} is no setting: did you mean ${nearest}?`]);
    expect(problemsOf({ [name]: "" })).toEqual([]);
  });

  it.each([
    "PATH",
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "KUBE_EDITOR",
    "KUBE_NAMESPACE",
    "KUBE_TOKEN",
    "CLUSTER_ID",
    "LOG_FORMAT",
    "LOG_FILE",
    "MAX_CONNECTIONS",
    "PROXY_URL",
    "ADMIN_PASSWORD",
    "UPSTASH_DISABLE_TELEMETRY",
    "UPSTASH_VECTOR_REST_URL",
    "REDIS_VERSION",
    "REDIS_DOWNLOAD_URL",
    "SOURCE_DATE_EPOCH",
    "SOURCE_COMMIT",
    "SOURCE_TOKEN",
    "STORM_HOME",
    "HTTP_PROXY",
  ])("and is known or likely to be another program's is passed over: %s", (name) => {
    expect(problemsOf({ [name]: "1700000000" })).toEqual([]);
  });
});

/** What the kubelet sets for a Service with two ports, the first without a name. */
const linksOf = (service: string): Record<string, string> => ({
  [`${service}_SERVICE_HOST`]: "10.96.7.1",
  [`${service}_SERVICE_PORT`]: "6379",
  [`${service}_SERVICE_PORT_METRICS_HTTP`]: "9121",
  [`${service}_PORT`]: "tcp://10.96.7.1:6379",
  [`${service}_PORT_6379_TCP`]: "tcp://10.96.7.1:6379",
  [`${service}_PORT_6379_TCP_PROTO`]: "tcp",
  [`${service}_PORT_6379_TCP_PORT`]: "6379",
  [`${service}_PORT_6379_TCP_ADDR`]: "10.96.7.1",
  [`${service}_PORT_53_UDP`]: "udp://[fd00::1]:53",
  [`${service}_PORT_53_UDP_ADDR`]: "fd00::1",
});

describe("what Kubernetes tells of a Service", () => {
  it.each([
    "REDIS",
    "REDIS_SENTINEL",
    "STORM",
    "STORM_RULE_X",
    "TARGET",
    "TARGET_RULE_X",
    "SOURCE",
    "SOURCE_SHOP",
    "ENABLE",
    "CRD_PROXY",
    "BREAKER",
  ])("costs no start, whatever the Service is called: %s", (service) => {
    expect(problemsOf(linksOf(service))).toEqual([]);
  });

  it("is not believed under a setting's own name, nor where it cannot be that", () => {
    expect(problemsOf({ ...linksOf("KUBE") })).toEqual(["KUBE_PORT must be a whole number from 1 to 65535"]);
    expect(problemsOf({ REDIS_PORT: "6379" })).toEqual([expect.stringMatching(/^REDIS_PORT is no setting: did you mean /)]);
    const { STORM_SERVICE_HOST: _, ...others } = linksOf("STORM");
    expect(problemsOf({ ...others, SOURCE_SERVICE_HOST: "{" })).toEqual(["SOURCE_SERVICE_HOST must be JSON"]);
  });
});
