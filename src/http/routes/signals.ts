import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { bodyKey, deliveryKey } from "../../domain/delivery.ts";
import { Failure } from "../../domain/failure.ts";
import type { Result } from "../../domain/outcome.ts";
import type { Source } from "../../domain/source.ts";
import { type DryResult, dryPorts, dryResultOf } from "../../flows/dry-run.ts";
import { ANSWER_WITHIN_MS, ingestAlerts, type SourceShare } from "../../flows/ingest-alerts.ts";
import { openAlertmanager } from "../../sources/alertmanager.ts";
import { JsonFault } from "../../sources/json-piece.ts";
import { openKubernetesEvents } from "../../sources/kubernetes-event.ts";
import type { OpenedPayload, OpenPayload, ReadPayload, SourceContext } from "../../sources/payload.ts";
import { readAlerts, SLICE_ALERTS_MAX } from "../../sources/read-alerts.ts";
import type { BodyShare } from "../body-room.ts";
import { requireSource } from "../middleware/credentials.ts";
import { answerTo, readJson } from "../middleware/json-body.ts";
import { webhookLine } from "../middleware/webhook-line.ts";
import { problem, RETRY_AFTER } from "../problem.ts";
import { refusePayload, refuseSource } from "../refuse-payload.ts";
import type { Cluster, Env, Services } from "../services.ts";

type Open = (value: unknown, context: SourceContext) => OpenedPayload;

/**
 * More alerts than are read within half a second make a payload large. Several large ones at once would share the time that each has, and none of
 * them would get further than reading.
 */
const LARGE_FROM = 5_001;

/** How long after its first byte a large payload may still begin: with less time left it would not get far. */
const BEGIN_WITHIN_MS = 2_000;

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** `POST /prometheus` and `POST /kubernetes-event`: every alert of a payload gets its own result. */
export function signalRoutes(services: Services): Hono<Env> {
  return new Hono<Env>()
    .use("*", webhookLine(services), requireSource(services.credentials, services.clusters))
    .post("/prometheus", (c) => takeSignals(c, services, openAlertmanager))
    .post("/kubernetes-event", (c) => takeSignals(c, services, openKubernetesEvents));
}

async function takeSignals(c: Context<Env>, services: Services, open: Open): Promise<Response> {
  const idempotencyKey = c.req.header("idempotency-key") ?? null;
  if (idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey))
    return problem(400, "idempotency-key-invalid", "an Idempotency-Key has 1 to 255 visible ASCII characters");
  const [dryRun = "false", ...more] = c.req.queries("dryRun") ?? [];
  if (!["true", "false"].includes(dryRun) || more.length > 0) return problem(400, "query-invalid", "dryRun is true or false, once");
  const share = services.bodies.open();
  try {
    const read = await readSignals(c, services, { open, share, explains: dryRun === "true", isKeyed: idempotencyKey !== null });
    if (read instanceof Response) return read;
    return await decideSignals(c, services, read, { idempotencyKey, isDry: dryRun === "true" });
  } finally {
    share.release();
  }
}

interface Reading {
  readonly open: Open;
  readonly share: BodyShare;
  /** Whether somebody reads why each target is what it is. */
  readonly explains: boolean;
  /** Whether the sender has a key for the body. */
  readonly isKeyed: boolean;
}

interface Asked {
  readonly idempotencyKey: string | null;
  readonly isDry: boolean;
}

interface ReadSignals {
  readonly payload: ReadPayload;
  /** What the sender's key is bound to; absent: it has none. */
  readonly body?: string;
  readonly startedMs: number;
}

