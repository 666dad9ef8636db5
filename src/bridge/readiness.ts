import type { Log } from "../ports/log.ts";
import { type RedisCommands, RedisUnanswered } from "./commands.ts";
import { executeCommand } from "./connection.ts";

/**
 * Whether the Redis behind the bridge can be relied on: it answers, and it drops nothing to make room, since windows, intents and counts have no
 * expiry and must not be evicted. What is wrong is only in the log.
 */
export async function isReady(commands: RedisCommands, log: Log): Promise<boolean> {
  const trouble = await findTrouble(commands);
  if (trouble) log.warn("bridge-not-ready", { trouble });
  return trouble === null;
}

async function findTrouble(commands: RedisCommands): Promise<string | null> {
  try {
    const ping = await executeCommand(commands, ["PING"]);
    if ("error" in ping) return "redis-answers-errors";
    // INFO rather than CONFIG GET: managed Redis forbids CONFIG.
    const info = await executeCommand(commands, ["INFO", "memory"]);
    const policy = "error" in info ? null : /^maxmemory_policy:(\S+)/m.exec(String(info.result))?.[1];
    if (!policy) return "maxmemory-policy-unknown";
    return policy === "noeviction" ? null : `maxmemory-policy-${policy}`;
  } catch (error) {
    if (error instanceof RedisUnanswered) return "redis-does-not-answer";
    throw error;
  }
}
