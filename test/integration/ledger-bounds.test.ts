import { afterAll, beforeAll } from "vitest";
import { openRedisInProcess } from "../../src/adapters/redis/client.ts";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { connectRedis, executeCommand } from "../../src/bridge/connection.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import type { OpenStore } from "../contract/kept-store.ts";
import { ledgerBoundsContract } from "../contract/ledger-bounds.contract.ts";
import { ledgerFlagsContract } from "../contract/ledger-flags.contract.ts";
import { ledgerLetterPlacesContract } from "../contract/ledger-letter-places.contract.ts";
import { freshName, realParts } from "../support/real-parts.ts";
import { accessTo } from "../support/redis-access.ts";
import { silentLog } from "../support/silent-log.ts";

let connection: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  connection = connectRedis(accessTo(realParts().redisUrl), 5_000, silentLog);
  await connection.ready();
});
afterAll(() => connection.close());

const open: OpenStore = async (rules, nowMs) => {
  const cluster = freshName("bounds");
  const execute = (command: readonly string[]) => executeCommand(connection, command);
  const client = { redis: openRedisInProcess(execute), engine: "redis" } as const;
  const beside = (others: LedgerRules) => createRedisLedger(client, { cluster, rules: others, clock: { now: nowMs }, virtualTime: true });
  const run = async (...command: string[]) => {
    const answer = await execute(command);
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  };
  return { ledger: beside(rules), cluster, keys: keysOf(cluster), beside, run };
};

ledgerBoundsContract("Redis 7", open);
ledgerFlagsContract("Redis 7", open);
ledgerLetterPlacesContract("Redis 7", open);
