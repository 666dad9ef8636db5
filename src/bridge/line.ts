import type { Redis, RedisOptions } from "ioredis";
import type { RedisTrouble } from "../domain/redis-trouble.ts";
import type { Log } from "../ports/log.ts";
import { type Access, openClient, type Refusal, refusalOf, sentinelRefusal, shakeHands } from "./handshake.ts";

/** A peer that is silent for so long while an answer is due is gone: TCP alone would take minutes to notice. */
const SILENCE_MAX_MS = 5_000;

/** One connection, made again and again until it is closed. */
export interface RedisLine {
  /** Null while there is no connection whose handshake went well to its end. */
  usable(): Redis | null;
  /** Why there is none, where waiting does not help. */
  trouble(): RedisTrouble | null;
  /** Resolves when it is usable; it may never be. */
  ready(): Promise<void>;
  close(): void;
}

/** Connects in the background. The log has each reason once in a row. `timeoutMs`: the longest wait for one answer. */
export function openLine(access: Access, timeoutMs: number, log: Log): RedisLine {
  let failures = 0;
  let open = false;
  let refusal: Refusal | null = null;
  let sentinel: Refusal | null = null;
  const redis = openClient(
    access,
    optionsFor(timeoutMs, () => failures++),
  );
  const refuse = (next: Refusal) => {
    if (next.code !== refusal?.code || next.trouble !== refusal.trouble) {
      const { trouble, code } = next;
      log.warn(trouble ? "redis-unusable" : "redis-connection-failed", trouble ? { trouble } : { code });
    }
    refusal = next;
  };
  redis.on("sentinelError", (error: Error) => {
    const told = sentinelRefusal(error);
    if (!sentinel?.trouble) sentinel = told;
  });
  // Without a listener ioredis writes errors, addresses included, to the console.
  redis.on("error", (error: Error) => {
    refuse(sentinel ?? refusalOf(error));
    sentinel = null;
  });
  redis.on("close", () => {
    open = false;
  });
  const opened = new EventTarget();
  redis.on("ready", async () => {
    const refused = await shakeHands(redis, access.target);
    if (refused) {
      refuse(refused);
      redis.disconnect(true);
      return;
    }
    failures = 0;
    refusal = null;
    open = redis.status === "ready";
    log.info("redis-connected");
    opened.dispatchEvent(new Event("ready"));
  });
  return {
    usable: () => (open && redis.status === "ready" ? redis : null),
    trouble: () => refusal?.trouble ?? null,
    ready: () => (open ? Promise.resolve() : new Promise((resolve) => opened.addEventListener("ready", () => resolve(), { once: true }))),
    close: () => redis.disconnect(),
  };
}

const optionsFor = (timeoutMs: number, failed: () => number): RedisOptions => ({
  connectTimeout: timeoutMs,
  commandTimeout: timeoutMs,
  sentinelCommandTimeout: timeoutMs,
  socketTimeout: Math.max(SILENCE_MAX_MS, 2 * timeoutMs),
  // A command that waits in a queue, or is sent again after a reconnect, runs when its caller has long given up or asked again.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Ours counts handshakes, too: a Redis that refuses each is not asked ten times a second.
  retryStrategy: () => Math.min((failed() + 1) * 100, 2_000),
  // After a failover the old master stays reachable as a replica: ask again who is master.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
  // The integers of Redis have 64 bits.
  stringNumbers: true,
  disableClientInfo: true,
});
