import { keptAnswer } from "../domain/kept-answer.ts";
import { redisTrouble } from "../domain/redis-trouble.ts";
import type { RedisSight } from "../metrics/bridge-metrics.ts";
import type { Log } from "../ports/log.ts";
import { type RedisCommands, RedisUnanswered } from "./commands.ts";
import { executeCommand } from "./connection.ts";

/** What is wrong with the Redis behind the bridge, in a word; null: nothing is known to be. `unknown`: what its user may not find out. */
export interface Readiness {
  readonly trouble: string | null;
  readonly unknown: readonly string[];
  readonly sight: RedisSight;
}

/**
 * Whether Redis can be relied on: it runs scripts, is a master by itself, has room, and drops nothing to make room, since windows, intents and counts have
 * no expiry and must not be evicted. Asks at most once in 10 s; the log has each change of the answer.
 */
export function createReadiness(commands: RedisCommands, log: Log, now: () => number): () => Promise<Readiness> {
  let told = "";
  return keptAnswer(async () => {
    const found = await look(commands);
    const { trouble, unknown } = found;
    const text = JSON.stringify({ trouble, unknown });
    if (text !== told && trouble) log.warn("bridge-not-ready", { trouble });
    if (text !== told && unknown.length > 0) log.warn("bridge-cannot-tell", { unknown: unknown.join(), needs: "INFO" });
    told = text;
    return found;
  }, now);
}

const NOTHING: Readiness = { trouble: null, unknown: [], sight: { isUp: true, memoryUsed: null, evicts: null } };

async function look(commands: RedisCommands): Promise<Readiness> {
  try {
    // What the work needs, where PING tells less and may be forbidden.
    const script = await executeCommand(commands, ["EVAL", "return 1", "0"]);
    if ("error" in script) return { ...NOTHING, trouble: redisTrouble(script.error) ?? "redis-answers-errors" };
    // INFO rather than CONFIG GET: managed Redis forbids CONFIG.
    const info = await executeCommand(commands, ["INFO"]);
    return "error" in info ? { ...NOTHING, unknown: ["maxmemory-policy", "memory", "role"] } : read(String(info.result));
  } catch (error) {
    if (error instanceof RedisUnanswered) return { ...NOTHING, trouble: "redis-does-not-answer", sight: { ...NOTHING.sight, isUp: false } };
    throw error;
  }
}

function read(info: string): Readiness {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const policy = field("maxmemory_policy");
  const max = Number(field("maxmemory") ?? 0);
  const trouble = [
    field("cluster_enabled") === "1" && "redis-cluster",
    field("role") === "slave" && "read-only-replica",
    policy !== undefined && policy !== "noeviction" && `maxmemory-policy-${policy}`,
    max > 0 && Number(field("used_memory")) >= max && "redis-full",
  ].find((word) => word !== false);
  const sight = {
    isUp: true,
    memoryUsed: max > 0 ? Number(field("used_memory")) / max : null,
    evicts: policy === undefined ? null : policy !== "noeviction",
  };
  return { trouble: trouble || null, unknown: policy === undefined ? ["maxmemory-policy"] : [], sight };
}
