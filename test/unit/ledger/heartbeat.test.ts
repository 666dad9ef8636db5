import { expect, it } from "vitest";
import { openRedisInProcess } from "../../../src/adapters/redis/client.ts";
import { keysOf } from "../../../src/adapters/redis/keys.ts";
import { createRedisLedger } from "../../../src/adapters/redis/ledger.ts";
import { SESSION_ALIVE_MS } from "../../../src/domain/ledger-limits.ts";
import { openEmbeddedRedis } from "../../support/embedded-ledger.ts";
import { RULES } from "../../support/ledger-builders.ts";

it("a heartbeat forgets watches that are not alive, so that restarts leave nothing behind", async () => {
  let now = 1_800_000_000_000;
  const { execute } = openEmbeddedRedis(() => now);
  const client = { redis: openRedisInProcess(execute), engine: "redis" } as const;
  const ledger = createRedisLedger(client, { cluster: "c", rules: RULES, clock: { now: () => now }, virtualTime: true });
  for (const session of ["a", "b", "c"]) {
    await ledger.heartbeat(session);
    now += SESSION_ALIVE_MS / 2;
  }
  expect(await execute(["HKEYS", keysOf("c").sessions])).toEqual({ result: ["b", "c"] });
});
