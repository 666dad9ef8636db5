import { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/outcome.ts";
import type { AdmitCall, Aside, Fact, FactOutcome, Verdict } from "../ports/ledger.ts";
import type { Operation, OperationResult } from "../ports/remediation-writer.ts";
import type { Placed } from "./admit-chunks.ts";
import { answeredWithin } from "./answered-within.ts";
import type { IngestPorts } from "./ingest-alerts.ts";
import { factOf, troublesOf } from "./learn.ts";

/** What is left of a caller's patience. `writerMs` shrinks as it is used. */
export interface Patience {
  readonly endsMs: number;
  writerMs: number;
}

interface Chunk {
  readonly source: string;
  readonly delivery: string;
  readonly chunk: readonly Placed[];
  readonly aside: Aside | null;
}

/** Rounds in which a state may turn out to have changed again before it counts as unknown. */
const ROUNDS_MAX = 3;

/** An alert on its way to its result, with what was last learnt about it. */
interface Pending {
  readonly position: number;
  readonly alert: Placed["alert"];
  readonly verdict: Verdict;
}

/** Decides one call's worth of alerts; null: no room for it. In the chunk's order. */
export async function decideChunk(ports: IngestPorts, { chunk, ...call }: Chunk, patience: Patience): Promise<(Result | null)[]> {
  const results: (Result | null)[] = chunk.map(() => null);
  let waiting = chunk.map(({ alert }, position) => ({ position, alert }));
  let facts: readonly Fact[] = [];
  for (let round = 1; waiting.length > 0; round += 1) {
    const verdicts = await admit(
      ports,
      { operation: ports.newOperation(), ...call, facts, alerts: waiting.map(({ alert }) => alert) },
      patience,
    );
    const pending = waiting.map((one, at): Pending => ({ ...one, verdict: verdicts[at] ?? { kind: "full" } }));
    const learnt = await ask(ports, pending, patience);
    for (const one of pending) results[one.position] = resultOf(one, learnt);
    waiting = pending
      .filter(({ verdict }) => verdict.kind === "check")
      .map(({ position, alert }) => ({
        position,
        alert: { ...alert, unreachable: round >= ROUNDS_MAX || !learnt.facts.has(alert.fingerprint) },
      }));
    facts = waiting.flatMap(({ alert }) => learnt.facts.get(alert.fingerprint) ?? []);
  }
  return results;
}

/** A lost reply is worth a second sending: the same operation leaves the state of one. */
async function admit(ports: IngestPorts, call: AdmitCall, patience: Patience): Promise<readonly Verdict[]> {
  try {
    return await ports.ledger.admit(call);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "ledger-unavailable" || ports.clock.now() >= patience.endsMs) throw error;
    return ports.ledger.admit(call);
  }
}

interface Learnt {
  /** By intent. */
  readonly ensured: ReadonlyMap<string, { readonly result: OperationResult; readonly occurrences: number }>;
  /** By fingerprint: what the checks brought. */
  readonly facts: ReadonlyMap<string, Fact>;
}

/** Asks Kubernetes for all that the verdicts call for, in one call, and hands the ledger what it answers; an answer that comes too late for the caller still reaches the ledger. */
async function ask(ports: IngestPorts, pending: readonly Pending[], patience: Patience): Promise<Learnt> {
  const questions = questionsOf(pending);
  if (questions.length === 0) return { ensured: new Map(), facts: new Map() };
  const asking = perform(ports, questions);
  const startedMs = ports.clock.now();
  const answered = await answeredWithin(asking, Math.min(patience.writerMs, patience.endsMs - startedMs));
  patience.writerMs = Math.max(0, patience.writerMs - (ports.clock.now() - startedMs));
  if (answered !== "late") return answered;
  ports.background.run(asking);
  return { ensured: new Map(), facts: new Map() };
}

interface Question {
  readonly fingerprint: string;
  readonly operation: Operation;
}

function questionsOf(pending: readonly Pending[]): Question[] {
  const questions = new Map<string, Question>();
  for (const { alert, verdict } of pending) {
    const { fingerprint } = alert;
    if (verdict.kind === "check")
      questions.set(verdict.request.uid, { fingerprint, operation: { kind: "observe", request: verdict.request } });
    if (verdict.kind === "ensure" && alert.draft)
      questions.set(verdict.intent, {
        fingerprint,
        operation: { kind: "ensure", intent: verdict.intent, retry: false, draft: alert.draft },
      });
  }
  return [...questions.values()];
}

async function perform(ports: IngestPorts, questions: readonly Question[]): Promise<Learnt> {
  const operations = questions.map(({ operation }) => operation);
  const results = await ports.writer.perform(operations, ports.writerTimeoutMs).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    ports.log.warn("writer-failed", { code: error.code, reason: error.message });
    return operations.map((): OperationResult => ({ kind: "pending" }));
  });
  for (const reason of troublesOf(results)) ports.log.warn("write-failed", { reason });
  const ensured = new Map<string, { result: OperationResult; occurrences: number }>();
  const seen = new Map<string, Fact>();
  const confirmed: Fact[] = [];
  questions.forEach(({ fingerprint, operation }, at) => {
    const result = results[at] ?? { kind: "pending" };
    const fact = factOf(fingerprint, operation, result);
    if (fact && operation.kind === "observe") seen.set(fingerprint, fact);
    if (fact?.kind === "ensured") confirmed.push(fact);
    if (operation.kind === "ensure") ensured.set(operation.intent, { result, occurrences: 1 });
  });
  const outcomes = await confirm(ports, confirmed);
  confirmed.forEach((fact, at) => {
    const told = fact.kind === "ensured" ? ensured.get(fact.intent) : undefined;
    if (told) told.occurrences = Math.max(1, outcomes[at]?.occurrences ?? 1);
  });
  return { ensured, facts: seen };
}

/** The objects exist whether or not the ledger hears of it now: an unconfirmed intent is ensured again and finds its own. */
async function confirm(ports: IngestPorts, facts: readonly Fact[]): Promise<readonly FactOutcome[]> {
  if (facts.length === 0) return [];
  return ports.ledger.fact(facts).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    ports.log.warn("confirm-failed", { code: error.code, reason: error.message });
    return [];
  });
}

/** Null: no room, or not decided yet. */
function resultOf({ alert: { fingerprint }, verdict }: Pending, { ensured }: Learnt): Result | null {
  if (verdict.kind === "settled")
    return {
      fingerprint,
      outcome: verdict.outcome,
      remediationRequest: verdict.request,
      occurrenceCount: verdict.occurrences,
      reason: verdict.reason,
      rung: verdict.rung,
    };
  if (verdict.kind !== "ensure") return null;
  const told = ensured.get(verdict.intent);
  const { reason, occurrences } = verdict;
  if (told?.result.kind !== "created" && told?.result.kind !== "existing")
    return { fingerprint, outcome: "accepted", remediationRequest: null, occurrenceCount: occurrences, reason, rung: "cache" };
  const { namespace, name } = told.result.state;
  const found = told.result.kind === "existing";
  return {
    fingerprint,
    outcome: found ? "duplicate" : "created",
    remediationRequest: { namespace, name },
    occurrenceCount: told.occurrences,
    reason: found ? "request-found" : reason,
    rung: "kubernetes",
  };
}
