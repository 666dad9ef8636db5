import type { MiddlewareHandler } from "hono";
import { traceOf } from "../../domain/trace.ts";
import { logWith } from "../../flows/log-with.ts";
import type { Env, Services } from "../services.ts";

/** Names a webhook and its trace, and writes one line of the log about it: whose it was, what became of its alerts, how long that took. */
export const webhookLine =
  ({ log, newOperation, now }: Pick<Services, "log" | "newOperation" | "now">): MiddlewareHandler<Env> =>
  async (c, next) => {
    const requestId = newOperation();
    const trace = traceOf(c.req.header("traceparent"), requestId);
    const named = logWith(log, { requestId, trace: trace.id });
    c.set("request", { id: requestId, trace, log: named });
    const startedMs = now();
    await next();
    const { name = null } = c.get("source") ?? {};
    named.info("webhook", { source: name, status: c.res.status, ms: Math.round(now() - startedMs), ...c.get("outcomes") });
  };
