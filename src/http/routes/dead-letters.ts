import { Hono } from "hono";
import * as v from "valibot";
import { requireAdmin } from "../middleware/credentials.ts";
import { problem } from "../problem.ts";
import { clusterOf, PAGE, timeText } from "../query.ts";
import type { Env, Services } from "../services.ts";

const Query = v.object({ cluster: v.optional(v.string()), ...PAGE });

/** `GET /dead-letters?cluster=&offset=&limit=`: the latest first. A single cluster needs no name. */
export function deadLetterRoutes(services: Services): Hono<Env> {
  return new Hono<Env>().use("*", requireAdmin(services.credentials)).get("/", async (c) => {
    const query = v.safeParse(Query, c.req.query());
    if (!query.success) return problem(400, "query-invalid", "offset is 0 to 100000, limit 1 to 500");
    const cluster = clusterOf(services.clusters, query.output.cluster);
    if (cluster instanceof Response) return cluster;
    const { offset, limit } = query.output;
    const { total, letters } = await cluster.ledger.deadLetters(offset, limit);
    const deadLetters = letters.map(({ firstSeenMs, lastSeenMs, ...letter }) => ({
      ...letter,
      firstSeen: timeText(firstSeenMs),
      lastSeen: timeText(lastSeenMs),
    }));
    return c.json({ cluster: cluster.name, total, deadLetters });
  });
}
