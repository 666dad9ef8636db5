import { createHash, randomBytes } from "node:crypto";
import { createKeyPair } from "./key-pair.ts";
import { redisUsers } from "./redis-users.ts";

/** A Kubernetes Secret; its values are in clear. */
export interface Secret {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly stringData: Readonly<Record<string, string>>;
}

/** Where the overlays put everything. */
const NAMESPACE = "kubernaut-system";

const secret = (name: string, stringData: Secret["stringData"]): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: NAMESPACE },
  stringData,
});

/** 256 bits in characters that no URL and no shell minds. */
const token = (): string => randomBytes(32).toString("hex");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Tokens of those who call a gateway, and the settings by which it knows them: it is told hashes only. */
function createCallers() {
  const tokens = { alertmanager: token(), grafana: token(), admin: token(), read: token() };
  const source = (of: string) => JSON.stringify({ auth: [{ bearerSha256: sha256(of) }] });
  return {
    settings: {
      SOURCE_ALERTMANAGER: source(tokens.alertmanager),
      SOURCE_GRAFANA: source(tokens.grafana),
      ADMIN_TOKEN_SHA256: sha256(tokens.admin),
      READ_TOKEN_SHA256: sha256(tokens.read),
    },
    /** Mounted by nobody: from here people take what they give to each caller. */
    secret: secret("breakwater-tokens", tokens),
  };
}

/** The Secrets of deploy/overlays/all-in-cluster, each with what one part needs and no more, and the tokens for those who call the gateway. */
export async function allInCluster(): Promise<Secret[]> {
  const { signingKey, verifyKey } = await createKeyPair();
  const [bridgeToken, redisPassword] = [token(), token()];
  const callers = createCallers();
  const { READ_TOKEN_SHA256 } = callers.settings;
  return [
    secret("breakwater-gateway", { CRD_PROXY_SIGNING_KEY: signingKey, UPSTASH_REDIS_REST_TOKEN: bridgeToken, ...callers.settings }),
    secret("breakwater-proxy", { CRD_PROXY_VERIFY_KEYS: verifyKey, UPSTASH_REDIS_REST_TOKEN: bridgeToken, READ_TOKEN_SHA256 }),
    secret("breakwater-bridge", {
      BRIDGE_TOKEN: bridgeToken,
      REDIS_URL: `redis://breakwater:${redisPassword}@breakwater-redis:6379`,
      READ_TOKEN_SHA256,
    }),
    secret("breakwater-redis", { "users.acl": redisUsers(sha256(redisPassword)) }),
    callers.secret,
  ];
}

/** The Secrets of deploy/overlays/proxy-for-edge, and the secret settings of the gateway outside of the cluster, whose ledger is at Upstash. */
export async function proxyForEdge(upstash: { readonly url: string; readonly token: string }) {
  const { signingKey, verifyKey } = await createKeyPair();
  const ledger = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
  const callers = createCallers();
  const { READ_TOKEN_SHA256 } = callers.settings;
  return {
    secrets: [secret("breakwater-proxy", { CRD_PROXY_VERIFY_KEYS: verifyKey, ...ledger, READ_TOKEN_SHA256 }), callers.secret],
    gateway: { CRD_PROXY_SIGNING_KEY: signingKey, ...ledger, ...callers.settings },
  };
}
