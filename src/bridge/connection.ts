import { Redis, type RedisOptions, ReplyError } from "ioredis";
import type { Log } from "../ports/log.ts";
import { type Answer, type Line, type RedisCommands, RedisUnanswered, type Value } from "./commands.ts";

export type RedisTarget =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "sentinels"; readonly sentinels: readonly { readonly host: string; readonly port: number }[]; readonly name: string };

export interface Connection extends RedisCommands {
  /** Resolves when Redis is connected and has loaded its data; it may never be. */
  ready(): Promise<void>;
  /** Ends the connection at once and for good. */
  close(): void;
}

/** A peer that is silent for so long while an answer is due is gone: TCP alone would take minutes to notice. */
const SILENCE_MAX_MS = 5_000;

/** Connects in the background, again and again until closed. `timeoutMs` is the longest wait for one answer. */
export function connectRedis(target: RedisTarget, timeoutMs: number, log: Log): Connection {
  const connect = () => listened(open(target, optionsFor(timeoutMs)), log);
  const redis = connect();
  let apart: Apart | undefined;
  const on = async (line: Line): Promise<Redis> => {
    if (line === "shared") return redis;
    apart ??= openApart(connect, timeoutMs);
    await apart.settled;
    return apart.redis;
  };
  return {
    run: async (command, line = "shared") => run(await on(line), command),
    transaction: (commands) => transaction(redis, commands),
    ready: () => untilReady(redis),
    close() {
      redis.disconnect();
      apart?.redis.disconnect();
    },
  };
}

interface Apart {
  readonly redis: Redis;
  /** It is connected, or has had its time for that. */
  readonly settled: Promise<unknown>;
}

/** Most callers never wait for replicas, so it is opened for the first that does. */
function openApart(connect: () => Redis, timeoutMs: number): Apart {
  const redis = connect();
  return { redis, settled: Promise.race([untilReady(redis), new Promise((resolve) => setTimeout(resolve, timeoutMs))]) };
}

const untilReady = (redis: Redis): Promise<void> =>
  redis.status === "ready" ? Promise.resolve() : new Promise((resolve) => redis.once("ready", () => resolve()));

const optionsFor = (timeoutMs: number): RedisOptions => ({
  connectTimeout: timeoutMs,
  commandTimeout: timeoutMs,
  socketTimeout: Math.max(SILENCE_MAX_MS, 2 * timeoutMs),
  // A command that waits in a queue, or is sent again after a reconnect, runs when its caller has long given up or asked again.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
  // After a failover the old master stays reachable as a replica: ask again who is master.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
  disableClientInfo: true,
});

function listened(redis: Redis, log: Log): Redis {
  // Without a listener ioredis writes errors, addresses included, to the console.
  redis.on("error", (error: Error & { code?: string }) => log.warn("redis-connection-failed", { code: error.code ?? error.name }));
  redis.on("ready", () => log.info("redis-connected"));
  return redis;
}

/** Runs one command; strings of its result are read as UTF-8. */
export async function executeCommand(
  commands: RedisCommands,
  command: readonly string[],
  line?: Line,
): Promise<{ result: unknown } | { error: string }> {
  const answer = await commands.run(command, line);
  return "error" in answer ? answer : { result: toText(answer.result) };
}

function open(target: RedisTarget, options: RedisOptions): Redis {
  if (target.kind === "url") return new Redis(target.url, options);
  return new Redis({ ...options, sentinels: target.sentinels.map(({ host, port }) => ({ host, port })), name: target.name });
}

const run = async (redis: Redis, command: readonly string[]): Promise<Answer> => toAnswer(await send(redis, command));

async function transaction(redis: Redis, commands: readonly (readonly string[])[]) {
  // Written in one tick, so nothing of another caller comes in between.
  const replies = await Promise.all([["MULTI"], ...commands, ["EXEC"]].map((command) => send(redis, command)));
  const executed = replies.at(-1);
  if (Array.isArray(executed)) return executed.map(toAnswer);
  // The first error is the cause; EXEC's own only says that there was one.
  return { error: replies.find((reply) => reply instanceof Error)?.message ?? "EXECABORT Transaction discarded" };
}

/** The raw reply, an error of Redis itself included. */
async function send(redis: Redis, [name, ...args]: readonly string[]): Promise<unknown> {
  try {
    return await redis.callBuffer(name as string, ...args);
  } catch (error) {
    if (error instanceof ReplyError) return error;
    // Its own text may name an address.
    throw new RedisUnanswered("Redis did not answer");
  }
}

const toAnswer = (reply: unknown): Answer => (reply instanceof Error ? { error: reply.message } : { result: toValue(reply) });

function toValue(reply: unknown): Value {
  if (Array.isArray(reply)) return reply.map(toValue);
  if (typeof reply === "number" || reply instanceof Uint8Array) return reply;
  if (typeof reply === "string") return new TextEncoder().encode(reply);
  return reply instanceof Error ? new TextEncoder().encode(reply.message) : null;
}

const toText = (value: Value): unknown =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : Array.isArray(value) ? value.map(toText) : value;
