import { Hono } from "hono";
import * as v from "valibot";
import { requireAdmin } from "../middleware/credentials.ts";
import { problem } from "../problem.ts";
import type { Env, Services } from "../services.ts";

const whole = (fallback: number, least: number, most: number) =>
  v.optional(v.pipe(v.string(), v.regex(/^\d{1,6}$/), v.transform(Number), v.minValue(least), v.maxValue(most)), String(fallback));

const Query = v.object({ cluster: v.optional(v.string()), offset: whole(0, 0, 100_000), limit: whole(100, 1, 500) });

/** `GET /dead-letters?cluster=&offset=&limit=`: the latest first. A single cluster needs no name. */
export function deadLetterRoutes(services: Services): Hono<Env> {
  return new Hono<Env>().use("*", requireAdmin(services.credentials)).get("/", async (c) => {
    const query = v.safeParse(Query, c.req.query());
    if (!query.success) return problem(400, "query-invalid", "offset is 0 to 100000, limit 1 to 500");
    const { offset, limit, cluster: name } = query.output;
    const cluster =
      name === undefined && services.clusters.size === 1 ? [...services.clusters.values()][0] : services.clusters.get(name ?? "");
    if (!cluster) return problem(404, "cluster-unknown", "name one of the configured clusters as ?cluster=");
    const { total, letters } = await cluster.ledger.deadLetters(offset, limit);
    const deadLetters = letters.map(({ firstSeenMs, lastSeenMs, ...letter }) => ({
      ...letter,
      firstSeen: new Date(firstSeenMs).toISOString(),
      lastSeen: new Date(lastSeenMs).toISOString(),
    }));
    return c.json({ cluster: cluster.name, total, deadLetters });
  });
}
