import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis } from "../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { ledgerContracts } from "../contract/ledger-contracts.ts";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { freshName } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";

const PASSWORD = "of-the-test";
/** The rights as the page for operators tells them. */
const rights = (/```acl\n(?<command>[\s\S]*?)```/.exec(readFileSync("docs/operate.md", "utf8"))?.groups?.command ?? "")
  .replace("PASSWORD", PASSWORD)
  .trim()
  .split(/\s+/);

let dir: string;
let server: RedisServer;
let bridge: BridgeProcess;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-rights-"));
  server = await startRedisServer(dir);
  const admin = new Redis(server.port);
  await admin.call(rights[0] as string, ...rights.slice(1));
  await admin.call("ACL", "SETUSER", "default", "off");
  admin.disconnect();
  // Not speed is looked at here: other suites may share the machine.
  bridge = await startBridge(`redis://breakwater:${PASSWORD}@127.0.0.1:${server.port}/1`, { REDIS_TIMEOUT_MS: "5000" });
});
afterAll(async () => {
  await bridge?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const post = async (path: string, body: unknown) =>
  (
    await fetch(new URL(path, bridge.url), {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${bridge.token}` },
    })
  ).json();

describe("a Redis user with the rights that the page for operators gives it", () => {
  it("is enough for the bridge, which can tell all that it looks for", async () => {
    const headers = { authorization: `Bearer ${bridge.token}` };
    const answer = await fetch(new URL("/ready", bridge.url), { headers });
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, trouble: null, unknown: [] }]);
    const waited = await post("/pipeline", [
      ["EVAL", "return redis.call('HSET', KEYS[1], 'f', 'v')", "1", "bw1:{main}:seen"],
      ["WAIT", "0", "10"],
    ]);
    expect(waited).toEqual([{ result: 1 }, { result: 0 }]);
  });

  it("is not enough for what Breakwater does not do, neither by a command nor by a script", async () => {
    const own = new Redis({ port: server.port, username: "breakwater", password: PASSWORD });
    const commands = ["CONFIG GET *", "KEYS *", "FLUSHALL", "SWAPDB 0 1", "SCRIPT FLUSH", "ACL LIST", "HGETALL others:keys", "SHUTDOWN"];
    for (const command of commands) await expect(own.call(...(command.split(" ") as [string]))).rejects.toThrow(/^NOPERM/);
    for (const call of ["'SWAPDB', 0, 1", "'MIGRATE', 'h', 1, 'k', 0, 1", "'CONFIG', 'GET', '*'", "'HGETALL', 'others:keys'"])
      await expect(own.eval(`return redis.call(${call})`, 0)).rejects.toThrow(/can't (run|access)|NOPERM|not allowed from script/);
    own.disconnect();
  });
});

ledgerContracts("Redis 7 through the bridge, with no more rights than the page for operators gives", async (rules, nowMs) => {
  const redis = openRedis({ url: bridge.url, token: bridge.token, timeoutMs: 5_000, autoPipelining: false });
  return createRedisLedger({ redis, engine: "redis" }, { cluster: freshName("rights"), rules, clock: { now: nowMs }, virtualTime: true });
});
