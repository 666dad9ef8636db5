import { blamesTheCall } from "../domain/failure.ts";
import { isUnreachable, type Trouble, troubleOf } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fact, Lease, LeasedCount, LeasedIntent, Ledger, Settlement, Subject } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Operation, OperationResult, RemediationWriter } from "../ports/remediation-writer.ts";
import { handApart } from "./apart.ts";
import { type Budget, createBudget, REQUESTS, UNLIMITED } from "./budget.ts";
import { ensureOperation, type StormOptions } from "./ensure-operations.ts";
import { factsOf, troublesOf } from "./learn.ts";
import { performEach } from "./perform-each.ts";
import { recordOperation, settleRecord } from "./record-operations.ts";
import { refusedPlaces, troubleIn } from "./refused-places.ts";
import { sweepWindows } from "./sweep-windows.ts";

/** Intents and counts in one round: few enough for the writer to get through within its timeout. */
const ROUND_MAX = 100;

/** Of what a sweep has made due, in a round that had its hands full before: an alert that has waited for others need not wait a round as well. */
const SWEPT_LEAST = 20;

/** Most characters of storms in one call of the writer, which takes 32 MiB: a large one has two million. */
const STORMS_CHARACTERS_MAX = 16 * 1024 * 1024;

/** First wait after a failed try. */
const RETRY_MS = 1_000;

/** Each wait is so much longer than the one before: about half as long as it has failed by then, so that what failed for 20 s is made within 15 s of the mend. */
const RETRY_GROWTH = 1.5;

/** The least share of a wait that jitter leaves: with less, tries that came early would be followed by too long a wait. */
const RETRY_SHARE = 0.8;

/** Longest wait between two tries: what an operator who has mended the cause waits at most. */
const RETRY_MAX_MS = 60_000;

/** The same where nobody answers. That ends by itself, and breakers keep calls from who is down; a busy API server makes a part of them each time. */
const RETRY_UNREACHABLE_MAX_MS = 10_000;

/** To set intents and counts apart, and then to halve a hundred down to one. */
const CALLS_MAX = 9;

/** What a round takes that sweeps nothing and makes no storm's request. */
export const ROUND_REQUESTS = REQUESTS.lease + REQUESTS.rest;

export interface DrainPorts {
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  /** 32 hex, new at each call. */
  readonly newOperation: () => string;
  readonly writerTimeoutMs: number;
  readonly storms: StormOptions;
  /** Whether a breaker is open: what happens then is no feature's fault. Absent: none is. */
  readonly troubled?: () => boolean;
}

export interface Drained {
  /** What was handed out. */
  readonly leased: number;
  /** Until the next thing is due; null: nothing waits. */
  readonly nextInMs: number | null;
}

interface Task {
  readonly subject: Subject;
  readonly operation: Operation;
  /** What is refused together: the intents of a namespace, or its counts. */
  readonly place: string;
  readonly settle: (result: OperationResult, namespaceRefused: boolean) => Settlement | null;
}

/**
 * One round of what is owed to Kubernetes: due windows become intents, open intents requests, and counts go into their status. Rounds may overlap
 * and may die at any step: what was leased is due again once the lease ends, as is what the budget was too small for. Throws `Failure` when the
 * ledger cannot be reached.
 */
export async function drainLedger(ports: DrainPorts, budget = UNLIMITED): Promise<Drained> {
  if (!budget.take(ROUND_REQUESTS)) return { leased: 0, nextInMs: 0 };
  let lease = await ports.ledger.lease(ROUND_MAX, [], ports.troubled?.());
  for (const { feature, rule } of lease.rolledBack) ports.log.error("feature-rolled-back", { feature, rule });
  if (lease.sweepDue) lease = await leaseSwept(ports, lease, budget);
  const tasks = fitting([...(await intentTasks(ports, lease, budget)), ...(await countTasks(ports, lease, budget))]);
  if (tasks.length === 0) {
    budget.give(REQUESTS.rest);
    return { leased: 0, nextInMs: lease.nextInMs };
  }
  const startedMs = ports.clock.now();
  const calls = callsWithin(budget);
  const results = await perform(
    ports,
    tasks.map(({ operation }) => operation),
    calls,
  );
  const tookMs = Math.max(0, ports.clock.now() - startedMs);
  const settlements: Settlement[] = [];
  const facts: Fact[] = [];
  const refusing = refusedPlaces(tasks, results);
  tasks.forEach(({ subject, operation, place, settle }, at) => {
    const result = results[at] ?? { kind: "pending" };
    const settlement = settle(result, refusing.has(place));
    if (settlement) settlements.push(settlement);
    facts.push(...factsOf(subject, operation, result, tookMs));
  });
  // What was seen comes first: once a count has left the queue, nothing would look at its object again, and an end seen meanwhile be forgotten.
  await tell(ports, calls, facts, (part) => ports.ledger.fact(part));
  await tell(ports, calls, settlements, (part) => ports.ledger.settle(part));
  // An end may have made another intent due.
  const ended = facts.some((fact) => fact.kind === "gone" || fact.state.ended);
  const refused = settlements.some(({ kind }) => kind === "storm-refused");
  // Where nothing can be reached, more of it would not be either; what is refused says nothing about others.
  const isStuck = results.every((result) => isUnreachable(troubleIn(result) ?? "other"));
  const nextInMs = ended || refused ? 0 : soonest(lease.nextInMs, settlements);
  return { leased: tasks.length, nextInMs: isStuck && nextInMs !== null ? Math.max(RETRY_MS, nextInMs) : nextInMs };
}

/** What failed is due again before the lease would have ended. */
function soonest(nextInMs: number | null, settlements: readonly Settlement[]): number | null {
  const waits = settlements.flatMap((settlement) => ("afterMs" in settlement ? [settlement.afterMs] : []));
  const times = nextInMs === null ? waits : [nextInMs, ...waits];
  return times.length > 0 ? Math.min(...times) : null;
}

