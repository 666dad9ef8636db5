import * as v from "valibot";
import { Failure } from "../../domain/failure.ts";
import { type CommandName, type EngineScript, engineScript } from "../../ledger/engine/script.ts";
import type { Redis } from "./client.ts";
import { linesBefore, type RedisEngine, scriptSource } from "./engine.ts";
import { redisErrorWord, toFailure } from "./failure.ts";

export interface ScriptClient {
  readonly redis: Redis;
  readonly engine: RedisEngine;
}

export type Script<Reply> = (client: ScriptClient, keys: string[], args: (string | number)[]) => Promise<Reply>;

/**
 * A command of the engine whose reply is checked. Runs by hash, and sends the source once when the server does not know the hash.
 * Rejects with `Failure`: `ledger-unavailable`, `ledger-unreplicated`, `ledger-refused` for an error of the script, `ledger-reply-invalid` for a reply of another shape.
 */
export function defineScript<const Reply extends v.GenericSchema>({
  command,
  reply,
}: {
  command: CommandName | EngineScript;
  reply: Reply;
}): Script<v.InferOutput<Reply>> {
  let known: EngineScript | undefined;
  const script = (): EngineScript => (known ??= typeof command === "string" ? engineScript(command) : command);
  const shas = new Map<RedisEngine, string>();
  // Not the promise is kept but its outcome: in a Worker, a promise dies with the request that made it.
  const shaFor = async (engine: RedisEngine): Promise<string> => {
    const sha = shas.get(engine) ?? (await sha1Hex(scriptSource(engine, script().text)));
    shas.set(engine, sha);
    return sha;
  };
  return async ({ redis, engine }, keys, args) => {
    const sha = await shaFor(engine);
    const raw = await redis
      .evalsha(sha, keys, args)
      .catch((error: unknown) => {
        if (redisErrorWord(error) !== "NOSCRIPT") throw error;
        return redis.eval(scriptSource(engine, script().text), keys, args);
      })
      .catch((error: unknown) => {
        throw toFailure(error, (line) => script().placeOf(line - linesBefore(engine)));
      });
    return parseReply(reply, raw);
  };
}

function parseReply<Reply extends v.GenericSchema>(schema: Reply, raw: unknown): v.InferOutput<Reply> {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  // An issue's message quotes what came, which may be payload; what was expected is the script's own.
  const [issue] = parsed.issues;
  throw new Failure("ledger-reply-invalid", `Redis reply of another shape: expected ${issue.expected ?? issue.type}`, "unknown");
}

async function sha1Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
