import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AllRoleConfig, GatewayRoleConfig } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { Environment } from "../../../src/config/read.ts";

const HASH = "a".repeat(64);
const KEY = { kty: "OKP", crv: "Ed25519", kid: "k1", x: "x".repeat(43), d: "d".repeat(43) };
const { d: _, ...PUBLIC } = KEY;
const SOURCE = JSON.stringify({ auth: [{ bearerSha256: HASH }] });

const GATEWAY = {
  ROLE: "gateway",
  UPSTASH_REDIS_REST_URL: "https://redis.test",
  UPSTASH_REDIS_REST_TOKEN: "rest-t0ken",
  CRD_PROXY_URL: "https://proxy.test",
  CRD_PROXY_SIGNING_KEY: JSON.stringify(KEY),
  SOURCE_SHOP: SOURCE,
};
const PROXY = { ROLE: "proxy", CRD_PROXY_VERIFY_KEYS: JSON.stringify({ keys: [PUBLIC] }), KUBE_CONFIG: "in-cluster" };
const BRIDGE = { ROLE: "bridge", REDIS_URL: "redis://localhost", BRIDGE_TOKEN: "t0ken" };

function configOf<C>(env: Environment, runtime: "process" | "worker" = "process"): C {
  const loaded = loadConfig(env, runtime);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.config as C;
}
function problemsOf(env: Environment, runtime: "process" | "worker" = "process"): readonly string[] {
  const loaded = loadConfig(env, runtime);
  return loaded.ok ? [] : loaded.problems;
}
function warningsOf(env: Environment): readonly string[] {
  const loaded = loadConfig(env, "process");
  return loaded.ok ? loaded.warnings : ["not loaded"];
}

describe("without any setting", () => {
  it("everything runs in one process, on loopback, in memory, on the emulated Kubernetes API", () => {
    expect(configOf<AllRoleConfig>({})).toEqual({
      role: "all",
      server: { port: 8787, bindAddress: "127.0.0.1" },
      logLevel: "info",
      shutdownDelayMs: 0,
      gateway: {
        sources: [],
        storm: { enabled: true, defaults: { threshold: 5, firstRequestMs: 3_000, joinMs: 60_000 }, rules: [] },
        targetRules: [],
        breaker: { failurePercent: 5, openMs: 300_000 },
        stormLimits: { windowMaxMs: 3_600_000, windowAlertsMax: 10_000 },
        adminTokenSha256: [],
        readTokenSha256: [],
        bodyBytesMax: 33_554_432,
        alertsPerRequestMax: 50_000,
        bodyRoomBytes: 67_108_864,
        fallbackNamespace: "kubernaut-system",
        writerTimeoutMs: 4_000,
      },
      ledger: {
        shares: { "state-based-dedup": 100, "storm-buffering": 100 },
        stateTtlMs: 0,
        fallbackTtlMs: 300_000,
        deliveryTtlMs: 120_000,
        leaseMs: 5_000,
        intentsMax: 100_000,
        windowMaxMs: 3_600_000,
        windowAlertsMax: 10_000,
        voteMs: 60_000,
        bufferedMax: { perNamespace: 20_000, total: 100_000 },
      },
      store: { kind: "memory" },
      cluster: "default",
      kubernetes: { kind: "emulation", port: 8001, fallbackNamespace: "kubernaut-system" },
    });
  });

  it("a KUBECONFIG that lies around is not used", () => {
    expect(configOf<AllRoleConfig>({ KUBECONFIG: "/home/me/.kube/config" }).kubernetes.kind).toBe("emulation");
  });
});

