/**
 * What the engine's scripts call, and what tells that a connection works. Nothing in it reaches beyond the keys that it names, blocks, or changes how
 * the connection or the server works.
 */
const ON_DATA = new Set(
  `HDEL HEXISTS HGET HGETALL HINCRBY HKEYS HMGET HSET ZADD ZCARD ZLEXCOUNT ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZREM ZREVRANGEBYLEX ZSCORE
  DEL PERSIST PEXPIRE GET SET MGET INCR APPEND PING TIME`.split(/\s+/),
);

const SCRIPTS = new Set(["EVAL", "EVALSHA"]);

/** Whether a script may call it. It may read INFO as well, which tells what Redis is short of. */
export const isAllowedInScript = (name: string): boolean => ON_DATA.has(name.toUpperCase()) || name.toUpperCase() === "INFO";

/** Whether it blocks its connection until replicas have what was written, and so takes one of its own. */
export const waitsForReplicas = ([name = ""]: readonly string[]): boolean => name.toUpperCase() === "WAIT";

/** Whether it runs a script whose source comes with it. */
export const bringsScript = ([name = ""]: readonly string[]): boolean => name.toUpperCase() === "EVAL";

/** The refused command's name, or null where the command may run. */
export function refusedName([name = ""]: readonly string[]): string | null {
  const upper = name.toUpperCase();
  return ON_DATA.has(upper) || SCRIPTS.has(upper) ? null : upper;
}
