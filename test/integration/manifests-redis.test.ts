import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printedSecrets, rendered } from "../support/manifests.ts";
import { type Pod, podsOf } from "../support/pods.ts";
import type { Started } from "../support/process.ts";

const { secrets } = printedSecrets("all-in-cluster");
const headers = { authorization: `Bearer ${secrets.get("breakwater-bridge")?.BRIDGE_TOKEN}` };

let dir: string;
let redis: Pod;
let server: Started;
let bridge: Started;
let url: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-manifests-"));
  const pods = await podsOf(rendered("all-in-cluster"), { dir, secrets });
  redis = pods.get("breakwater-redis") as Pod;
  server = await redis.start();
  bridge = (await pods.get("breakwater-bridge")?.start()) as Started;
  url = `http://127.0.0.1:${pods.get("breakwater-bridge")?.port}`;
});
afterAll(async () => {
  await bridge?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const send = async (...command: string[]) => (await fetch(url, { method: "POST", headers, body: JSON.stringify(command) })).json();

describe("the Redis of the overlay all-in-cluster", () => {
  it("lets the bridge in with what its Secret says, and nothing is missing or wrong", async () => {
    const answer = await fetch(new URL("/ready", url), { headers });
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, trouble: null, unknown: [] }]);
  });

  it("lets nobody else in", async () => {
    const stranger = new Redis(redis.port, { retryStrategy: () => null });
    stranger.on("error", () => {});
    await expect(stranger.call("GET", "bw1:{default}:seen")).rejects.toThrow(/NOAUTH|NOPERM/);
    stranger.disconnect();
  });

  it("keeps on disk whatever it has acknowledged, when it is killed at once", async () => {
    expect(await send("EVAL", "return redis.call('HSET', KEYS[1], 'f', 'v')", "1", "bw1:{default}:seen")).toEqual({ result: 1 });
    await server.stop("SIGKILL");
    server = await redis.start();
    const read = () => send("EVAL", "return redis.call('HGET', KEYS[1], 'f')", "1", "bw1:{default}:seen");
    await expect.poll(read, { timeout: 10_000 }).toEqual({ result: "v" });
  });

  it("takes a second password beside the first, once its file of users says so", async () => {
    const file = join(dir, "breakwater-redis/etc/redis/users/users.acl");
    const { password: first } = new URL(secrets.get("breakwater-bridge")?.REDIS_URL ?? "");
    writeFileSync(file, readFileSync(file, "utf8").replace(" #", ` #${createHash("sha256").update("second").digest("hex")} #`));
    await server.stop();
    server = await redis.start();
    for (const password of [first, "second"]) {
      const client = new Redis(redis.port, { username: "breakwater", password });
      expect(await client.call("TIME")).toHaveLength(2);
      client.disconnect();
    }
  });
});
