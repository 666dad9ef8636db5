import { Hono } from "hono/tiny";
import { audited } from "../audit.ts";
import { requireAdmin } from "../middleware/credentials.ts";
import { requireJsonType } from "../middleware/json-body.ts";
import { clusterOf } from "../query.ts";
import type { Env, Services } from "../services.ts";

/** `POST /`: one round of what is due, now; for those whose schedules are outside of Breakwater. Rounds may overlap. */
export function sweepRoutes({ credentials, clusters, log, sweep }: Services): Hono<Env> {
  return new Hono<Env>().use("*", requireAdmin(credentials)).post("/", requireJsonType, async (c) => {
    const cluster = clusterOf(clusters, c.req.query("cluster"));
    if (cluster instanceof Response) return cluster;
    const { name } = cluster;
    await audited(log, c, { action: "sweep", cluster: name, subject: null }, async () => {
      await sweep(name);
      return true;
    });
    return c.json({ cluster: name, swept: true });
  });
}
