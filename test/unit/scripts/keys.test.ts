import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createKeyPair } from "../../../scripts/keys/key-pair.ts";
import { redisUsers } from "../../../scripts/keys/redis-users.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { type Overlay, printedSecrets, UPSTASH } from "../../support/manifests.ts";

const dir = mkdtempSync(join(tmpdir(), "breakwater-keys-test-"));
afterAll(() => rmSync(dir, { recursive: true }));

const keys = (...args: string[]) =>
  spawnSync(process.execPath, ["scripts/keys.ts", ...args], { encoding: "utf8", env: { ...process.env, ...UPSTASH } });
const printedFor = (overlay: Overlay, name: string) => printedSecrets(overlay).secrets.get(name) ?? {};

describe("npm run keys", () => {
  it("prints the two halves of one key as settings", () => {
    const printed = execFileSync(process.execPath, ["scripts/keys.ts"], { encoding: "utf8" });
    const [, signing, verify] = /^CRD_PROXY_SIGNING_KEY='(.*)'\nCRD_PROXY_VERIFY_KEYS='(.*)'\n$/.exec(printed) ?? [];
    const { d, ...half } = JSON.parse(signing as string);
    expect(d).toMatch(/^[\w-]{43}$/);
    expect(JSON.parse(verify as string)).toEqual(half);
  });

  it("makes keys that one setting may hold beside each other, also when both are of one day", async () => {
    const keys = await Promise.all([createKeyPair(), createKeyPair()]);
    const [old, next] = keys.map(({ verifyKey }) => JSON.parse(verifyKey));
    const env = { ROLE: "proxy", KUBE_CONFIG: "in-cluster", CRD_PROXY_VERIFY_KEYS: JSON.stringify({ keys: [old, next] }) };
    expect(loadConfig(env, "process")).toMatchObject({ ok: true });
  });

  it("makes everything anew each time", () => {
    const values = (name: string) => Object.values(printedFor("all-in-cluster", name));
    for (const name of ["breakwater-gateway", "breakwater-bridge", "breakwater-tokens"]) {
      const before = values(name);
      expect(values(name).filter((value) => before.includes(value))).toEqual([]);
    }
  });

  it("gives no part another's secret: only the gateway signs, and only a caller has its own token", () => {
    const { secrets } = printedSecrets("all-in-cluster");
    const { secrets: atEdge, gateway } = printedSecrets("proxy-for-edge");
    const { d } = JSON.parse(secrets.get("breakwater-gateway")?.CRD_PROXY_SIGNING_KEY ?? "");
    const texts = (name: string) => JSON.stringify(secrets.get(name));
    for (const name of ["breakwater-proxy", "breakwater-bridge", "breakwater-redis", "breakwater-tokens"])
      expect(texts(name)).not.toContain(d);
    const { d: outside } = JSON.parse(gateway?.CRD_PROXY_SIGNING_KEY ?? "");
    expect(JSON.stringify([...atEdge])).not.toContain(outside);
    for (const token of Object.values(secrets.get("breakwater-tokens") ?? {})) {
      const hash = createHash("sha256").update(token).digest("hex");
      expect(texts("breakwater-gateway")).toContain(hash);
      expect(texts("breakwater-gateway")).not.toContain(token);
    }
    const password = new URL(secrets.get("breakwater-bridge")?.REDIS_URL ?? "").password;
    expect(texts("breakwater-redis")).not.toContain(password);
  });

  it("writes what an outside gateway needs for its owner's eyes, and never over a file that is there", () => {
    const file = join(dir, "gateway.json");
    expect(keys("--secret", "proxy-for-edge", "--gateway", file).status).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, "utf8");
    const again = keys("--secret", "proxy-for-edge", "--gateway", file);
    expect([again.status, again.stdout, again.stderr]).toEqual([2, "", `${file} cannot be written anew: EEXIST\n`]);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it.each([
    [["all-in-cluster"]],
    [["--secret", "elsewhere"]],
    [["--secret", "all-in-cluster", "more"]],
    [["--secret", "proxy-for-edge"]],
    [["--secret", "--gateway", join(dir, "unused.json")]],
    [["--secrets"]],
  ])("prints no secret for %j, which it does not understand", (args) => {
    const { status, stdout, stderr } = keys(...args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining("usage: npm run -s keys")]);
    expect(existsSync(join(dir, "unused.json"))).toBe(false);
  });
});

describe("Redis' file of users", () => {
  it("gives Breakwater's the rights of the page for operators, and the default user none", () => {
    const page = /```acl\nACL SETUSER (?<rights>[\s\S]*?)```/.exec(readFileSync("docs/operate.md", "utf8"))?.groups?.rights ?? "";
    const rights = page.trim().split(/\s+/).join(" ").replace(">PASSWORD", "#hash");
    expect(redisUsers("hash")).toBe(`user default off\nuser ${rights}\n`);
  });
});