/** The payload with its alerts read, or the answer that says why it is not taken. Its length is looked at before any of its alerts. */
async function readSignals(
  c: Context<Env>,
  services: Services,
  { open, share, explains, isKeyed }: Reading,
): Promise<ReadSignals | Response> {
  const { limits, now, targetRules } = services;
  const { bodyBytesMax, alertsPerRequestMax } = limits;
  const bounds = { bytesMax: bodyBytesMax, alertsMax: alertsPerRequestMax, takesLines: open === openKubernetesEvents };
  const json = await readJson(c, { ...bounds, waitMs: ANSWER_WITHIN_MS, share, now });
  if (json instanceof Response) return json;
  if (typeof json === "string") return refusePayload(c, services, json);
  const { value, bytes, startedMs } = json;
  const { name: source, cluster, environment, namespaces } = c.get("source");
  const { traceparent } = c.get("request").trace;
  const context = { source, cluster, environment, namespaces, targetRules, explains, nowMs: now(), traceparent };
  try {
    const opened = open(value, context);
    if (!opened.ok) return problem(422, "payload-unexpected", opened.expected);
    if (opened.items.length > alertsPerRequestMax) return refusePayload(c, services, "alerts-too-many");
    const isLarge = opened.items.length >= LARGE_FROM;
    if (isLarge && !(await share.takeTurn(startedMs + BEGIN_WITHIN_MS))) return refusePayload(c, services, "no-room");
    const bound = isKeyed && { body: await bodyKey(c.req.path, bytes) };
    return { payload: await readInTime(opened, services, startedMs), startedMs, ...bound };
  } catch (error) {
    const answer = error instanceof JsonFault ? answerTo(error.reason) : null;
    if (answer instanceof Response) return answer;
    throw error;
  }
}

const readInTime = (opened: OpenPayload, { pause, now }: Services, startedMs: number): Promise<ReadPayload> =>
  readAlerts(opened, async () => {
    await pause();
    if (now() >= startedMs + ANSWER_WITHIN_MS) throw new Failure("ledger-unavailable", "no time is left to read a payload", "none");
  });

async function decideSignals(c: Context<Env>, services: Services, read: ReadSignals, { idempotencyKey, isDry }: Asked): Promise<Response> {
  const { payload, ...told } = read;
  const source = c.get("source");
  const { name, cluster: clusterName, backpressureStatus } = source;
  const cluster = services.clusters.get(clusterName) as Cluster;
  const { id: requestId, log } = c.get("request");
  const delivery = await deliveryKey({ ...payload, idempotencyKey, source: name, operation: requestId });
  const ports = { ...cluster.ingest(c.env.background), log };
  const ingested = await ingestAlerts(isDry ? dryPorts(ports) : ports, {
    ...{ ...payload, ...told, source: name, delivery, terms: termsOf(services, source) },
  });
  if (!isDry) cluster.wake();
  if (ingested.kind === "other-body")
    return problem(422, "idempotency-key-reused", "the Idempotency-Key came with another body before; nothing of this one was taken");
  if (ingested.kind === "overloaded")
    return problem(backpressureStatus, "overloaded", "no room for every alert of the payload; send it again", RETRY_AFTER);
  if (ingested.kind === "limited") return refuseSource(c, ingested.waitMs);
  if (isDry) return c.json({ requestId, results: await explained(services, payload, ingested.results) }, 200);
  c.set("outcomes", countsOf(ingested.results));
  return c.json({ requestId, results: ingested.results }, statusOf(ingested.results));
}

/** What the source may take: its part of the cluster's room, and its alerts a minute, of which it saves up as many as a largest payload holds. */
function termsOf({ credentials, limits }: Services, { cluster, alertsPerMinute }: Source): SourceShare {
  const sources = Math.max(1, credentials.sources.filter((other) => other.cluster === cluster).length);
  const perMinute = alertsPerMinute;
  return { sources, rate: perMinute === null ? null : { perMinute, holds: Math.max(perMinute, limits.alertsPerRequestMax) } };
}

/** Of a large payload, a slice at a time. */
async function explained({ storm, pause }: Services, payload: ReadPayload, results: readonly Result[]): Promise<DryResult[]> {
  const places = [...payload.alerts.keys()];
  const told: DryResult[] = [];
  for (let from = 0; from < places.length; from += SLICE_ALERTS_MAX) {
    const alerts = await payload.whole(places.slice(from, from + SLICE_ALERTS_MAX), pause);
    told.push(...alerts.map((alert, at) => dryResultOf(alert, results[from + at] as Result, storm)));
  }
  return told;
}

function countsOf(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const statusOf = (results: readonly Result[]): 201 | 202 =>
  results.some(({ outcome }) => outcome === "created" || outcome === "aggregated") ? 201 : 202;
