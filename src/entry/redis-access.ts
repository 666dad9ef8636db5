import { readFileSync } from "node:fs";
import type { Access } from "../bridge/handshake.ts";
import type { RedisTarget } from "../domain/redis-target.ts";

/** The target with the authorities it names, read from disk. Throws a sentence for people where they cannot be. */
export function redisAccess(target: RedisTarget): Access {
  if (target.caFile === null) return { target, ca: null };
  try {
    const ca = readFileSync(target.caFile, "utf8");
    if (!ca.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it holds no certificate in PEM");
    return { target, ca };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`REDIS_CA_FILE cannot be read: ${code ?? message}`);
  }
}
