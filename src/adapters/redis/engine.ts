/** Which server runs the scripts: Upstash's own engine, or an ordinary redis-server (7 or newer) behind the bridge or in process. */
export type RedisEngine = "upstash" | "redis";

/**
 * A script's source as the engine wants it. Upstash serialises its whole database for a script unless the first line says that it keeps to its
 * declared keys; redis-server refuses that very line ("Unexpected flag in script shebang").
 */
export const scriptSource = (engine: RedisEngine, lua: string): string => (engine === "upstash" ? `${UPSTASH_LINE}\n${lua}` : lua);

const UPSTASH_LINE = "#!lua flags=allow-key-locking";

/** By how many lines the engine's source is ahead of the script's own. */
export const linesBefore = (engine: RedisEngine): number => (engine === "upstash" ? 1 : 0);
