import * as z from "zod/mini";
import { CONNECTED, EVERY, INGEST, REST } from "./roles.ts";
import { choice, integer, shaped } from "./setting.ts";
import { hostAndPort, httpUrl, list, redisUrl } from "./shapes.ts";

const text = z.string();
const secret = true;

/** How to reach a Redis, and what it has to promise. */
export const REDIS_SETTINGS = {
  UPSTASH_REDIS_REST_URL: shaped({
    schema: httpUrl,
    allowed: "http or https URL",
    default: null,
    roles: REST,
    meaning:
      "Redis over Upstash's REST protocol: Upstash itself, or the bridge. A proxy without it has no relay: gateways then look at states themselves.",
  }),
  UPSTASH_REDIS_REST_TOKEN: shaped({ schema: text, allowed: "text", secret, default: null, roles: REST, meaning: "Its bearer token." }),
  REDIS_URL: shaped({
    schema: redisUrl,
    allowed: "redis or rediss URL",
    secret,
    default: null,
    roles: CONNECTED,
    meaning: "An ordinary Redis 7 or newer, with maxmemory-policy noeviction.",
  }),
  REDIS_SENTINELS: shaped({
    schema: list(hostAndPort),
    allowed: "host:port, several by comma",
    default: null,
    roles: CONNECTED,
    meaning: "Sentinels that know the Redis; instead of REDIS_URL.",
  }),
  REDIS_SENTINEL_NAME: shaped({
    schema: text,
    allowed: "text",
    default: null,
    roles: CONNECTED,
    meaning: "The master's name among the Sentinels.",
  }),
  BRIDGE_TOKEN: shaped({
    schema: text,
    allowed: "text",
    secret,
    default: null,
    roles: ["bridge"],
    meaning: "The bearer token that the bridge asks for.",
  }),
  REDIS_ENGINE: choice({
    of: ["upstash", "redis"],
    default: null,
    defaultNote: "`upstash`; with REDIS_URL or REDIS_SENTINELS `redis`",
    roles: REST,
    meaning: "What runs the scripts. Set `redis` for an UPSTASH_REDIS_REST_URL that is a bridge.",
  }),
  REDIS_TIMEOUT_MS: integer({ min: 50, max: 5_000, unit: "ms", default: 1_500, roles: EVERY, meaning: "Longest wait for Redis." }),
  REDIS_WAIT_REPLICAS: integer({
    min: 0,
    max: 9,
    default: 0,
    roles: INGEST,
    meaning:
      "How many replicas must have an alert before it is answered 2xx; while too few keep up, alerts are decided without Redis. For an ordinary Redis, also behind the bridge.",
  }),
} as const;
