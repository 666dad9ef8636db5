import { Hono } from "hono";
import type { Reading } from "../../metrics/catalogue.ts";
import { exposition } from "../../metrics/exposition.ts";
import { requireReader } from "../middleware/credentials.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import type { Cluster, Env, Services } from "../services.ts";

/** Open probes that say yes or no only. Liveness asks nobody: a restart mends no Redis. */
export function probeRoutes({ health }: Services): Hono<Env> {
  return new Hono<Env>()
    .get("/health", (c) => c.json({ status: "ok" }))
    .get("/ready", (c) =>
      health.ready() ? c.json({ status: "ready" }) : problem(503, "not-ready", "ingest would not work now", RETRY_AFTER),
    );
}

/** `/metrics` and `/api/v1/status`, for who may read. */
export function statusRoutes({ clusters, credentials, health, durations }: Services): Hono<Env> {
  const reader = requireReader(credentials);
  const read = () => Promise.all([...clusters.values()].map(readLedger));
  return new Hono<Env>()
    .get("/metrics", reader, async (c) =>
      c.text(exposition(await read()) + (durations?.text() ?? ""), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
    )
    .get("/api/v1/status", reader, async (c) => c.json({ ready: health.ready(), ledgers: health.report(), clusters: await read() }));
}

async function readLedger({ name, ledger }: Cluster): Promise<Reading> {
  const [counters, survey] = await Promise.all([ledger.counters(), ledger.survey()]);
  return { cluster: name, counters, survey };
}
