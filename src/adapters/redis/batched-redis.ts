// Calls of one tick in one HTTP request, by the client of Upstash. It brings some two hundred commands, which is too much for a Worker, whose client
// lives for one request.
import { Redis as UpstashRedis } from "@upstash/redis/cloudflare";
import { type Argument, openRedis, type Redis, type RestOptions } from "./client.ts";

/** Upstash takes 10 MB a request and a batch holds up to 1,000 calls, so only small ones may share a request. In characters. */
const BATCHED_CHARACTERS_MAX = 8_000;

/** As openRedis, but calls of the same tick travel in one HTTP request and fail together. */
export function openBatchedRedis({ url, token, timeoutMs }: RestOptions): Redis {
  const single = openRedis({ url, token, timeoutMs });
  const batched = new UpstashRedis({
    url,
    token,
    enableTelemetry: false,
    enableAutoPipelining: true,
    automaticDeserialization: false, // otherwise a fingerprint of digits comes back as a number
    retry: { retries: 0 }, // `retry: false` still sends twice
    signal: () => AbortSignal.timeout(timeoutMs), // a bare signal turns an abort into a `null` reply
  });
  const fitting = (args: Argument[]): Redis => (charactersIn(args) > BATCHED_CHARACTERS_MAX ? single : batched);
  return {
    evalsha: (sha, keys, args) => fitting(args).evalsha(sha, keys, args),
    eval: (script, keys, args) => fitting([script, ...args]).eval(script, keys, args),
  };
}

const charactersIn = (args: Argument[]): number => args.reduce<number>((sum, arg) => sum + String(arg).length, 0);
