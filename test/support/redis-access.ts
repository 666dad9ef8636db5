import * as z from "zod/mini";
import type { Access } from "../../src/bridge/handshake.ts";
import { redisUrl } from "../../src/config/redis-url.ts";

/** How to connect to the Redis that a URL names, over TLS by this authority. */
export const accessTo = (url: string, ca: string | null = null): Access => ({ target: { ...z.parse(redisUrl, url), caFile: null }, ca });
