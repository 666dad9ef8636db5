import type { MiddlewareHandler } from "hono";
import type { OwnMetrics } from "../../metrics/own-metrics.ts";
import { problemCode } from "../problem.ts";
import type { Env } from "../services.ts";

/** Counts every answer to a payload, whatever it is, and how long it took. */
export const countAnswers =
  (own: OwnMetrics): MiddlewareHandler<Env> =>
  async (c, next) => {
    const startedMs = performance.now();
    await next();
    const { name: source = "unknown" } = c.get("source") ?? {};
    const seconds = (performance.now() - startedMs) / 1_000;
    own.answered({ source, status: c.res.status, refusal: await problemCode(c.res), seconds });
  };
