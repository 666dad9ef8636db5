import { type Redis, ReplyError } from "ioredis";
import { unusable } from "../domain/redis-trouble.ts";
import type { Log } from "../ports/log.ts";
import { type Answer, type Line, type RedisCommands, RedisUnanswered, type Value } from "./commands.ts";
import type { Access } from "./handshake.ts";
import { createScriptKiller } from "./kill-script.ts";
import { openLine, type RedisLine } from "./line.ts";

export interface Connection extends RedisCommands {
  /** Resolves when Redis is connected and has loaded its data; it may never be. */
  ready(): Promise<void>;
  /** Ends the connection at once and for good. */
  close(): void;
}

/** Connects in the background, again and again until closed. `timeoutMs` is the longest wait for one answer. */
export function connectRedis(access: Access, timeoutMs: number, log: Log): Connection {
  const shared = openLine(access, timeoutMs, log);
  const killScript = createScriptKiller(access, log);
  let apart: Apart | undefined;
  const on = async (line: Line): Promise<RedisLine> => {
    if (line === "shared") return shared;
    apart ??= openApart(openLine(access, timeoutMs, log), timeoutMs);
    await apart.settled;
    return apart.line;
  };
  return {
    run: async (command, name = "shared") => {
      const line = await on(name);
      return withRedis(line, async (redis) => toAnswer(await send(redis, command, killScript)));
    },
    transaction: (commands) => withRedis(shared, (redis) => transaction(redis, commands, killScript)),
    ready: () => shared.ready(),
    close() {
      shared.close();
      apart?.line.close();
    },
  };
}

interface Apart {
  readonly line: RedisLine;
  /** It is usable, or has had its time for that. */
  readonly settled: Promise<unknown>;
}

/** Most callers never wait for replicas, so it is opened for the first that does. */
const openApart = (line: RedisLine, timeoutMs: number): Apart => ({
  line,
  settled: Promise.race([line.ready(), new Promise((resolve) => setTimeout(resolve, timeoutMs))]),
});

/** Runs one command; strings of its result are read as UTF-8. */
export async function executeCommand(
  commands: RedisCommands,
  command: readonly string[],
  line?: Line,
): Promise<{ result: unknown } | { error: string }> {
  const answer = await commands.run(command, line);
  return "error" in answer ? answer : { result: toText(answer.result) };
}

async function withRedis<T>(line: RedisLine, work: (redis: Redis) => Promise<T>): Promise<T | { readonly error: string }> {
  const redis = line.usable();
  if (redis) return work(redis);
  const trouble = line.trouble();
  if (trouble) return { error: unusable(trouble) };
  throw new RedisUnanswered("Redis is not connected");
}

async function transaction(redis: Redis, commands: readonly (readonly string[])[], killScript: () => void) {
  // Written in one tick, so nothing of another caller comes in between.
  const replies = await Promise.all([["MULTI"], ...commands, ["EXEC"]].map((command) => send(redis, command, killScript)));
  const executed = replies.at(-1);
  if (Array.isArray(executed)) return executed.map(toAnswer);
  // The first error is the cause; EXEC's own only says that there was one.
  return { error: replies.find((reply) => reply instanceof Error)?.message ?? "EXECABORT Transaction discarded" };
}

/** The raw reply, an error of Redis itself included. */
async function send(redis: Redis, [name = "", ...args]: readonly string[], killScript: () => void): Promise<unknown> {
  try {
    return await redis.callBuffer(name, ...args);
  } catch (error) {
    if (error instanceof ReplyError) return error;
    if (/^(EVAL|EVALSHA|EXEC)$/i.test(name) && (error as Error).message === "Command timed out") killScript();
    // Its own text may name an address.
    throw new RedisUnanswered("Redis did not answer");
  }
}

const toAnswer = (reply: unknown): Answer => (reply instanceof Error ? { error: reply.message } : { result: toValue(reply) });

/** Integers come as text, strings as bytes. */
function toValue(reply: unknown): Value {
  if (reply === null || reply instanceof Uint8Array) return reply;
  if (Array.isArray(reply)) return reply.map(toValue);
  if (typeof reply === "string") return String(Number(reply)) === reply ? Number(reply) : BigInt(reply);
  if (reply instanceof Error) return new TextEncoder().encode(reply.message);
  throw new RedisUnanswered("Redis answered in a form that is not known");
}

const toText = (value: Value): unknown =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : Array.isArray(value) ? value.map(toText) : value;
