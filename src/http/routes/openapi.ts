import { Hono } from "hono/tiny";
import { requireReader } from "../middleware/credentials.ts";
import { openapi } from "../openapi/document.ts";
import type { Env, Services } from "../services.ts";

/** `GET /api/v1/openapi.json`. */
export const openapiRoute = ({ credentials }: Services): Hono<Env> =>
  new Hono<Env>().get("/api/v1/openapi.json", requireReader(credentials), (c) => c.json(openapi));
