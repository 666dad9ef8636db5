import { errors, Redis as UpstashRedis } from "@upstash/redis/cloudflare";

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

/** Upstash takes 10 MB a request and a batch holds up to 1,000 calls, so only small ones may share a request. In characters. */
const BATCHED_CHARACTERS_MAX = 8_000;

/**
 * A Redis over the Upstash REST protocol. Each call is sent once: whether a second time is worth it, only its caller knows. Opens no connection.
 * `autoPipelining`: calls of the same tick travel in one HTTP request and fail together. For a process; in a Worker a client lives for one request.
 */
export function openRedis({ autoPipelining, ...options }: RestOptions & { readonly autoPipelining: boolean }): Redis {
  const single = new RestRedis(options);
  if (!autoPipelining) return single;
  const batched = new RestRedis({ ...options, enableAutoPipelining: true });
  const fitting = (args: Argument[]) => (charactersIn(args) > BATCHED_CHARACTERS_MAX ? single : batched);
  return {
    evalsha: (sha, keys, args) => fitting(args).evalsha(sha, keys, args),
    eval: (script, keys, args) => fitting([script, ...args]).eval(script, keys, args),
  };
}

/** The way to run commands of one HTTP request one after the other. */
export const openPipeline = (options: RestOptions) => {
  const redis = new RestRedis(options);
  return (commands: readonly (readonly Argument[])[]): Promise<unknown> => redis.pipelined(commands);
};

class RestRedis extends UpstashRedis {
  constructor({ url, token, timeoutMs, enableAutoPipelining = false }: RestOptions & { readonly enableAutoPipelining?: boolean }) {
    super({
      url,
      token,
      enableTelemetry: false,
      enableAutoPipelining,
      automaticDeserialization: false, // otherwise a fingerprint of digits comes back as a number
      retry: { retries: 0 }, // `retry: false` still sends twice
      signal: () => AbortSignal.timeout(timeoutMs), // a bare signal turns an abort into a `null` reply
    });
  }

  /** The client's own pipeline knows no WAIT. */
  pipelined(commands: readonly (readonly Argument[])[]): Promise<unknown> {
    return this.client.request({ path: ["pipeline"], body: commands });
  }
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

/** An error that Redis answered with. */
export const serverError = (text: string): Error => new errors.UpstashError(text);

/** Whether the server itself answered with an error, be it Redis or what stands before it, in its JSON form. */
export const isServerError = (error: unknown): error is Error =>
  error instanceof errors.UpstashError && !(error instanceof errors.UpstashJSONParseError);

const charactersIn = (args: Argument[]): number => args.reduce<number>((sum, arg) => sum + String(arg).length, 0);