describe("a role", () => {
  it.each([
    ["gateway", {}, ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "CRD_PROXY_SIGNING_KEY", "CRD_PROXY_URL or CLUSTERS"]],
    ["proxy", {}, ["CRD_PROXY_VERIFY_KEYS", "KUBE_CONFIG"]],
    ["bridge", {}, ["BRIDGE_TOKEN", "REDIS_URL, or REDIS_SENTINELS and REDIS_SENTINEL_NAME,"]],
  ])("%s names everything it lacks at once", (ROLE, env, names) => {
    const problems = problemsOf({ ROLE, ...env });
    expect(problems.map((problem) => problem.split(" is needed")[0])).toEqual(names);
  });

  it("gateway has its clusters, each with its key", () => {
    const { clusters, store } = configOf<GatewayRoleConfig>(GATEWAY);
    expect(clusters).toEqual([{ name: "default", proxyUrl: "https://proxy.test", signingKey: KEY }]);
    expect(store).toEqual({
      kind: "rest",
      url: "https://redis.test",
      token: "rest-t0ken",
      engine: "upstash",
      timeoutMs: 1_500,
      waitReplicas: 0,
    });
  });

  it("gateway believes a state for 30 s, everything in one process with a cluster of its own as well", () => {
    expect(configOf<GatewayRoleConfig>(GATEWAY).ledger.stateTtlMs).toBe(30_000);
    expect(configOf<AllRoleConfig>({ KUBE_CONFIG: "in-cluster" }).ledger.stateTtlMs).toBe(30_000);
    expect(configOf<AllRoleConfig>({ DEDUP_STATE_TTL_SECONDS: "7" }).ledger.stateTtlMs).toBe(7_000);
  });

  it("proxy reaches one cluster with public keys only", () => {
    expect(configOf({ ...PROXY, PROXY_NAMESPACES: "shop, billing" })).toMatchObject({
      role: "proxy",
      server: { bindAddress: "0.0.0.0" },
      proxy: {
        cluster: "default",
        verifyKeys: { keys: [PUBLIC] },
        kubernetes: { kubeConfigPath: null, namespaces: ["shop", "billing"], timeoutMs: 3_000 },
      },
    });
    expect(configOf({ ...PROXY, KUBE_CONFIG: "/etc/kube" })).toMatchObject({
      proxy: { kubernetes: { kubeConfigPath: "/etc/kube", namespaces: [] } },
    });
    expect(problemsOf({ ...PROXY, CRD_PROXY_VERIFY_KEYS: JSON.stringify(KEY) }).join()).toMatch(
      /^CRD_PROXY_VERIFY_KEYS 0\.d must not be there/,
    );
  });

  it("proxy tells a ledger of changes where a Redis over REST is named, by address and token", () => {
    expect(configOf(PROXY)).toMatchObject({ proxy: { relay: null } });
    const named = { ...PROXY, UPSTASH_REDIS_REST_URL: "https://redis.test", UPSTASH_REDIS_REST_TOKEN: "t" };
    expect(configOf(named)).toMatchObject({ proxy: { relay: { store: { url: "https://redis.test" }, ledger: { leaseMs: 5_000 } } } });
    expect(problemsOf({ ...named, UPSTASH_REDIS_REST_TOKEN: "" }).join()).toMatch(/must be set together/);
  });

  it("bridge takes a URL or Sentinels, not both and no half of them", () => {
    expect(configOf(BRIDGE)).toMatchObject({
      bridge: { target: { at: { host: "localhost", port: 6_379 }, login: null }, tokens: ["t0ken"], timeoutMs: 1_500 },
    });
    const sentinels = { ROLE: "bridge", BRIDGE_TOKEN: "t", REDIS_SENTINELS: "a:26379, [::1]:26380", REDIS_SENTINEL_NAME: "main" };
    expect(configOf(sentinels)).toMatchObject({
      bridge: {
        target: {
          at: {
            name: "main",
            sentinels: [
              { host: "a", port: 26_379 },
              { host: "::1", port: 26_380 },
            ],
          },
        },
      },
    });
    expect(problemsOf({ ...sentinels, REDIS_URL: "redis://a" })).toHaveLength(1);
    expect(problemsOf({ ...sentinels, REDIS_SENTINEL_NAME: "" }).join()).toContain("must be set together");
  });

  it.each([
    ["redis://r", { at: { host: "r", port: 6_379 }, login: null, database: 0, tls: false }],
    ["rediss://:p%40ss@[::1]:7/15", { at: { host: "::1", port: 7 }, login: { username: null, password: "p@ss" }, database: 15, tls: true }],
    ["redis://u:p@r/", { login: { username: "u", password: "p" }, database: 0 }],
  ])("a Redis is all that its URL says: %s", (url, target) => {
    expect(configOf({ ...BRIDGE, REDIS_URL: url })).toMatchObject({ bridge: { target } });
  });

  it.each([
    ["redis://r/cache", /the number of a database/],
    ["redis://r/1/2", /the number of a database/],
    ["redis://r/-1", /the number of a database/],
    ["redis://r/0?family=6", /nothing behind \? or #/],
    ["redis://r?db=3", /nothing behind \? or #/],
    ["redis://r#x", /nothing behind \? or #/],
    ["redis://user@r", /a password with its user/],
    ["redis://u:100%@r", /percent|%25/],
    ["redis:///0", /must name a host/],
    ["redis://r:0", /port 0/],
    ["redis://:pa/ss@r", /special characters percent-encoded/],
    ["http://r", /redis or rediss URL/],
    ["r:6379", /redis or rediss URL/],
  ])("a Redis' URL that says what nobody would read is refused, without a word of it: %s", (url, problem) => {
    const problems = problemsOf({ ...BRIDGE, REDIS_URL: url });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain(url);
  });

  it("Sentinels take for the Redis and for themselves what a URL says of one Redis, and nothing is said twice", () => {
    const own = {
      ...{ REDIS_USERNAME: "u", REDIS_PASSWORD: "p", REDIS_DATABASE: "2", REDIS_TLS: "true", REDIS_CA_FILE: "/ca.pem" },
      ...{ REDIS_SENTINEL_USERNAME: "s", REDIS_SENTINEL_PASSWORD: "q", REDIS_SENTINEL_TLS: "true" },
    };
    const sentinels = { ROLE: "bridge", BRIDGE_TOKEN: "t", REDIS_SENTINELS: "a:26379", REDIS_SENTINEL_NAME: "main" };
    expect(configOf({ ...sentinels, ...own })).toMatchObject({
      bridge: {
        target: {
          at: { name: "main", login: { username: "s", password: "q" }, tls: true },
          login: { username: "u", password: "p" },
          database: 2,
          tls: true,
          caFile: "/ca.pem",
        },
      },
    });
    expect(problemsOf({ ...BRIDGE, ...own })).toHaveLength(8);
    expect(problemsOf({ ...sentinels, REDIS_USERNAME: "u" })).toEqual(["REDIS_USERNAME needs REDIS_PASSWORD"]);
    expect(problemsOf({ ...sentinels, REDIS_CA_FILE: "/ca.pem" })).toEqual([expect.stringMatching(/REDIS_CA_FILE needs TLS/)]);
  });

  it("replicas are waited for where an ordinary Redis has them, and asked for nowhere else", () => {
    const wait = { REDIS_WAIT_REPLICAS: "1" };
    expect(configOf<GatewayRoleConfig>({ ...GATEWAY, ...wait, REDIS_ENGINE: "redis" }).store.waitReplicas).toBe(1);
    expect(configOf<AllRoleConfig>({ ...wait, REDIS_URL: "redis://r" }).store).toMatchObject({ waitReplicas: 1 });
    for (const env of [GATEWAY, {}])
      expect(problemsOf({ ...env, ...wait })).toEqual([expect.stringContaining("REDIS_WAIT_REPLICAS needs")]);
  });

  it("all uses the Redis that is named, and one only", () => {
    expect(configOf<AllRoleConfig>({ REDIS_URL: "redis://r" }).store).toMatchObject({ kind: "connection", engine: "redis" });
    expect(configOf<AllRoleConfig>({ REDIS_URL: "rediss://r.upstash.test", REDIS_ENGINE: "upstash" }).store).toMatchObject({
      engine: "upstash",
    });
    expect(configOf<AllRoleConfig>({ UPSTASH_REDIS_REST_URL: "https://r", UPSTASH_REDIS_REST_TOKEN: "t" }).store).toMatchObject({
      kind: "rest",
    });
    expect(problemsOf({ UPSTASH_REDIS_REST_URL: "https://r" }).join()).toContain("must be set together");
    expect(problemsOf({ UPSTASH_REDIS_REST_URL: "https://r", UPSTASH_REDIS_REST_TOKEN: "t", REDIS_URL: "redis://r" }).join()).toContain(
      "only one",
    );
    expect(warningsOf({ KUBE_CONFIG: "in-cluster" }).join()).toContain("kept in memory");
  });

  it("all refuses a proxy elsewhere instead of taking no notice of it", () => {
    expect(problemsOf({ CRD_PROXY_URL: "https://proxy.test" }).join()).toMatch(/^CRD_PROXY_URL .*ROLE=gateway/);
  });

  it("a Worker is a gateway, needs a source and passes over bindings that are no text", () => {
    const { ROLE: _role, ...worker } = GATEWAY;
    expect(configOf<GatewayRoleConfig>({ ...worker, KV: {}, DEDUP_KV: undefined } as never, "worker").role).toBe("gateway");
    expect(problemsOf({ ...worker, SOURCE_SHOP: undefined }, "worker").join()).toContain("needs a source");
    expect(problemsOf({ ROLE: "all", SOURCE_SHOP: SOURCE }, "worker").join()).toContain("ROLE must be gateway");
  });
});

describe("the address", () => {
  it.each(["0.0.0.0", "::", "10.0.0.1", "fd00::1"])("%s is refused while no source is asked for a credential", (BIND_ADDRESS) => {
    expect(problemsOf({ BIND_ADDRESS })).toEqual([expect.stringMatching(/^BIND_ADDRESS must be a loopback address/)]);
    expect(problemsOf({ ...GATEWAY, SOURCE_SHOP: "", BIND_ADDRESS })).toHaveLength(1);
    expect(problemsOf({ BIND_ADDRESS, SOURCE_SHOP: SOURCE })).toEqual([]);
  });

  it.each(["gateway.test", "127.0.0.1.evil.test", "deadbeef"])("is none that has to be looked up, such as %s", (BIND_ADDRESS) => {
    expect(problemsOf({ BIND_ADDRESS, SOURCE_SHOP: SOURCE })).toEqual(["BIND_ADDRESS must be an IP address or localhost"]);
  });

  it("is loopback without a source and any with one, unless it is set", () => {
    expect(configOf({ ...GATEWAY, SOURCE_SHOP: "" })).toMatchObject({ server: { bindAddress: "127.0.0.1" } });
    expect(configOf(GATEWAY)).toMatchObject({ server: { bindAddress: "0.0.0.0" } });
    expect(configOf({ BIND_ADDRESS: "::1" })).toMatchObject({ server: { bindAddress: "::1" } });
    expect(configOf({ ...BRIDGE, BIND_ADDRESS: "127.0.0.1" })).toMatchObject({ server: { bindAddress: "127.0.0.1" } });
  });
});

describe("clusters", () => {
  const many = (keyIds: (string | undefined)[], keys: unknown = { keys: [KEY, { ...KEY, kid: "k2" }] }) => {
    const CLUSTERS = JSON.stringify(Object.fromEntries(keyIds.map((keyId, index) => [`c${index}`, { url: `https://p${index}`, keyId }])));
    return { ...GATEWAY, CLUSTERS, CRD_PROXY_URL: "", CRD_PROXY_SIGNING_KEY: JSON.stringify(keys), SOURCE_SHOP: "" };
  };

  it("take the key of their key id, or the only one there is", () => {
    expect(configOf<GatewayRoleConfig>(many(["k2", "k1"])).clusters.map(({ name, signingKey }) => [name, signingKey.kid])).toEqual([
      ["c0", "k2"],
      ["c1", "k1"],
    ]);
    expect(configOf<GatewayRoleConfig>(many([undefined], KEY)).clusters[0]?.signingKey.kid).toBe("k1");
  });

  it.each([[["nope"]], [[undefined]]])("without a key that is theirs alone (%j) are a problem", (keyIds) => {
    expect(problemsOf(many(keyIds)).join()).toMatch(/^CRD_PROXY_SIGNING_KEY .*cluster 1$/);
  });

  it("replace CRD_PROXY_URL, with a warning", () => {
    expect(warningsOf({ ...many(["k1"]), CRD_PROXY_URL: "https://proxy.test" }).join()).toContain("CRD_PROXY_URL is ignored");
  });

  it("over plain http are warned of, but for loopback", () => {
    expect(warningsOf({ ...GATEWAY, CRD_PROXY_URL: "http://proxy.test" })).toEqual([expect.stringMatching(/^CRD_PROXY_URL is plain http/)]);
    expect(warningsOf({ ...GATEWAY, CRD_PROXY_URL: "http://127.0.0.1:9001", UPSTASH_REDIS_REST_URL: "http://[::1]:1" })).toEqual([]);
  });
});

describe("a token", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const source = (...hashes: string[]) => JSON.stringify({ auth: hashes.map((bearerSha256) => ({ bearerSha256 })) });
  const [A, B] = [sha256("a"), sha256("b")];

  it.each([
    ["two sources", { SOURCE_X: source(A, B), SOURCE_Y: source(B) }, "SOURCE_X and SOURCE_Y"],
    ["a source and administrators", { SOURCE_X: source(A), ADMIN_TOKEN_SHA256: `${B},${A}` }, "SOURCE_X and ADMIN_TOKEN_SHA256"],
    ["a source and readers", { SOURCE_X: source(A), READ_TOKEN_SHA256: A }, "SOURCE_X and READ_TOKEN_SHA256"],
    ["readers and administrators", { ADMIN_TOKEN_SHA256: A, READ_TOKEN_SHA256: A }, "ADMIN_TOKEN_SHA256 and READ_TOKEN_SHA256"],
    [
      "a source and Redis",
      { SOURCE_X: source(A), UPSTASH_REDIS_REST_URL: "https://r", UPSTASH_REDIS_REST_TOKEN: "a" },
      "SOURCE_X and UPSTASH_REDIS_REST_TOKEN",
    ],
  ])("that stands for %s is refused in every role that takes alerts", (_, env, owners) => {
    expect(problemsOf(env)).toEqual([`${owners} share a token`]);
    expect(problemsOf({ ...GATEWAY, SOURCE_SHOP: "", ...env })).toEqual([`${owners} share a token`]);
  });

  it("that a source has twice is its own all the same", () => {
    expect(problemsOf({ SOURCE_X: source(A, A) })).toEqual([]);
  });
});

describe("a field that is named twice", () => {
  const twice = (value: unknown) => JSON.stringify(value).replace("{", '{"kid":"first",');
  it.each([
    ["CRD_PROXY_SIGNING_KEY", twice(KEY)],
    ["CRD_PROXY_VERIFY_KEYS", `{"keys":[${twice(PUBLIC)}]}`],
    ["CLUSTERS", '{"eu":{"url":"https://a"},"eu":{"url":"https://b"}}'],
    ["SOURCE_X", `{"cluster":"a:\\"b","cluster":"default"}`],
    ["STORM_RULE_X", '{"match":{"severity":"info","severity":"critical"},"bypass":true}'],
    ["TARGET_RULE_X", '{"match":{"job":"a"},"match":{"job":"b"},"apart":["c"]}'],
  ])("costs the start, by the name of its setting: %s", (name, value) => {
    expect(problemsOf({ ...GATEWAY, [name]: value }).filter((problem) => problem.includes("twice"))).toEqual([
      `${name} must not name a field twice`,
    ]);
  });

  it("is not one that only looks so, within a text or in two objects", () => {
    const SOURCE_X = JSON.stringify({ auth: [{ bearerSha256: HASH }, { bearerSha256: "b".repeat(64) }], environment: '"a":"b", {"a":1}' });
    expect(problemsOf({ SOURCE_X })).toEqual([]);
  });

  it("nor may two keys have one id", () => {
    expect(problemsOf({ ...PROXY, CRD_PROXY_VERIFY_KEYS: JSON.stringify({ keys: [PUBLIC, PUBLIC] }) })).toEqual([
      "CRD_PROXY_VERIFY_KEYS must hold no two keys of one kid",
    ]);
  });
});

describe("problems", () => {
  it("are all named at once", () => {
    const problems = problemsOf({
      PORT: "abc",
      LOG_LEVEL: "loud",
      REDIS_TIMEOUT_MS: "1",
      KUBE_PORT: "-1",
      SOURCE_A: "{",
      STORM_TRESHOLD: "5",
    });
    expect(problems.map((problem) => problem.split(" ")[0]).toSorted()).toEqual([
      "KUBE_PORT",
      "LOG_LEVEL",
      "PORT",
      "REDIS_TIMEOUT_MS",
      "SOURCE_A",
      "STORM_TRESHOLD",
    ]);
    expect(problems).toContain("PORT must be a whole number from 0 to 65535");
  });

  it.each([
    ["DEDUP_STATE_TTL_SECONDS", "301"],
    ...["101%", "-1%", "25", "2.5%", "05%", "TRUE", "1"].map((value) => ["ENABLE_STATE_BASED_DEDUP", value]),
    ["ADMIN_TOKEN_SHA256", "A".repeat(64)],
    ["CLUSTER_NAME", "Prod"],
    ["FALLBACK_NAMESPACE", "a.b"],
    ["UPSTASH_REDIS_REST_URL", "redis://r"],
    ["PORT", "1e3"],
    ["INTENTS_MAX", "99"],
  ] as [string, string][])("include %s=%s", (name, value) => {
    expect(problemsOf({ [name]: value })[0]).toMatch(new RegExp(`^${name}( 0)? must be`));
  });
});

it.each([
  ["true", 100],
  ["false", 0],
  ["0%", 0],
  ["7%", 7],
  ["25%", 25],
  ["100%", 100],
] as const)("a feature set to %s has %i percent of the namespaces", (value, percent) => {
  const loaded = loadConfig({ ENABLE_STATE_BASED_DEDUP: value, ENABLE_STORM_BUFFERING: value }, "process");
  expect(loaded).toMatchObject({ config: { ledger: { shares: { "state-based-dedup": percent, "storm-buffering": percent } } } });
  expect(loaded).toMatchObject({ config: { gateway: { storm: { enabled: percent > 0 } } } });
});

it("a process that others can reach serves on for 5 s when it is told to end, one on loopback does not", () => {
  const delay = (env: Readonly<Record<string, string>>) => {
    const loaded = loadConfig(env, "process");
    return loaded.ok ? loaded.config.shutdownDelayMs : loaded.problems;
  };
  const bridge = { ROLE: "bridge", BRIDGE_TOKEN: "bridge-token", REDIS_URL: "redis://127.0.0.1" };
  expect(delay({})).toBe(0);
  expect(delay(bridge)).toBe(5_000);
  expect(delay({ ...bridge, BIND_ADDRESS: "127.0.0.1" })).toBe(0);
  expect(delay({ ...bridge, SHUTDOWN_DELAY_SECONDS: "0" })).toBe(0);
  expect(delay({ SHUTDOWN_DELAY_SECONDS: "20" })).toBe(20_000);
});
