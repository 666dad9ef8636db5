import { Failure } from "../domain/failure.ts";
import type { Fact, Lease, Ledger, Settlement } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Operation, OperationResult, RemediationWriter } from "../ports/remediation-writer.ts";
import { factOf, troublesOf } from "./learn.ts";

/** Intents and counts in one round: few enough for the writer to get through within its timeout. */
const ROUND_MAX = 100;

/** First wait after a failed try; doubled each time. */
const RETRY_MS = 1_000;

/** Longest wait between two tries: what an operator who has mended the cause waits at most. */
const RETRY_MAX_MS = 60_000;

export interface DrainPorts {
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
  readonly log: Log;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly writerTimeoutMs: number;
}

export interface Drained {
  /** What was handed out. */
  readonly leased: number;
  /** Until the next thing is due; null: nothing waits. */
  readonly nextInMs: number | null;
}

interface Task {
  readonly fingerprint: string;
  readonly operation: Operation;
  readonly settle: (result: OperationResult) => Settlement | null;
}

/**
 * One round of what is owed to Kubernetes: open intents become requests, counts go into their status. Rounds may overlap and may die at any
 * step: what was leased is due again once the lease ends. Throws `Failure` when the ledger cannot be reached.
 */
export async function drainLedger(ports: DrainPorts): Promise<Drained> {
  const lease = await ports.ledger.lease(ROUND_MAX);
  const tasks = [...intentTasks(lease, ports.random), ...countTasks(lease)];
  if (tasks.length === 0) return { leased: 0, nextInMs: lease.nextInMs };
  const results = await perform(
    ports,
    tasks.map(({ operation }) => operation),
  );
  const settlements: Settlement[] = [];
  const facts: Fact[] = [];
  tasks.forEach(({ fingerprint, operation, settle }, at) => {
    const result = results[at] ?? { kind: "pending" };
    const settlement = settle(result);
    if (settlement) settlements.push(settlement);
    const fact = factOf(fingerprint, operation, result);
    if (fact) facts.push(fact);
  });
  // What was seen comes first: once a count has left the queue, nothing would look at its object again, and an end seen meanwhile be forgotten.
  await ports.ledger.fact(facts);
  await ports.ledger.settle(settlements);
  const full = lease.intents.length === ROUND_MAX || lease.counts.length === ROUND_MAX;
  // An end may have made another intent due.
  const ended = facts.some((fact) => fact.kind === "gone" || fact.state.ended);
  return { leased: tasks.length, nextInMs: full || ended ? 0 : lease.nextInMs };
}

const intentTasks = ({ intents }: Lease, random: () => number): Task[] =>
  intents.map(({ fingerprint, intent, tries, draft }) => ({
    fingerprint,
    operation: { kind: "ensure", intent, retry: tries > 1, draft },
    settle: (result) =>
      result.kind === "created" || result.kind === "existing"
        ? null
        : { kind: "intent-failed", fingerprint, intent, afterMs: retryAfterMs(tries, random) },
  }));

const countTasks = ({ counts }: Lease): Task[] =>
  counts.map(({ mark, fingerprint, ...count }) => ({
    fingerprint,
    operation: { kind: "record", ...count },
    settle: (result) => {
      if (result.kind === "recorded") {
        const { resourceVersion } = result.state;
        return { kind: "recorded", mark, count: count.count, resolvedAtMs: count.resolvedAtMs, resourceVersion };
      }
      return result.kind === "gone" ? { kind: "lost", mark } : { kind: "count-failed", mark, afterMs: 5 * RETRY_MS };
    },
  }));

/** Exponential, with jitter from half to all of it, so that what failed together does not come back together. */
export const retryAfterMs = (tries: number, random: () => number): number =>
  Math.round(Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2));

async function perform(ports: DrainPorts, operations: readonly Operation[]): Promise<readonly OperationResult[]> {
  try {
    const results = await ports.writer.perform(operations, ports.writerTimeoutMs);
    for (const reason of troublesOf(results)) ports.log.warn("write-failed", { reason });
    return results;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    ports.log.warn("writer-failed", { code: error.code, reason: error.message });
    return operations.map(() => ({ kind: "pending" }));
  }
}
