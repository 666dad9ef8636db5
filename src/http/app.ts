import { Hono } from "hono";
import { Failure } from "../domain/failure.ts";
import { problem } from "./problem.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { openapiRoute } from "./routes/openapi.ts";
import { RETRY_AFTER, signalRoutes } from "./routes/signals.ts";
import { probeRoutes, statusRoutes } from "./routes/status.ts";
import type { Env, Services } from "./services.ts";

/** Every path, and the one method it takes. */
const PATHS: Readonly<Record<string, "GET" | "POST">> = {
  "/api/v1/signals/prometheus": "POST",
  "/api/v1/signals/kubernetes-event": "POST",
  "/api/v1/admin/dead-letters": "GET",
  "/api/v1/openapi.json": "GET",
  "/api/v1/status": "GET",
  "/health": "GET",
  "/metrics": "GET",
  "/ready": "GET",
};

/** The gateway's routes. No path redirects: a sender that follows one would turn its POST into a GET. */
export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>();
  for (const [path, method] of Object.entries(PATHS))
    app.use(path, async (c, next) => {
      const allowed = c.req.method === method || (method === "GET" && c.req.method === "HEAD");
      return allowed ? next() : problem(405, "method-not-allowed", `this path takes ${method}`, { allow: method });
    });
  app.route("/api/v1/signals", signalRoutes(services));
  app.route("/api/v1/admin/dead-letters", deadLetterRoutes(services));
  app.route("/", openapiRoute(services));
  app.route("/", probeRoutes(services));
  app.route("/", statusRoutes(services));
  app.notFound(() => problem(404, "not-found", "there is nothing at this path"));
  app.onError((error) => {
    const known = error instanceof Failure;
    services.log.error("request-failed", known ? { code: error.code, reason: error.message } : { code: "unexpected", reason: error.name });
    // Also an error nobody expected: only a 5xx makes the sender try again, and what it sent may be undecided.
    return problem(503, known ? error.code : "unavailable", "not everything could be done; send it again", RETRY_AFTER);
  });
  return app;
}
