import * as v from "valibot";
import { redisUrl } from "./redis-url.ts";
import { CONNECTED, EVERY, INGEST, REST } from "./roles.ts";
import { choice, flag, integer, shaped } from "./setting.ts";
import { hostAndPort, httpUrl, list } from "./shapes.ts";

const text = v.string();
const secret = true;

/** How to reach a Redis, and what it has to promise. */
export const REDIS_SETTINGS = {
  UPSTASH_REDIS_REST_URL: shaped({
    schema: httpUrl,
    allowed: "http or https URL",
    default: null,
    roles: REST,
  }),
  UPSTASH_REDIS_REST_TOKEN: shaped({ schema: text, allowed: "text", secret, default: null, roles: REST }),
  REDIS_URL: shaped({
    schema: redisUrl,
    allowed: "`redis[s]://[[user]:password@]host[:port][/database]`",
    secret,
    default: null,
    roles: CONNECTED,
  }),
  REDIS_SENTINELS: shaped({
    schema: list(hostAndPort),
    allowed: "host:port, several by comma",
    default: null,
    roles: CONNECTED,
  }),
  REDIS_SENTINEL_NAME: shaped({
    schema: text,
    allowed: "text",
    default: null,
    roles: CONNECTED,
  }),
  REDIS_USERNAME: shaped({
    schema: text,
    allowed: "text",
    default: null,
    roles: CONNECTED,
  }),
  REDIS_PASSWORD: shaped({ schema: text, allowed: "text", secret, default: null, roles: CONNECTED }),
  REDIS_DATABASE: integer({ min: 0, max: 999_999, default: 0, roles: CONNECTED }),
  REDIS_TLS: flag({ default: false, roles: CONNECTED }),
  REDIS_SENTINEL_USERNAME: shaped({ schema: text, allowed: "text", default: null, roles: CONNECTED }),
  REDIS_SENTINEL_PASSWORD: shaped({
    schema: text,
    allowed: "text",
    secret,
    default: null,
    roles: CONNECTED,
  }),
  REDIS_SENTINEL_TLS: flag({ default: false, roles: CONNECTED }),
  REDIS_CA_FILE: shaped({
    schema: text,
    allowed: "a path",
    default: null,
    roles: CONNECTED,
  }),
  BRIDGE_TOKEN: shaped({
    schema: list(v.pipe(v.string(), v.minLength(1))),
    allowed: "text without a comma, several by comma",
    secret,
    default: null,
    roles: ["bridge"],
  }),
  REDIS_ENGINE: choice({
    of: ["upstash", "redis"],
    default: null,
    defaultNote: "`upstash`; with REDIS_URL or REDIS_SENTINELS `redis`",
    roles: REST,
  }),
  REDIS_TIMEOUT_MS: integer({ min: 50, max: 5_000, unit: "ms", default: 1_500, roles: EVERY }),
  REDIS_WAIT_REPLICAS: integer({
    min: 0,
    max: 9,
    default: 0,
    roles: INGEST,
  }),
} as const;
