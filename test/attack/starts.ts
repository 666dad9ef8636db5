import { PLANTED } from "./harness/planted.ts";

type Settings = Readonly<Record<string, string>>;

/** A start with a secret where it does not belong, or where it does not work. */
export interface Start {
  readonly name: string;
  readonly settings: Settings;
  /** A kubeconfig to be put where KUBE_CONFIG points. */
  readonly kubeconfig?: string;
  /** What the process says of it, before it ends, or once it is asked whether it is ready. */
  readonly says: RegExp;
}

const HASH = "a".repeat(64);
const JWK = { kty: "OKP", crv: "Ed25519", kid: "k", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
const SOURCE = { SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256: HASH }] }) };
const REST = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1", UPSTASH_REDIS_REST_TOKEN: PLANTED.token };
const SIGNING = { CRD_PROXY_SIGNING_KEY: JSON.stringify({ ...JWK, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }) };
const GATEWAY = { ROLE: "gateway", ...SOURCE, ...REST, CRD_PROXY_URL: "http://127.0.0.1:1", ...SIGNING };
const PROXY = { ROLE: "proxy", CRD_PROXY_VERIFY_KEYS: JSON.stringify(JWK), KUBE_CONFIG: "kubeconfig" };
const BRIDGE = { ROLE: "bridge", BRIDGE_TOKEN: PLANTED.token, REDIS_URL: "redis://127.0.0.1:1" };

const refused = (name: string, setting: string, value: string, beside: Settings = GATEWAY): Start => ({
  name,
  settings: { ...beside, [setting]: value },
  says: new RegExp(setting),
});

const kubeconfig = (server: object, user: object): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "a", cluster: server }],
    users: [{ name: "a", user }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  });

/** What is refused as settings are read, which is the same code everywhere. */
export const REFUSED_STARTS: readonly Start[] = [
  refused("a token where a URL belongs", "UPSTASH_REDIS_REST_URL", PLANTED.token),
  refused("a URL with a password and a wrong scheme", "UPSTASH_REDIS_REST_URL", `ftp://user:${PLANTED.url}@127.0.0.1`),
  refused("a proxy's URL that is a token", "CRD_PROXY_URL", PLANTED.token),
  refused("a token where its hash belongs", "READ_TOKEN_SHA256", PLANTED.token),
  refused("an admin's token where its hash belongs", "ADMIN_TOKEN_SHA256", PLANTED.token),
  refused("a source that is no JSON", "SOURCE_SHOP", `{"auth":[{"bearerSha256":"${PLANTED.token}`),
  refused("a source that is a token", "SOURCE_SHOP", PLANTED.token),
  refused("a source with its token in place of the hash", "SOURCE_SHOP", JSON.stringify({ auth: [{ bearerSha256: PLANTED.token }] })),
  refused(
    "a source with a secret as a field's name",
    "SOURCE_SHOP",
    JSON.stringify({ auth: [{ bearerSha256: HASH }], [PLANTED.token]: 1 }),
  ),
  refused("a source with a name twice", "SOURCE_SHOP", `{"${PLANTED.token}":1,"${PLANTED.token}":2}`),
  refused("a signing key that is text", "CRD_PROXY_SIGNING_KEY", PLANTED.token),
  refused("a signing key that is symmetric", "CRD_PROXY_SIGNING_KEY", JSON.stringify({ kty: "oct", kid: "k", k: PLANTED.token })),
  refused("a signing key without its id", "CRD_PROXY_SIGNING_KEY", JSON.stringify({ ...JWK, kid: "", d: PLANTED.token })),
  refused("a cluster called like a secret", "CLUSTERS", JSON.stringify({ [`${PLANTED.token}!`]: { url: "x" } })),
  refused("a verify key that is a secret", "CRD_PROXY_VERIFY_KEYS", PLANTED.token, PROXY),
  refused("a Redis by the scheme of another", "REDIS_URL", `mysql://user:${PLANTED.password}@127.0.0.1/x`, BRIDGE),
  refused("a Redis with a password in the place of its database", "REDIS_URL", `redis://127.0.0.1:1/${PLANTED.password}`, BRIDGE),
  refused("a port that is a secret", "PORT", PLANTED.token, BRIDGE),
  refused("a level that is a secret", "LOG_LEVEL", PLANTED.token, BRIDGE),
  refused("a setting that is misspelt", "REDIS_URLL", `redis://:${PLANTED.password}@127.0.0.1:1`, BRIDGE),
  refused("a rule for storms that is a secret", "STORM_RULE_X", PLANTED.token),
];

/** What is found out by the libraries of a runtime. */
export const FAILING_STARTS: readonly Start[] = [
  {
    name: "a Redis that is not there, with a password",
    settings: { ...BRIDGE, REDIS_URL: `redis://user:${PLANTED.password}@127.0.0.1:1` },
    says: /redis-connection-failed|redis-unusable/,
  },
  {
    name: "a kubeconfig that is no YAML",
    settings: PROXY,
    kubeconfig: `users: [{name: a, user: {token: ${PLANTED.token}}\n\t- {`,
    says: /kubeconfig|KUBE_CONFIG/,
  },
  {
    name: "a kubeconfig with a field that is not heeded",
    settings: PROXY,
    kubeconfig: kubeconfig({ server: "https://127.0.0.1:1" }, { "auth-provider": { name: "x", config: { "id-token": PLANTED.token } } }),
    says: /auth-provider/,
  },
  {
    name: "a kubeconfig whose key is none",
    settings: PROXY,
    kubeconfig: kubeconfig(
      { server: "https://127.0.0.1:1" },
      { "client-key-data": PLANTED.token, "client-certificate-data": PLANTED.token },
    ),
    says: /proxy-not-ready/,
  },
  {
    name: "a kubeconfig of a cluster that is not there",
    settings: PROXY,
    kubeconfig: kubeconfig({ server: "https://127.0.0.1:1" }, { token: PLANTED.token }),
    says: /proxy-not-ready/,
  },
];
