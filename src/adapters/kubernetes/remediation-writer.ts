import type { Log } from "../../ports/log.ts";
import type { Operation, OperationResult, RecordOperation, RemediationWriter } from "../../ports/remediation-writer.ts";
import { ApiFailure, isPermanent } from "./api-failure.ts";
import { type Cost, countedApi, countedLists } from "./cost.ts";
import { countDirectly } from "./count-directly.ts";
import type { EnsureParts } from "./creation.ts";
import { createDirectCounts, type DirectCounts } from "./direct-counts.ts";
import { ensure } from "./ensure.ts";
import { ensureStorm } from "./ensure-storm.ts";
import { find } from "./find-request.ts";
import { createGate, type Gate, NotReached, type Turn } from "./gate.ts";
import { jsonBytes, OBJECT_BYTES_MAX } from "./object-size.ts";
import type { Pace, Timing } from "./pace.ts";
import { record } from "./record.ts";
import { recordListing } from "./record-listing.ts";
import type { RequestApi } from "./request-api.ts";
import type { RequestView } from "./request-view.ts";
import { resolve } from "./resolve.ts";
import { createSharedLists } from "./shared-lists.ts";
import { type StoredRequest, toState } from "./stored-request.ts";

/** Most calls under way that create or change something, and that read a single object: an API server's fair share for one client. */
const IN_FLIGHT_MAX = 20;

export interface KubernetesWriterOptions {
  readonly api: RequestApi;
  /** What a watch knows, if there is one. */
  readonly view: RequestView;
  readonly timing: Timing;
  /** Where requests without a namespace go, and those whose namespace is missing or going away. */
  readonly fallbackNamespace: string;
  /** The only namespaces that requests are made or touched in, beside the fallback; empty: all. */
  readonly namespaces: readonly string[];
  /** Names this process where it counts by itself; as the key of a map in a status. */
  readonly slot: string;
  /** Called each time two creators of a request met. */
  onCollision(): void;
  readonly log: Log;
}

interface Workshop extends EnsureParts {
  readonly api: RequestApi;
  readonly view: RequestView;
  readonly gate: Gate;
  readonly directCounts: DirectCounts;
}

/** Time for one write that nobody waits for. */
const COUNT_MS = 5_000;

/** Of many, some wait until their time is over: they are written with the next round. */
async function writeCount(operation: RecordOperation, { api, view, timing }: KubernetesWriterOptions, gate: Gate): Promise<boolean> {
  const deadlineMs = timing.clock.now() + COUNT_MS;
  const turn: Turn = { namespace: operation.request.namespace, deadlineMs, waiting: false };
  return (await gate(turn, () => record(operation, { api, view }, { ...timing, deadlineMs }))) !== null;
}

export interface KubernetesWriter extends RemediationWriter {
  /** Writes what this process counted by itself and has not written yet, as far as that can be done now. */
  settle(): Promise<void>;
  /** Objects whose counts only this process has. */
  countsUnwritten(): number;
}

