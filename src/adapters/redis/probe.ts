import * as v from "valibot";
import { Failure } from "../../domain/failure.ts";
import type { RedisTrouble } from "../../domain/redis-trouble.ts";
import type { Redis } from "./client.ts";
import { keysOf } from "./keys.ts";
import { defineScript, type ScriptClient } from "./script.ts";

/**
 * Calls each command that the engine calls, on two keys that it leaves without a trace.
 * KEYS  1 hash, 2 sorted set, neither there   Reply  the maxmemory-policy; empty where Redis does not tell
 */
const LUA = `local hash, set = KEYS[1], KEYS[2]
redis.call('HSET', hash, 'a', '1')
redis.call('HINCRBY', hash, 'a', 1)
redis.call('HGET', hash, 'a')
redis.call('HMGET', hash, 'a')
redis.call('HGETALL', hash)
redis.call('HKEYS', hash)
redis.call('HEXISTS', hash, 'a')
redis.call('PEXPIRE', hash, 1000)
redis.call('PERSIST', hash)
redis.call('HDEL', hash, 'a')
redis.call('ZADD', set, 0, 'a')
redis.call('ZCARD', set)
redis.call('ZSCORE', set, 'a')
redis.call('ZRANGE', set, 0, 0)
redis.call('ZRANGEBYSCORE', set, 0, 0)
redis.call('ZRANGEBYLEX', set, '-', '+')
redis.call('ZREVRANGEBYLEX', set, '+', '-')
redis.call('ZLEXCOUNT', set, '-', '+')
redis.call('ZREM', set, 'a')
redis.call('DEL', hash, set)
local info = redis.pcall('INFO', 'memory')
return type(info) == 'string' and string.match(info, 'maxmemory_policy:(%S+)') or ''`;

const probeScript = defineScript({ command: { text: LUA, placeOf: () => null }, reply: v.pipe(v.string(), v.regex(/^[a-z-]{0,32}$/)) });

/** Looks whether Redis can do what the ledger of a cluster needs; null where it can, or where it cannot be asked now. */
export async function probeRedis(client: ScriptClient, cluster: string): Promise<RedisTrouble | null> {
  const { probe, probeSet } = keysOf(cluster);
  try {
    const policy = await probeScript(client, [probe, probeSet], []);
    if (client.engine === "redis" && (await runsForUpstash(client.redis))) return "wrong-engine";
    return policy === "" || policy === "noeviction" ? null : `maxmemory-policy-${policy}`;
  } catch (error) {
    if (error instanceof Failure) return error.trouble;
    throw error;
  }
}

/** The same of several clusters' ledgers in one Redis: the first trouble there is. */
export async function probeRedisOf(client: ScriptClient, clusters: readonly string[]): Promise<RedisTrouble | null> {
  const found = await Promise.all(clusters.map((cluster) => probeRedis(client, cluster)));
  return found.find((trouble) => trouble !== null) ?? null;
}

/** Upstash runs a script without the line that it wants, and keeps everybody else waiting meanwhile; a redis-server refuses that line. */
const runsForUpstash = (redis: Redis): Promise<boolean> =>
  redis.eval("#!lua flags=allow-key-locking\nreturn 1", [], []).then(
    () => true,
    () => false,
  );
