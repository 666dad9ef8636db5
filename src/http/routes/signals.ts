import { type Context, Hono } from "hono";
import { deliveryKey } from "../../domain/delivery.ts";
import type { Result } from "../../domain/outcome.ts";
import { ingestAlerts } from "../../flows/ingest-alerts.ts";
import { judgeDry } from "../../flows/judge-dry.ts";
import { parseAlertmanager } from "../../sources/alertmanager.ts";
import { parseKubernetesEvents } from "../../sources/kubernetes-event.ts";
import type { ParsedPayload, SourceContext } from "../../sources/payload.ts";
import { requireSource } from "../middleware/credentials.ts";
import { readJson } from "../middleware/json-body.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import type { Cluster, Env, Services } from "../services.ts";

type Parse = (value: unknown, context: SourceContext) => Promise<ParsedPayload>;

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** `POST /prometheus` and `POST /kubernetes-event`: every alert of a payload gets its own result. */
export function signalRoutes(services: Services): Hono<Env> {
  return new Hono<Env>()
    .use("*", requireSource(services.credentials, services.clusters))
    .post("/prometheus", (c) => takeSignals(c, services, parseAlertmanager))
    .post("/kubernetes-event", (c) => takeSignals(c, services, parseKubernetesEvents));
}

async function takeSignals(c: Context<Env>, services: Services, parse: Parse): Promise<Response> {
  const idempotencyKey = c.req.header("idempotency-key") ?? null;
  if (idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey))
    return problem(400, "idempotency-key-invalid", "an Idempotency-Key has 1 to 255 visible ASCII characters");
  const [dryRun = "false", ...more] = c.req.queries("dryRun") ?? [];
  if (!["true", "false"].includes(dryRun) || more.length > 0) return problem(400, "query-invalid", "dryRun is true or false, once");
  const { bodyBytesMax, alertsPerRequestMax } = services.limits;
  const body = await readJson(c, bodyBytesMax, parse === parseKubernetesEvents ? alertsPerRequestMax : 0);
  if (body instanceof Response) return body;
  const source = c.get("source");
  const { name, cluster: clusterName, environment, namespaces } = source;
  const asks = { targetRules: services.targetRules, explains: dryRun === "true" };
  const context = { source: name, cluster: clusterName, environment, namespaces, ...asks, nowMs: services.now() };
  const payload = await parse(body.value, context);
  if (!payload.ok) return problem(422, "payload-unexpected", payload.expected);
  const { alerts } = payload;
  if (alerts.length > alertsPerRequestMax) return problem(413, "alerts-too-many", `more than ${alertsPerRequestMax} alerts in one request`);
  const cluster = services.clusters.get(clusterName) as Cluster;
  const operation = services.newOperation();
  if (dryRun === "true") return c.json({ requestId: operation, results: await judgeDry(cluster.ledger, alerts, services.storm) }, 200);
  const delivery = await deliveryKey({ ...payload, idempotencyKey, source: name, operation });
  const ingested = await ingestAlerts(cluster.ingest(c.env.background), { ...payload, source: name, delivery });
  cluster.wake();
  if (ingested.kind === "overloaded")
    return problem(source.backpressureStatus, "overloaded", "no room for every alert of the payload; send it again", RETRY_AFTER);
  return c.json({ requestId: operation, results: ingested.results }, statusOf(ingested.results));
}

const statusOf = (results: readonly Result[]): 201 | 202 =>
  results.some(({ outcome }) => outcome === "created" || outcome === "aggregated") ? 201 : 202;
