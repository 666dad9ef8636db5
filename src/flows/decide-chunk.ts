import { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/outcome.ts";
import type { AdmitCall, Aside, Fact, FactOutcome, SourceTerms, Subject, Verdict } from "../ports/ledger.ts";
import type { Operation } from "../ports/remediation-writer.ts";
import type { Placed } from "./admit-chunks.ts";
import { answeredWithin } from "./answered-within.ts";
import { decideDirect } from "./decide-direct.ts";
import { ensureOperation } from "./ensure-operations.ts";
import type { IngestPorts } from "./ingest-alerts.ts";
import { factsOf, troublesOf } from "./learn.ts";
import { performEach } from "./perform-each.ts";
import { type Ensured, resultOf } from "./result-of.ts";

/** What is left of a caller's patience. `writerMs` shrinks as it is used. */
export interface Patience {
  readonly endsMs: number;
  /** How much of the time is kept for the way without the ledger. */
  readonly reserveMs: number;
  writerMs: number;
  /** How the ledger has failed: the rest of the delivery does without it. */
  ledgerFailure: Failure | null;
  /** The source has sent more than it may, and may come again in so long; 0: it has not. */
  limitedMs: number;
  /** Calls to the proxy under way that the caller has stopped waiting for. */
  behind: number;
}

/** Most of them: what a large delivery asks for beyond it is left to the drain, as each holds up to 500 drafts in memory. */
const BEHIND_MAX = 4;

/** What is left for the way without the ledger; longer than a call of the ledger takes, unless its timeout is set higher. */
export const DIRECT_MS = 2_000;

interface Chunk {
  readonly source: string;
  readonly delivery: string;
  /** As in AdmitCall. */
  readonly body: string | null;
  readonly chunk: readonly Placed[];
  readonly aside: Aside | null;
  /** As in AdmitCall. */
  readonly more: boolean;
  /** As in AdmitCall. */
  readonly terms?: SourceTerms;
}

/** Rounds in which a state may turn out to have changed again before it counts as unknown. */
const ROUNDS_MAX = 3;

/** An alert on its way to its result, with what was last learnt about it. */
interface Pending {
  readonly position: number;
  readonly alert: Placed["alert"];
  readonly verdict: Verdict;
}

/**
 * Decides one call's worth of alerts; null: no room for it, or without the ledger no way. In the chunk's order. `other-body`: the delivery's key is
 * bound to another body, and none of it is decided.
 */
export async function decideChunk(
  ports: IngestPorts,
  { chunk, ...call }: Chunk,
  patience: Patience,
): Promise<(Result | null)[] | "other-body"> {
  const results: (Result | null)[] = chunk.map(() => null);
  let waiting = chunk.map(({ alert }, position) => ({ position, alert }));
  let facts: readonly Fact[] = [];
  for (let round = 1; waiting.length > 0; round += 1) {
    const verdicts = await admit(
      ports,
      { operation: ports.newOperation(), ...call, facts, alerts: waiting.map(({ alert }) => alert), strays: ports.strays.next() },
      patience,
    );
    if (verdicts === "unavailable") {
      const placed = waiting.map(({ position }) => chunk[position] as Placed);
      const undecided = placed.filter(({ known }) => known === null);
      const direct = await decideDirect(ports, call.delivery, undecided, patience.endsMs);
      ports.strays.note(call.source, direct);
      waiting.forEach(({ position }, at) => {
        const one = placed[at] as Placed;
        results[position] = one.known ?? direct[undecided.indexOf(one)] ?? null;
      });
      return results;
    }
    const [first] = verdicts;
    if (first?.kind === "other-body") return first.kind;
    if (first?.kind === "limited") {
      patience.limitedMs = first.waitMs;
      return results;
    }
    const pending = waiting.map((one, at): Pending => ({ ...one, verdict: verdicts[at] ?? { kind: "full" } }));
    const learnt = await ask(ports, pending, patience);
    for (const one of pending) results[one.position] = resultOf(one, learnt.ensured);
    waiting = pending
      .flatMap(({ verdict, ...one }) => (verdict.kind === "check" ? [{ ...one, subject: verdict.subject }] : []))
      .map(({ position, alert, subject }) => ({
        position,
        alert: { ...alert, unreachable: round >= ROUNDS_MAX || !learnt.seen.has(subject) },
      }));
    facts = [...learnt.seen.values()];
  }
  return results;
}

/**
 * A lost reply is worth a second sending: the same operation leaves the state of one. A refusal, such as of a token that was replaced, would come again.
 * Either way the alerts need not wait for whoever mends the ledger.
 */
async function admit(ports: IngestPorts, call: AdmitCall, patience: Patience): Promise<readonly Verdict[] | "unavailable"> {
  if (patience.ledgerFailure) return "unavailable";
  let failure = new Failure("ledger-unavailable", "no time was left for an answer", "unknown");
  for (let sendings = 0; sendings < 2; sendings += 1) {
    const leftMs = patience.endsMs - ports.clock.now() - patience.reserveMs;
    if (leftMs <= 0) break;
    try {
      const verdicts = await answeredWithin(ports.ledger.admit(call), leftMs);
      if (verdicts === "late") continue;
      if (call.strays && verdicts[0]?.kind !== "other-body") ports.strays.counted(call.strays);
      return verdicts;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      ports.log.warn("admit-failed", { code: error.code, reason: error.message });
      failure = error;
      if (error.code !== "ledger-unavailable") break;
    }
  }
  patience.ledgerFailure = failure;
  return "unavailable";
}

interface Learnt {
  /** By intent. */
  readonly ensured: ReadonlyMap<string, Ensured>;
  /** By subject: what the checks brought. */
  readonly seen: ReadonlyMap<Subject, Fact>;
}

const NOTHING: Learnt = { ensured: new Map(), seen: new Map() };

/** Asks Kubernetes for all that the verdicts call for, in one call, and hands the ledger what it answers; an answer that comes too late for the caller still reaches the ledger. */
async function ask(ports: IngestPorts, pending: readonly Pending[], patience: Patience): Promise<Learnt> {
  if (!pending.some(({ verdict }) => verdict.kind === "check" || verdict.kind === "ensure")) return NOTHING;
  if (patience.behind >= BEHIND_MAX) return NOTHING;
  const asking = questionsOf(ports, pending).then((questions) => perform(ports, questions));
  const startedMs = ports.clock.now();
  const answered = await answeredWithin(asking, Math.min(patience.writerMs, patience.endsMs - startedMs));
  patience.writerMs = Math.max(0, patience.writerMs - (ports.clock.now() - startedMs));
  if (answered !== "late") return answered;
  patience.behind += 1;
  ports.background.run(
    asking.finally(() => {
      patience.behind -= 1;
    }),
  );
  return NOTHING;
}

interface Question {
  readonly subject: Subject;
  readonly operation: Operation;
}

async function questionsOf(ports: IngestPorts, pending: readonly Pending[]): Promise<Question[]> {
  const questions = new Map<string, Promise<Question | null>>();
  for (const { alert, verdict } of pending) {
    if (verdict.kind === "check") {
      const { subject, request } = verdict;
      questions.set(request.uid, Promise.resolve({ subject, operation: { kind: "observe", request } }));
    }
    if (verdict.kind === "ensure") {
      ports.leases?.take(verdict.subject, verdict.intent);
      questions.set(verdict.intent, ensureOf(ports, alert, verdict));
    }
  }
  return (await Promise.all(questions.values())).filter((question) => question !== null);
}

/** What a storm is made of is read from the ledger; where it cannot be had now, the drain makes the request. */
async function ensureOf(
  { ledger, storms, log }: IngestPorts,
  { fingerprint, draft }: Placed["alert"],
  verdict: Extract<Verdict, { kind: "ensure" }>,
): Promise<Question | null> {
  const { subject, intent } = verdict;
  const own = subject === fingerprint ? draft : null;
  const retry = verdict.reason === "request-retried";
  const operation = await ensureOperation(ledger, { subject, intent, draft: own, buffered: false, retry }, storms).catch(
    (error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      log.warn("storm-unread", { code: error.code, reason: error.message });
      return null;
    },
  );
  return operation && { subject, operation };
}

async function perform(ports: IngestPorts, questions: readonly Question[]): Promise<Learnt> {
  if (questions.length === 0) return NOTHING;
  const operations = questions.map(({ operation }) => operation);
  const startedMs = ports.clock.now();
  const results = await performEach(ports, operations, ports.writerTimeoutMs);
  const tookMs = Math.max(0, ports.clock.now() - startedMs);
  for (const reason of troublesOf(results)) ports.log.warn("write-failed", { reason });
  const ensured = new Map<string, Ensured>();
  const seen = new Map<Subject, Fact>();
  const confirmed: Fact[] = [];
  questions.forEach(({ subject, operation }, at) => {
    const result = results[at] ?? { kind: "pending" };
    const facts = factsOf(subject, operation, result, tookMs);
    if (operation.kind === "observe") for (const fact of facts) seen.set(subject, fact);
    else confirmed.push(...facts);
    if (!("intent" in operation)) return;
    if (facts.length > 0) ports.leases?.drop(operation.intent);
    ensured.set(operation.intent, { result, occurrences: 1 });
  });
  const outcomes = await confirm(ports, confirmed);
  confirmed.forEach((fact, at) => {
    const told = fact.kind === "ensured" ? ensured.get(fact.intent) : undefined;
    if (told) told.occurrences = Math.max(1, outcomes[at]?.occurrences ?? 1);
  });
  return { ensured, seen };
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
