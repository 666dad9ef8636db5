import { Hono } from "hono/tiny";
import * as v from "valibot";
import type { RequestDraft } from "../../domain/remediation-request.ts";
import type { Source } from "../../domain/source.ts";
import type { Receipt } from "../../ports/ledger.ts";
import { requireReaderOrSource } from "../middleware/credentials.ts";
import { problem } from "../problem.ts";
import { clusterOf, timeText } from "../query.ts";
import type { Env, Services } from "../services.ts";

const Query = v.object({ cluster: v.optional(v.string()), fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });

/** `GET /api/v1/receipts?cluster=&fingerprint=`: what became of an alert, step by step. A source reads what it has sent itself. */
export function receiptRoutes({ credentials, clusters }: Services): Hono<Env> {
  return new Hono<Env>().get("/", requireReaderOrSource(credentials), async (c) => {
    const query = v.safeParse(Query, c.req.query());
    if (!query.success) return problem(400, "query-invalid", "fingerprint is 64 lower-case hex digits, as ingest answered it");
    const { cluster: named, fingerprint } = query.output;
    const sender = c.get("sender") ?? null;
    const cluster = clusterOf(sender ? only(clusters, sender.cluster) : clusters, named);
    if (cluster instanceof Response) return cluster;
    const receipt = await cluster.ledger.receipt({ fingerprint });
    const shown = receipt && sender ? ownPart(receipt, sender) : receipt;
    return shown ? c.json(show(cluster.name, shown)) : problem(404, "receipt-unknown", "nothing is known of this fingerprint");
  });
}

/** To a source there is no other cluster than its own. */
function only<Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> {
  const value = map.get(name);
  return new Map(value === undefined ? [] : [[name, value]]);
}

/** What a source may see: nothing of a fingerprint that it never sent, and of another's alerts neither who sent them nor what they said. */
function ownPart(receipt: Receipt, { name }: Source): Receipt | null {
  if (!receipt.steps.some(({ source }) => source === name)) return null;
  const draft = receipt.draft?.spec.signalSource === name ? receipt.draft : null;
  return { ...receipt, draft, steps: receipt.steps.filter(({ source }) => source === null || source === name) };
}

function show(cluster: string, { fingerprint, state, occurrences, request, draft, steps }: Receipt) {
  return {
    cluster,
    fingerprint,
    state,
    occurrenceCount: occurrences,
    remediationRequest: request,
    alert: draft && showAlert(draft),
    steps: steps.map(({ atMs, event, reason, source, request: remediationRequest }) => ({
      at: timeText(atMs),
      event,
      reason,
      source,
      remediationRequest,
    })),
  };
}

function showAlert({ namespace, spec }: RequestDraft) {
  const {
    signalName: name,
    severity,
    signalSource: source,
    firingTime: startsAt,
    signalLabels: labels,
    signalAnnotations: annotations,
  } = spec;
  return { name, namespace, severity, source, startsAt, labels, annotations };
}