/** What was leased before the sweep, and what the sweep has made due. */
async function leaseSwept(ports: DrainPorts, before: Lease, budget: Budget): Promise<Lease> {
  if (!budget.take(REQUESTS.lease)) return { ...before, nextInMs: 0 };
  const more = await sweepWindows(ports, budget);
  const swept = await ports.ledger.lease(Math.max(SWEPT_LEAST, ROUND_MAX - before.intents.length));
  const intents = [...before.intents, ...swept.intents];
  return { ...swept, intents, counts: [...before.counts, ...swept.counts], nextInMs: more ? 0 : swept.nextInMs };
}

async function intentTasks(ports: DrainPorts, { intents }: Lease, budget: Budget): Promise<Task[]> {
  const tasks = await Promise.all(
    intents.map((leased) =>
      intentTask(ports, leased, budget).catch((error: unknown) => {
        if (!blamesTheCall(error)) throw error;
        ports.log.warn("intent-unread", { reason: error.message });
        return null;
      }),
    ),
  );
  return tasks.filter((task) => task !== null);
}

/** As many as one call takes, and one at least; the others are due again once their lease ends. */
function fitting(tasks: readonly Task[]): readonly Task[] {
  let room = STORMS_CHARACTERS_MAX;
  return tasks.filter(({ operation }, at) => {
    if (operation.kind !== "ensure-storm" && !(operation.kind === "record" && operation.storm?.details)) return true;
    room -= JSON.stringify(operation.storm).length;
    return room >= 0 || at === 0;
  });
}

async function intentTask({ ledger, storms, random }: DrainPorts, leased: LeasedIntent, budget: Budget): Promise<Task | null> {
  const { subject, intent, tries, namespace } = leased;
  const operation = await ensureOperation(ledger, { ...leased, retry: tries > 1 }, storms, budget);
  return (
    operation && {
      subject,
      operation,
      place: `intents ${namespace}`,
      settle: (result, namespaceRefused) =>
        settleIntent(operation, result, { subject, intent, namespaceRefused }, (reason) =>
          // It waits for its namespace, and not for itself as well.
          namespaceRefused ? RETRY_MS : retryAfterMs(tries, reason, random),
        ),
    }
  );
}

function settleIntent(
  operation: Operation,
  result: OperationResult,
  { namespaceRefused, ...intent }: { readonly subject: Subject; readonly intent: string; readonly namespaceRefused: boolean },
  waitFor: (reason: Trouble) => number,
): Settlement | null {
  switch (result.kind) {
    case "refused": {
      const reason = troubleOf(result.reason);
      return operation.kind === "ensure-storm"
        ? { kind: "storm-refused", ...intent, reason }
        : { kind: "intent-dead", ...intent, reason, afterMs: waitFor(reason) };
    }
    case "failed": {
      const reason = troubleOf(result.reason);
      return { kind: "intent-failed", ...intent, reason, afterMs: waitFor(reason), namespaceRefused };
    }
    case "pending":
      return { kind: "intent-failed", ...intent, reason: "not-reached", afterMs: waitFor("not-reached") };
    default:
      return null;
  }
}

async function countTasks(ports: DrainPorts, { counts }: Lease, budget: Budget): Promise<Task[]> {
  const tasks = await Promise.all(counts.map((leased) => countTask(ports, leased, budget)));
  return tasks.filter((task) => task !== null);
}

/** Null: there is no budget left for what its late members tell. */
async function countTask({ ledger }: DrainPorts, leased: LeasedCount, budget: Budget): Promise<Task | null> {
  const operation = await recordOperation(ledger, leased, budget);
  return operation && { subject: leased.subject, operation, place: `counts ${leased.request.namespace}`, settle: settleRecord(leased) };
}

/** Exponential, with jitter, so that what failed together does not come back together. */
export function retryAfterMs(tries: number, reason: Trouble, random: () => number): number {
  const mostMs = isUnreachable(reason) ? RETRY_UNREACHABLE_MAX_MS : RETRY_MAX_MS;
  const waitMs = Math.min(mostMs, RETRY_MS * RETRY_GROWTH ** Math.min(tries, 20));
  return Math.round(waitMs * (RETRY_SHARE + (1 - RETRY_SHARE) * random()));
}

async function perform(ports: DrainPorts, operations: readonly Operation[], calls: Calls): Promise<readonly OperationResult[]> {
  const results = await performEach(ports, operations, ports.writerTimeoutMs, calls);
  for (const reason of troublesOf(results)) ports.log.warn("write-failed", { reason });
  return results;
}

/** Tells the ledger what was learnt, but for what it cannot take: that is due again once its lease ends. */
async function tell<Item>(
  { log }: DrainPorts,
  calls: Calls,
  items: readonly Item[],
  hand: (items: readonly Item[]) => Promise<unknown>,
): Promise<void> {
  await handApart(items, {
    hand: async (part) => {
      await hand(part);
      return [];
    },
    blames: blamesTheCall,
    mayGoOn: () => calls.take(1),
    alone: (_, error) => log.warn("ledger-refused-one", { reason: blamesTheCall(error) ? error.message : "unknown" }),
    left: undefined,
  });
}

type Calls = Pick<Budget, "take">;

/** Calls that find what spoils others: within a budget no more than one bad among a hundred takes, as intents need the rest. */
function callsWithin(budget: Budget): Calls {
  if (budget === UNLIMITED) return budget;
  const few = createBudget(CALLS_MAX);
  return { take: (requests) => budget.has(requests + ROUND_REQUESTS) && few.take(requests) && budget.take(requests) };
}
