import { fromBase64 } from "../../domain/base64.ts";

/** As the client of Upstash names it, which processes call in batches. */
const SERVER_ERROR = "UpstashError";

export type Argument = string | number;

/** What the scripts need of a Redis. Rejects with an `UpstashError` where the server answered with an error, with anything else where it did not answer. */
export interface Redis {
  evalsha(sha: string, keys: string[], args: Argument[]): Promise<unknown>;
  eval(script: string, keys: string[], args: Argument[]): Promise<unknown>;
}

/** An answer of Redis itself, as the REST protocol words it. */
export type RedisAnswer = { readonly result: unknown } | { readonly error: string };

export interface RestOptions {
  readonly url: string;
  readonly token: string;
  /** Longest wait for one HTTP request, its answer's body included. */
  readonly timeoutMs: number;
}

/** A Redis over the Upstash REST protocol. Each call is sent once: whether a second time is worth it, only its caller knows. Opens no connection. */
export function openRedis(options: RestOptions): Redis {
  const send = openRest(options);
  const run = async (command: readonly Argument[]) => {
    const answer = await send("", command);
    if (!isAnswer(answer)) throw new TypeError("Redis answered something else than an answer");
    if (answer.error) throw serverError(String(answer.error));
    return answer.result;
  };
  return {
    evalsha: (sha, keys, args) => run(["evalsha", sha, keys.length, ...keys, ...args]),
    eval: (script, keys, args) => run(["eval", script, keys.length, ...keys, ...args]),
  };
}

/** The way to run commands of one HTTP request one after the other. */
export const openPipeline = (options: RestOptions) => {
  const send = openRest(options);
  return (commands: readonly (readonly Argument[])[]): Promise<unknown> => send("pipeline", commands);
};

/** One POST, sent once: the answer's JSON, its strings decoded. What Upstash has to have seen before it answers travels from each answer to the next call. */
function openRest({ url, token, timeoutMs }: RestOptions): (path: string, body: readonly unknown[]) => Promise<unknown> {
  let seen = "";
  return async (path, body) => {
    const response = await fetch(`${url.replace(/\/$/, "")}/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "upstash-encoding": "base64", // texts come back as they were stored
        authorization: `Bearer ${token}`,
        "upstash-sync-token": seen,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = JSON.parse(await response.text());
    if (!response.ok) throw serverError(isAnswer(answer) && typeof answer.error === "string" ? answer.error : "");
    seen = response.headers.get("upstash-sync-token") ?? "";
    return Array.isArray(answer) ? answer.map(decodedAnswer) : decodedAnswer(answer);
  };
}

const isAnswer = (value: unknown): value is { readonly result?: unknown; readonly error?: unknown } =>
  typeof value === "object" && value !== null;

const decodedAnswer = (answer: unknown): unknown => (isAnswer(answer) ? { ...answer, result: decoded(answer.result) } : answer);

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  return typeof value === "string" && value !== "OK" ? fromBase64(value) : value;
}

/** The same over a connection that is at hand, without HTTP. `execute` rejects where Redis did not answer. */
export function openRedisInProcess(execute: (command: string[]) => Promise<RedisAnswer>): Redis {
  const run = async (name: string, script: string, keys: string[], args: Argument[]) => {
    const answer = await execute([name, script, String(keys.length), ...keys, ...args.map(String)]);
    if ("error" in answer) throw serverError(answer.error);
    return answer.result;
  };
  return {
    evalsha: (sha, keys, args) => run("EVALSHA", sha, keys, args),
    eval: (script, keys, args) => run("EVAL", script, keys, args),
  };
}

class ServerError extends Error {
  override readonly name = SERVER_ERROR;
}

/** An error that Redis answered with. */
export const serverError = (text: string): Error => new ServerError(text);

/** Whether the server itself answered with an error, be it Redis or what stands before it, in its JSON form. */
export const isServerError = (error: unknown): error is Error => error instanceof Error && error.name === SERVER_ERROR;
