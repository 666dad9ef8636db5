import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";

/** Starts a process that is expected to end by itself, with these settings and no others. */
function startWith(env: Readonly<Record<string, string>>) {
  const { PATH = "", HOME = "" } = process.env;
  const { status, stdout, stderr } = spawnSync("bun", ["src/entry/bun.ts"], {
    env: { PATH, HOME, ...env },
    encoding: "utf8",
    timeout: 10_000,
  });
  return { status, printed: stdout + stderr };
}

const secret = "s3cret-that-nobody-may-see";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-start-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("a start with settings that cannot work ends with exit code 2 and a line for each of them", () => {
  const missing: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{ ROLE: "gateway" }, ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "CRD_PROXY_SIGNING_KEY", "CRD_PROXY_URL"]],
    [{ ROLE: "proxy" }, ["CRD_PROXY_VERIFY_KEYS", "KUBE_CONFIG"]],
    [{ ROLE: "bridge" }, ["BRIDGE_TOKEN", "REDIS_URL"]],
  ];
  const wrong = {
    ROLE: "gateway",
    PORT: "99999",
    BIND_ADDRESS: "0.0.0.0",
    UPSTASH_REDIS_REST_URL: `ftp://user:${secret}@redis.example.com`,
    UPSTASH_REDIS_REST_TOKEN: secret,
    CRD_PROXY_URL: "https://proxy.example.com",
    CRD_PROXY_SIGNING_KEY: `{"kty":"OKP","d":"${secret}"}`,
    CLUSTER_NAME: "Not A Label",
    ADMIN_TOKEN_SHA256: secret,
    SOURCE_SHOP: `{"auth":[{"bearerSha256":"${secret}"}]}`,
    DEDUP_STATE_TTL_SECOND: "30",
    INTENTS_MAX: "many",
  };

  it.each(missing)("%o lacks %o", (env, names) => {
    const { status, printed } = startWith(env);
    expect(status).toBe(2);
    for (const name of names) expect(printed).toMatch(new RegExp(`^breakwater: .*\\b${name}\\b`, "m"));
  });

  it("wrong ones, all at once and without a secret", () => {
    const { status, printed } = startWith(wrong);
    expect(status).toBe(2);
    const { ROLE: _fits, BIND_ADDRESS: _too, UPSTASH_REDIS_REST_TOKEN: _also, CRD_PROXY_URL: _well, ...bad } = wrong;
    for (const name of Object.keys(bad)) expect(printed).toMatch(new RegExp(`^breakwater: .*\\b${name}\\b`, "m"));
    expect(printed).not.toContain(secret);
  });
});

describe("a start whose kubeconfig cannot be used ends with exit code 2 and one line about it", () => {
  const proxy = async (kubeconfig: string) =>
    startWith({
      ROLE: "proxy",
      PORT: `${await freePort()}`,
      CRD_PROXY_VERIFY_KEYS: '{"kty":"OKP","crv":"Ed25519","kid":"test","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}',
      KUBE_CONFIG: kubeconfig,
    });

  it("when KUBE_CONFIG names no file", async () => {
    const { status, printed } = await proxy(join(dir, "none"));
    expect(status).toBe(2);
    expect(printed).toMatch(/^breakwater: KUBE_CONFIG\b.*cannot be read \(ENOENT\)\n$/);
  });

  it("when KUBE_CONFIG names something else than a kubeconfig", async () => {
    const path = join(dir, "kubeconfig");
    writeFileSync(path, `users: [{ user: { token: ${secret} }`);
    const { status, printed } = await proxy(path);
    expect(status).toBe(2);
    expect(printed).toMatch(/^breakwater: KUBE_CONFIG\b.*is no kubeconfig\n$/);
    expect(printed).not.toContain(secret);
  });
});
