import { Hono } from "hono/tiny";
import { Failure } from "../domain/failure.ts";
import type { Source } from "../domain/source.ts";
import { countAnswers } from "./middleware/count-answers.ts";
import { problem, RETRY_AFTER } from "./problem.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { flagRoutes } from "./routes/flags.ts";
import { openapiRoute } from "./routes/openapi.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { signalRoutes } from "./routes/signals.ts";
import { probeRoutes, statusRoutes } from "./routes/status.ts";
import { sweepRoutes } from "./routes/sweep.ts";
import { windowRoutes } from "./routes/windows.ts";
import type { Env, Services } from "./services.ts";

/** Every path, and the methods it takes; `:id` stands for one part of it that no other path names. */
const PATHS: Readonly<Record<string, "GET" | "POST" | "GET, POST">> = {
  "/api/v1/signals/prometheus": "POST",
  "/api/v1/signals/kubernetes-event": "POST",
  "/api/v1/admin/dead-letters": "GET",
  "/api/v1/admin/dead-letters/:id": "GET",
  "/api/v1/admin/dead-letters/discard": "POST",
  "/api/v1/admin/dead-letters/:id/discard": "POST",
  "/api/v1/admin/dead-letters/:id/replay": "POST",
  "/api/v1/admin/flags": "GET, POST",
  "/api/v1/admin/sweep": "POST",
  "/api/v1/admin/windows": "GET",
  "/api/v1/admin/windows/:id": "GET",
  "/api/v1/admin/windows/:id/flush": "POST",
  "/api/v1/openapi.json": "GET",
  "/api/v1/receipts": "GET",
  "/api/v1/status": "GET",
  "/health": "GET",
  "/metrics": "GET",
  "/ready": "GET",
};

/** The gateway's routes. No path redirects: a sender that follows one would turn its POST into a GET. */
export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>();
  // The router takes a path with a slash behind it for the one without.
  app.use("*", (c, next) => (c.req.path.endsWith("/") ? Promise.resolve(c.notFound()) : next()));
  for (const [path, method] of Object.entries(PATHS))
    app.use(path, async (c, next) => {
      if (c.req.path !== path && c.req.path in PATHS) return next();
      const allowed = method.replace("GET", "GET, HEAD").split(", ");
      if (allowed.includes(c.req.method)) return next();
      return problem(405, "method-not-allowed", `this path takes ${method}`, { allow: allowed.join(", ") });
    });
  if (services.own) app.use("/api/v1/signals/*", countAnswers(services.own));
  app.route("/api/v1/signals", signalRoutes(services));
  app.route("/api/v1/admin/dead-letters", deadLetterRoutes(services));
  app.route("/api/v1/admin/flags", flagRoutes(services));
  app.route("/api/v1/admin/sweep", sweepRoutes(services));
  app.route("/api/v1/admin/windows", windowRoutes(services));
  app.route("/api/v1/receipts", receiptRoutes(services));
  app.route("/", openapiRoute(services));
  app.route("/", probeRoutes(services));
  app.route("/", statusRoutes(services));
  app.notFound(() => problem(404, "not-found", "there is nothing at this path"));
  app.onError((error, c) => {
    const known = error instanceof Failure;
    const log = c.get("request")?.log ?? services.log;
    log.error("request-failed", known ? { code: error.code, reason: error.message } : { code: "unexpected", reason: error.name });
    // Also an error nobody expected: what the sender sent may be undecided, and most try again after a 5xx only.
    const source: Source | undefined = c.get("source");
    const status = source?.backpressureStatus ?? 503;
    return problem(status, known ? error.code : "unavailable", "not everything could be done; send it again", RETRY_AFTER);
  });
  return app;
}
