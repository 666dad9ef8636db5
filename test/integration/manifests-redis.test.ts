import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { freePort } from "../support/free-port.ts";
import { environmentOf, printedSecrets, rendered, workloads } from "../support/manifests.ts";
import { type Started, startProcess } from "../support/process.ts";

const manifests = rendered("all-in-cluster");
const { secrets } = printedSecrets("all-in-cluster");
const [bridgeContainer] =
  workloads(manifests).find(({ metadata }) => metadata.name === "breakwater-bridge")?.spec.template.spec.containers ?? [];
const { REDIS_URL = "", BRIDGE_TOKEN = "" } = bridgeContainer ? environmentOf(bridgeContainer, secrets) : {};

let dir: string;
let port: number;
let server: Started;
let bridge: BridgeProcess;

/** Redis as its pod starts it, but for what only a pod has: its paths, and an address of its own. */
const startRedis = () =>
  startProcess({
    command: "redis-server",
    args: [join(dir, "redis.conf"), "--port", `${port}`, "--bind", "127.0.0.1"],
    ready: /Ready to accept connections/,
  });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-manifests-"));
  const configuration = manifests.find(({ kind, data }) => kind === "ConfigMap" && data?.["redis.conf"])?.data?.["redis.conf"] ?? "";
  writeFileSync(join(dir, "redis.conf"), configuration.replace("dir /data", `dir ${dir}`).replace("/etc/redis/users/", `${dir}/`));
  writeFileSync(join(dir, "users.acl"), secrets.get("breakwater-redis")?.["users.acl"] ?? "");
  port = await freePort();
  server = await startRedis();
  bridge = await startBridge(REDIS_URL.replace("breakwater-redis:6379", `127.0.0.1:${port}`), { BRIDGE_TOKEN });
});
afterAll(async () => {
  await bridge?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const headers = { authorization: `Bearer ${BRIDGE_TOKEN}` };
const ready = async () => {
  const answer = await fetch(new URL("/ready", bridge.url), { headers });
  return [answer.status, await answer.json()];
};
const send = async (...command: string[]) =>
  (await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) })).json() as Promise<{
    result?: unknown;
    error?: string;
  }>;

describe("the Redis of the overlay all-in-cluster", () => {
  it("lets the bridge in with what its Secret says, and nothing is missing or wrong", async () => {
    expect(await ready()).toEqual([200, { ready: true, trouble: null, unknown: [] }]);
  });

  it("lets nobody else in", async () => {
    const stranger = new Redis(port, { retryStrategy: () => null });
    stranger.on("error", () => {});
    await expect(stranger.call("GET", "bw1:{default}:seen")).rejects.toThrow(/NOAUTH|NOPERM/);
    stranger.disconnect();
  });

  it("keeps on disk whatever it has acknowledged, when it is killed at once", async () => {
    expect(await send("EVAL", "return redis.call('HSET', KEYS[1], 'f', 'v')", "1", "bw1:{default}:seen")).toEqual({ result: 1 });
    await server.stop("SIGKILL");
    server = await startRedis();
    const read = () => send("EVAL", "return redis.call('HGET', KEYS[1], 'f')", "1", "bw1:{default}:seen");
    await expect.poll(read, { timeout: 10_000 }).toEqual({ result: "v" });
  });
});
