import * as v from "valibot";
import type { Access } from "../../src/bridge/handshake.ts";
import { redisUrl } from "../../src/config/redis-url.ts";

/** How to connect to the Redis that a URL names, over TLS by this authority. */
export const accessTo = (url: string, ca: string | null = null): Access => ({ target: { ...v.parse(redisUrl, url), caFile: null }, ca });
