import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { SETTINGS } from "../../src/config/settings.ts";

const HASH = "a".repeat(64);
const JWK = { kty: "OKP", crv: "Ed25519", kid: "k1", x: "x".repeat(43) };
const PUBLIC = JSON.stringify(JWK);
const PRIVATE = JSON.stringify({ ...JWK, d: "d".repeat(43) });
const REST = { UPSTASH_REDIS_REST_URL: "https://redis.test", UPSTASH_REDIS_REST_TOKEN: "t" };
const SOURCE = { SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256: HASH }] }) };

/** What is right before something is put in a wrong place. */
const STARTS: readonly Readonly<Record<string, string>>[] = [
  {},
  { ROLE: "all", ...SOURCE, REDIS_URL: "redis://redis.test" },
  { ROLE: "gateway", ...SOURCE, ...REST, CRD_PROXY_URL: "https://proxy.test", CRD_PROXY_SIGNING_KEY: PRIVATE },
  { ROLE: "gateway", ...SOURCE, ...REST, CLUSTERS: '{"eu":{"url":"https://proxy.test"}}', CRD_PROXY_SIGNING_KEY: PRIVATE },
  { ROLE: "proxy", ...REST, CRD_PROXY_VERIFY_KEYS: PUBLIC, KUBE_CONFIG: "/etc/kubeconfig" },
  { ROLE: "bridge", BRIDGE_TOKEN: "t", REDIS_SENTINELS: "a:1", REDIS_SENTINEL_NAME: "main" },
];

const NAMES = [...Object.keys(SETTINGS), "SOURCE_SHOP", "SOURCE_OTHER", "STORM_RULE_X", "TARGET_RULE_X", "REDIS_PASWORD", "LOG_LEVLE"];

/** Where a secret may be when it is in the wrong place. */
const SHAPES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `Bearer ${secret}`,
  (secret) => `https://user:${secret}@redis.test`,
  (secret) => `https://redis.test/${secret}?token=${secret}`,
  (secret) => `redis://:${secret}@redis.test:6379/99`,
  (secret) => `rediss://${secret}`,
  (secret) => `redis.test:${secret}, ${secret}:26379`,
  (secret) => `REDIS_URL="${secret}"`,
  (secret) => JSON.stringify(secret),
  (secret) => `{"${secret}`,
  (secret) => JSON.stringify({ [secret]: 1 }),
  (secret) => `{"${secret}":1,"${secret}":2}`,
  (secret) => JSON.stringify({ kty: "oct", k: secret, kid: secret }),
  (secret) => JSON.stringify({ ...JWK, d: secret, x: secret, kid: "" }),
  (secret) => JSON.stringify({ keys: [{ ...JWK, d: "d".repeat(43), [secret]: secret }, secret] }),
  (secret) =>
    JSON.stringify({
      keys: [
        { ...JWK, kid: secret, d: "d".repeat(43) },
        { ...JWK, kid: `${secret}2`, d: "d".repeat(43) },
      ],
    }),
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  (secret) => `apiVersion: v1\nusers: [{name: a, user: {token: ${secret}}}]`,
  (secret) => JSON.stringify({ auth: [{ bearerSha256: secret, [secret]: secret }], cluster: secret.toLowerCase(), namespaces: [secret] }),
  (secret) => JSON.stringify({ auth: [{ bearerSha256: HASH }], cluster: secret.toLowerCase(), environment: secret }),
  (secret) => JSON.stringify({ [secret]: { url: secret, keyId: secret } }),
  (secret) => JSON.stringify({ [secret.toLowerCase()]: { url: `https://${secret}`, keyId: secret } }),
  (secret) => JSON.stringify({ match: { [secret]: 1, severity: secret, job: 1 }, kind: secret, name: `{${secret}`, bypass: secret }),
  (secret) => secret.toLowerCase(),
];

const secret = fc.string({ unit: fc.constantFrom(..."abcXYZ0189"), minLength: 6, maxLength: 40 }).map((text) => `Planted${text}`);
const shape = fc.constantFrom(...SHAPES);

function said(env: Readonly<Record<string, string>>): string {
  return (["process", "worker"] as const)
    .map((runtime) => loadConfig(env, runtime))
    .flatMap((loaded) => (loaded.ok ? loaded.warnings : loaded.problems))
    .join("\n")
    .toLowerCase();
}

describe("a start shows nothing of a setting's value, which may be a secret in the wrong place,", () => {
  it.each(NAMES)("put into %s alone", (name) => {
    fc.assert(
      fc.property(secret, (planted) => {
        for (const start of STARTS)
          for (const put of SHAPES) expect(said({ ...start, [name]: put(planted) })).not.toContain(planted.toLowerCase());
      }),
      { numRuns: 3 },
    );
  });

  it("put into many at once", () => {
    const values = fc.dictionary(fc.constantFrom(...NAMES), shape, { minKeys: 2, maxKeys: NAMES.length });
    let problems = 0;
    fc.assert(
      fc.property(secret, values, fc.constantFrom(...STARTS), (planted, shapes, start) => {
        const env = Object.fromEntries(Object.entries(shapes).map(([name, put]) => [name, put(planted)]));
        const text = said({ ...start, ...env });
        problems += text.length;
        expect(text).not.toContain(planted.toLowerCase());
      }),
      { numRuns: 500 },
    );
    expect(problems).toBeGreaterThan(0);
  });

  it("where the address and the token of Redis are exchanged", () => {
    const env = { ROLE: "gateway", UPSTASH_REDIS_REST_URL: "AYasdASDk-token", UPSTASH_REDIS_REST_TOKEN: "https://redis.test" };
    const loaded = loadConfig(env, "process");
    expect(loaded).toMatchObject({
      ok: false,
      problems: expect.arrayContaining(["UPSTASH_REDIS_REST_URL must be an http or https URL"]),
    });
    expect(said(env)).not.toContain("ayasdasdk");
  });
});
