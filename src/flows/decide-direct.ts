import type { Result } from "../domain/outcome.ts";
import { sha256Hex } from "../domain/sha256.ts";
import { highestOf, rises } from "../domain/urgency.ts";
import type { AdmitAlert } from "../ports/ledger.ts";
import type { Operation, OperationResult } from "../ports/remediation-writer.ts";
import type { Placed } from "./admit-chunks.ts";
import { answeredWithin } from "./answered-within.ts";
import type { IngestPorts } from "./ingest-alerts.ts";
import { troublesOf } from "./learn.ts";
import { ASK_LEAST_MS, performEach } from "./perform-each.ts";

interface Question {
  readonly fingerprint: string;
  readonly operation: Operation;
}

/**
 * Decides alerts without a ledger: the proxy sees to it that each has a live request, counts repeats itself, and shows what is resolved. Nothing
 * waits in a window. In the order of the alerts; null: it could not be decided, and the sender has to send it again, which counts nothing twice
 * as far as the proxy remembers. An invalid alert has no place to be kept and stays null.
 */
export async function decideDirect(
  ports: IngestPorts,
  delivery: string,
  chunk: readonly Placed[],
  endsMs: number,
): Promise<(Result | null)[]> {
  const questions = await questionsOf(delivery, chunk, ports.clock.now());
  const results = await ask(ports, questions, endsMs);
  const told = new Map(questions.map(({ fingerprint }, at) => [fingerprint, results[at] ?? ({ kind: "pending" } as const)]));
  return chunk.map(({ alert }) => resultOf(alert, told.get(alert.fingerprint)));
}

/** One a fingerprint: a delivery counts it once, and what fires comes before what is resolved. */
async function questionsOf(delivery: string, chunk: readonly Placed[], nowMs: number): Promise<Question[]> {
  const first = new Map<string, AdmitAlert>();
  for (const { alert } of chunk) {
    const before = first.get(alert.fingerprint);
    if (alert.kind !== "invalid") first.set(alert.fingerprint, before ? asUrgent(before, alert) : alert);
  }
  return Promise.all(
    [...first.values()].map(async (alert) => ({ fingerprint: alert.fingerprint, operation: await operationOf(delivery, alert, nowMs) })),
  );
}

/** Of several instances the first, as urgent as any. */
function asUrgent(first: AdmitAlert, { draft }: AdmitAlert): AdmitAlert {
  if (!first.draft || !draft || !rises(draft.spec, first.draft.spec)) return first;
  return { ...first, draft: { ...first.draft, spec: { ...first.draft.spec, ...highestOf(first.draft.spec, draft.spec) } } };
}

async function operationOf(delivery: string, { fingerprint, event, namespace, draft }: AdmitAlert, nowMs: number): Promise<Operation> {
  if (!draft) return { kind: "resolve", fingerprint, namespace, resolvedAtMs: nowMs };
  // The same in every sending of the delivery, and for each exporter of an event, so that the proxy knows it again.
  const occurrence = event ? [event.uid, event.count ?? event.lastMs] : [delivery];
  const intent = (await sha256Hex(JSON.stringify(["direct", fingerprint, ...occurrence]))).slice(0, 32);
  return { kind: "count", intent, draft };
}

async function ask(ports: IngestPorts, questions: readonly Question[], endsMs: number) {
  const { writerTimeoutMs, clock, log } = ports;
  const operations = questions.map(({ operation }) => operation);
  const timeoutMs = Math.min(writerTimeoutMs, endsMs - clock.now());
  if (operations.length === 0 || timeoutMs < ASK_LEAST_MS) return [];
  const answered = await answeredWithin(performEach(ports, operations, timeoutMs), timeoutMs);
  const results = answered === "late" ? [] : answered;
  for (const reason of troublesOf(results)) log.warn("write-failed", { reason });
  return results;
}

function resultOf({ kind, fingerprint }: AdmitAlert, told: OperationResult | undefined): Result | null {
  const base = { fingerprint, rung: "direct" } as const;
  if (kind === "firing" && told?.kind === "counted") {
    const remediationRequest = { namespace: told.state.namespace, name: told.state.name };
    const [outcome, reason] = told.created ? (["created", "new"] as const) : (["duplicate", "request-found"] as const);
    return { ...base, outcome, remediationRequest, occurrenceCount: told.occurrences, reason };
  }
  const nothing = { ...base, remediationRequest: null, occurrenceCount: 0 };
  if (kind !== "resolved") return null;
  if (told?.kind === "counted") return { ...nothing, outcome: "ignored", reason: "other-instances-firing" };
  if (told?.kind === "absent") return { ...nothing, outcome: "ignored", reason: "no-request" };
  if (told?.kind !== "resolved") return null;
  const { namespace, name } = told.state;
  return { ...nothing, outcome: "resolved", remediationRequest: { namespace, name }, reason: "last-instance-resolved" };
}
