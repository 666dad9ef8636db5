import { connectRedis, executeCommand } from "../../src/bridge/connection.ts";
import { scriptSurroundingsContract } from "../contract/script-surroundings.contract.ts";
import { freshName, realParts } from "../support/real-parts.ts";
import { accessTo } from "../support/redis-access.ts";
import { silentLog } from "../support/silent-log.ts";

scriptSurroundingsContract("Redis 7", async () => {
  const connection = connectRedis(accessTo(realParts().redisUrl), 5_000, silentLog);
  await connection.ready();
  const prefix = freshName("surroundings");
  return { execute: (command) => executeCommand(connection, command), key: (word) => `${prefix}:${word}` };
});