/** A RemediationWriter on the API server itself. Never throws: each operation has its own result. */
export function createKubernetesWriter(options: KubernetesWriterOptions): KubernetesWriter {
  const { api, view, timing, fallbackNamespace, onCollision } = options;
  const allowed = options.namespaces.length > 0 ? new Set([...options.namespaces, "", fallbackNamespace]) : null;
  const gate = createGate(IN_FLIGHT_MAX, timing.clock);
  const lists = createSharedLists(api);
  const directCounts = createDirectCounts({ timing, slot: options.slot, write: (operation) => writeCount(operation, options, gate) });

  const faulty = (error: unknown): OperationResult => {
    options.log.error("operation-failed", { error: error instanceof Error ? error.name : "Error" });
    return { kind: "failed", reason: "internal" };
  };
  const perform = async (operation: Operation, pace: Pace, turn: Turn): Promise<OperationResult> => {
    const create = <T>(creation: () => Promise<T>) => gate(turn, creation);
    try {
      const refusal = refuse(operation, allowed);
      if (refusal) return { kind: "refused", reason: refusal };
      const cost: Cost = { requests: 0 };
      const counted = { api: countedApi(api, cost), lists: countedLists(lists, cost) };
      const result = await run(operation, { ...counted, view, gate, fallbackNamespace, onCollision, create, directCounts }, pace, turn);
      return withCost(operation, result, cost);
    } catch (error) {
      return toResult(error) ?? faulty(error);
    }
  };

  return {
    async perform(operations, timeoutMs) {
      const pace: Pace = { ...timing, deadlineMs: timing.clock.now() + timeoutMs };
      const answered = new AbortController();
      const timeUp = timing.pause(timeoutMs, answered.signal);
      try {
        return await Promise.all(
          operations.map((operation) => {
            const turn: Turn = { namespace: namespaceOf(operation), deadlineMs: pace.deadlineMs, waiting: false };
            return Promise.race([perform(operation, pace, turn), timeUp.then(() => unanswered(turn))]);
          }),
        );
      } finally {
        answered.abort();
      }
    },
    settle: () => directCounts.flush(),
    countsUnwritten: directCounts.unwritten,
  };
}

/** What waits for its turn was not reached; anything else goes on, unheard, to an end that its next try finds. */
const unanswered = ({ waiting }: Turn): OperationResult => (waiting ? { kind: "pending" } : { kind: "failed", reason: "timeout" });

function refuse(operation: Operation, allowed: ReadonlySet<string> | null): string | null {
  if (allowed && !allowed.has(namespaceOf(operation))) return "namespace-not-allowed";
  return "draft" in operation && jsonBytes(operation.draft.spec) > OBJECT_BYTES_MAX ? "too-large" : null;
}

function namespaceOf(operation: Operation): string {
  if (operation.kind === "ensure" || operation.kind === "count") return operation.draft.namespace;
  if (operation.kind === "resolve") return operation.namespace;
  return operation.kind === "ensure-storm" ? operation.storm.namespace : operation.request.namespace;
}

async function run(operation: Operation, workshop: Workshop, pace: Pace, turn: Turn): Promise<OperationResult> {
  const { api, view, gate } = workshop;
  const state = (found: StoredRequest) => toState(found, view.sessionOf(found));
  switch (operation.kind) {
    case "ensure":
      return ensure(operation, workshop, pace);
    case "ensure-storm":
      return ensureStorm(operation, workshop, pace);
    case "observe": {
      const found = await gate(turn, () => find(operation.request, api, pace));
      return found ? { kind: "observed", state: state(found) } : { kind: "gone" };
    }
    case "count":
      return countDirectly(operation, workshop, pace);
    case "resolve": {
      const found = await gate(turn, () => resolve(operation, workshop, pace));
      if (found) workshop.directCounts.resolved(found, operation.resolvedAtMs);
      return found ? { kind: "resolved", state: state(found) } : { kind: "absent" };
    }
    case "record": {
      const recorded = await gate(turn, () => recordListing(operation, workshop, pace));
      if (!recorded) return { kind: "gone" };
      const { request: found, held } = recorded;
      return { kind: "recorded", state: state(found), members: found.storm?.listing.lines.size ?? 0, ...(held.length > 0 && { held }) };
    }
  }
}

/** Ensures and looks tell what they have cost. */
function withCost(operation: Operation, result: OperationResult, { requests }: Cost): OperationResult {
  switch (result.kind) {
    case "created":
    case "existing":
    case "storm-created":
    case "storm-adopted":
    case "storm-held":
    case "observed":
      return { ...result, requests };
    case "gone":
      return operation.kind === "observe" ? { ...result, requests } : result;
    default:
      return result;
  }
}

/** Null: it is a fault of the program's own. */
function toResult(error: unknown): OperationResult | null {
  if (error instanceof NotReached) return { kind: "pending" };
  if (!(error instanceof ApiFailure)) return null;
  return { kind: isPermanent(error) ? "refused" : "failed", reason: error.problem };
}
