/** Which server runs the scripts: Upstash's own engine, or an ordinary redis-server (7 or newer) behind the bridge or in process. */
export type RedisEngine = "upstash" | "redis";

/**
 * A script's source as the engine wants it. Upstash serialises its whole database for a script unless the first line says that it keeps to its
 * declared keys; redis-server refuses that very line ("Unexpected flag in script shebang").
 */
export function scriptSource(engine: RedisEngine, lua: string): string {
  const body = lua.trim();
  return engine === "upstash" ? `#!lua flags=allow-key-locking\n${body}` : body;
}
