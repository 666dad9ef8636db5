import { Hono } from "hono/tiny";
import { Failure } from "../../domain/failure.ts";
import { breakerText } from "../../metrics/breakers.ts";
import { buildInfoText } from "../../metrics/build-info.ts";
import type { Reading } from "../../metrics/catalogue.ts";
import { exposition } from "../../metrics/exposition.ts";
import { ledgerStateText } from "../../metrics/ledger-state.ts";
import { mayRead, requireReader } from "../middleware/credentials.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import type { Cluster, Env, Services } from "../services.ts";

/** Open probes that say yes or no; why not, only to who has a token. Liveness asks nobody: a restart mends no Redis. */
export function probeRoutes({ health, checkLedger, credentials }: Services): Hono<Env> {
  return new Hono<Env>()
    .get("/health", (c) => c.json({ status: "ok" }))
    .get("/ready", async (c) => {
      const trouble = await checkLedger();
      const redis = trouble && (await mayRead(credentials, c)) ? trouble.word : null;
      if (health.ready() && !trouble?.lasts) return c.json({ status: "ready", ...(redis && { redis }) });
      return problem(503, "not-ready", redis ? `Redis: ${redis}` : "ingest would not work now", RETRY_AFTER);
    });
}

/** `/metrics` and `/api/v1/status`, for who may read. A ledger that cannot be read is left out: what is known without it may be what tells why. */
export function statusRoutes({ clusters, credentials, health, checkLedger, breakers, own, helps, role }: Services): Hono<Env> {
  const reader = requireReader(credentials);
  const read = async () => (await Promise.allSettled([...clusters.values()].map(readLedger))).flatMap(fulfilled);
  return new Hono<Env>()
    .get("/metrics", reader, async (c) => {
      const [readings, trouble] = await Promise.all([read(), checkLedger()]);
      const up = new Map([...clusters.keys()].map((name) => [name, readings.some(({ cluster }) => cluster === name)]));
      const known = ledgerStateText(up, trouble?.word ?? null) + breakerText(breakers) + buildInfoText(role);
      const text = exposition(readings, helps) + known + (own?.text() ?? "");
      return c.text(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    })
    .get("/api/v1/status", reader, async (c) => {
      const states = {
        redis: breakers.ledger.state(),
        proxies: Object.fromEntries([...breakers.writers].map(([name, { state }]) => [name, state()])),
      };
      const trouble = await checkLedger();
      const ready = health.ready() && !trouble?.lasts;
      return c.json({ ready, trouble: trouble?.word ?? null, dependencies: health.report(), breakers: states, clusters: await read() });
    });
}

async function readLedger({ name, ledger }: Cluster): Promise<Reading> {
  const [counters, survey] = await Promise.all([ledger.counters(), ledger.survey()]);
  return { cluster: name, counters, survey };
}

function fulfilled(settled: PromiseSettledResult<Reading>): Reading[] {
  if (settled.status === "fulfilled") return [settled.value];
  if (settled.reason instanceof Failure) return [];
  throw settled.reason;
}
