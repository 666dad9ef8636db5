import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRedis } from "../../src/adapters/redis/client.ts";
import type { RedisEngine } from "../../src/adapters/redis/engine.ts";
import { probeRedis } from "../../src/adapters/redis/probe.ts";
import { startBridge } from "../support/bridge.ts";
import { freePort } from "../support/free-port.ts";
import { type Started, startProcess } from "../support/process.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { alertOf, webhookOf } from "../support/sender.ts";

let dir: string;
const stops: (() => unknown)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-misconfigured-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  rmSync(dir, { recursive: true, force: true });
});
const redisWith = async (...args: string[]) => {
  const server = await startRedisServer(dir, args);
  stops.push(() => server.stop());
  return server;
};
const ALL = "+@hash +@sortedset +@scripting +@keyspace +@connection +info".split(" ");
const user = (...rights: string[]) => ["--user", "u", "on", ">p", "~bw1:*", ...rights];

describe("what a gateway finds out about the Redis behind a bridge", () => {
  it.each<[string, string[], string, RedisEngine, string | null]>([
    ["nothing is wrong", [], "", "redis", null],
    ["an engine that is Upstash's", [], "", "upstash", "wrong-engine"],
    ["a right that only writing takes", user(...ALL, "-zadd"), "u:p@", "redis", "rights-missing"],
    ["keys that may not be touched", ["--user", "u", "on", ">p", "~other:*", "+@all"], "u:p@", "redis", "rights-missing"],
    ["enough rights", user(...ALL), "u:p@", "redis", null],
    ["a wrong password", ["--requirepass", "other"], ":p@", "redis", "wrong-credentials"],
    ["a replica", ["--replicaof", "127.0.0.1", "1"], "", "redis", "read-only-replica"],
    ["no room", ["--maxmemory", "1"], "", "redis", "redis-full"],
    ["a policy that drops keys", ["--maxmemory-policy", "allkeys-lru"], "", "redis", "maxmemory-policy-allkeys-lru"],
    ["a node of a cluster without its slots", ["--cluster-enabled", "yes"], "", "redis", "redis-cluster"],
  ])("%s", async (_, args, login, engine, trouble) => {
    const server = await redisWith(...args);
    const bridge = await startBridge(server.url.replace("//", `//${login}`));
    stops.push(() => bridge.stop());
    const redis = openRedis({ url: bridge.url, token: bridge.token, timeoutMs: 5_000, autoPipelining: true });
    expect(await probeRedis({ redis, engine }, "main")).toBe(trouble);
    if (trouble === null) expect(await probeRedis({ redis, engine }, "main")).toBeNull();
  });

  it("a token that the bridge does not take, and an outage, which is nobody's mistake", async () => {
    const server = await redisWith();
    const bridge = await startBridge(server.url);
    stops.push(() => bridge.stop());
    const with_ = (token: string) => openRedis({ url: bridge.url, token, timeoutMs: 5_000, autoPipelining: true });
    expect(await probeRedis({ redis: with_("wrong"), engine: "redis" }, "main")).toBe("wrong-credentials");
    await server.stop();
    expect(await probeRedis({ redis: with_(bridge.token), engine: "redis" }, "main")).toBeNull();
  });
});

describe("a process with a Redis that is set up wrongly", () => {
  const start = async (env: Readonly<Record<string, string>>): Promise<{ started: Started; url: string }> => {
    const [port, kubePort] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const started = await startProcess({
      command: "bun",
      args: [join(process.cwd(), "src/entry/bun.ts")],
      cwd: dir,
      env: { PORT: `${port}`, KUBE_PORT: `${kubePort}`, ENABLE_STORM_BUFFERING: "false", ...env },
      ready: new URL("/health", url),
    });
    stops.push(() => started.stop());
    return { started, url };
  };

  it.each<[string, string[], (url: string) => Readonly<Record<string, string>>, string]>([
    ["the engine", [], (url) => ({ REDIS_URL: url, REDIS_ENGINE: "upstash" }), "wrong-engine"],
    ["the database", [], (url) => ({ REDIS_URL: `${url}/99` }), "no-such-database"],
    ["the password", ["--requirepass", "other"], (url) => ({ REDIS_URL: url.replace("//", "//:s3cret@") }), "wrong-credentials"],
  ])("makes requests without it, is not ready, and says so once: %s", async (_, args, envOf, trouble) => {
    const server = await redisWith(...args);
    const { started, url } = await start(envOf(server.url));
    const post = async () =>
      (
        await fetch(`${url}/api/v1/signals/prometheus`, {
          method: "POST",
          body: JSON.stringify(webhookOf(alertOf({ namespace: "default" }))),
          headers: { "content-type": "application/json" },
        })
      ).json();
    await expect.poll(post, { timeout: 10_000 }).toMatchObject({ results: [{ rung: "direct" }] });
    await expect.poll(async () => (await fetch(`${url}/ready`)).status, { timeout: 15_000 }).toBe(503);
    expect(await (await fetch(`${url}/ready`)).text()).toContain(`Redis: ${trouble}`);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const lines = started.output().split("\n");
    expect(lines.filter((line) => line.includes("redis-misconfigured"))).toEqual([expect.stringContaining(trouble)]);
    expect(lines.filter((line) => line.includes("drain-failed")).length).toBeLessThanOrEqual(2);
    expect(started.output()).not.toContain("s3cret");
  });
});
