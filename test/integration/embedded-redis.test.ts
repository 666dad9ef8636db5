import fc from "fast-check";
import { expect, it } from "vitest";
import { connectRedis, executeCommand } from "../../src/bridge/connection.ts";
import { redisCommands } from "../property/redis-commands.ts";
import { openEmbeddedRedis } from "../support/embedded-ledger.ts";
import { freshName, realParts } from "../support/real-parts.ts";
import { accessTo } from "../support/redis-access.ts";
import { silentLog } from "../support/silent-log.ts";

/** Runs commands in one script, each caught, and gives their replies and all that is kept after them. */
const SCRIPT = `
local at, told = 1, {}
local function plain(reply)
  if type(reply) ~= 'table' then return reply end
  if reply.err then return 'error: ' .. reply.err end
  return reply
end
while ARGV[at] do
  local count = tonumber(ARGV[at])
  local command = {}
  for i = 1, count do command[i] = ARGV[at + i] end
  told[#told + 1] = plain(redis.pcall(unpack(command)))
  at = at + count + 1
end
local kept = {}
for i, key in ipairs(KEYS) do
  if i <= 2 then kept[i] = redis.call('HGETALL', key) else kept[i] = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
  kept[#KEYS + i] = redis.call('PTTL', key) > 0
end
return { told, kept }`;

const KEYS = ["h1", "h2", "z1", "z2", "l1", "l2"];

it("the embedded Redis replies to the engine's commands as Redis 7 does", { timeout: 120_000 }, async () => {
  const connection = connectRedis(accessTo(realParts().redisUrl), 5_000, silentLog);
  await connection.ready();
  await fc.assert(
    fc.asyncProperty(redisCommands, async (commands) => {
      const prefix = freshName("commands");
      const named = commands.map((command) => command.map((part, at) => (at > 0 && KEYS.includes(part) ? `${prefix}:${part}` : part)));
      const args = named.flatMap((command) => [String(command.length), ...command]);
      const call = ["EVAL", SCRIPT, String(KEYS.length), ...KEYS.map((key) => `${prefix}:${key}`), ...args];
      const { execute } = openEmbeddedRedis(Date.now);
      expect(sorted(await execute(call))).toEqual(sorted(await executeCommand(connection, call)));
    }),
    { numRuns: 3_000 },
  );
  connection.close();
});

/** Redis keeps no order among the fields of a hash. */
function sorted(answer: unknown): unknown {
  const { result } = answer as { result: [unknown, unknown[][]] };
  const [told, kept] = result;
  const fields = (flat: unknown[]) => flat.flatMap((_, at) => (at % 2 ? [] : [`${flat[at]}=${flat[at + 1]}`])).toSorted();
  return [told, kept.map((one, at) => (at < 2 ? fields(one) : one))];
}
