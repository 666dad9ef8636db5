import { Failure } from "../../domain/failure.ts";
import { type RequestDraft, type RequestId, type RequestState, TERMINAL_PHASES } from "../../domain/remediation-request.ts";
import type { EnsureOperation, Operation, OperationResult, RecordOperation, RemediationWriter } from "../../ports/remediation-writer.ts";

/** A request as the reference holds it; what a reader of the real one would see. */
export interface MemoryRequest extends RequestState {
  readonly draft: RequestDraft;
  readonly slots: Readonly<Record<string, number>>;
  readonly occurrenceCount: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
}

/** How the writer fails: nothing gets through, or all is done and the answer is lost. */
export type Breakage = "unreachable" | "answers-lost";

export interface MemoryWriter extends RemediationWriter {
  /** All requests there are, oldest first. */
  list(): readonly MemoryRequest[];
  /** Does a controller's work; `atMs` becomes `endedAtMs` where the phase is terminal. */
  setPhase(uid: string, phase: string, atMs: number): void;
  remove(uid: string): void;
  /** Makes every call fail until called with null. */
  break(breakage: Breakage | null): void;
}

/** The reference of a RemediationWriter: each operation takes effect at once and alone. Requests without a namespace go to `fallbackNamespace`. */
export function createMemoryRemediationWriter(fallbackNamespace = "kubernaut-system"): MemoryWriter {
  const requests = new Map<string, MemoryRequest>();
  let breakage: Breakage | null = null;
  let version = 0;

  const store = (request: Omit<MemoryRequest, "resourceVersion" | "occurrenceCount">): MemoryRequest => {
    const occurrenceCount = sum(request.slots);
    const stored = { ...request, resourceVersion: String(++version), occurrenceCount };
    requests.set(stored.uid, stored);
    return stored;
  };

  const create = ({ draft, intent }: EnsureOperation): MemoryRequest => {
    const { signalFingerprint, deduplication } = draft.spec;
    const made = [...requests.values()].filter((other) => other.draft.spec.signalFingerprint === signalFingerprint);
    const seen = { firstSeenMs: Date.parse(deduplication.firstSeen), lastSeenMs: Date.parse(deduplication.lastSeen), resolvedAtMs: null };
    const name = `rr-${signalFingerprint.slice(0, 32)}-${Math.max(0, ...made.map((other) => Number(other.name.split("-")[2]))) + 1}`;
    const id = { namespace: draft.namespace || fallbackNamespace, name, uid: crypto.randomUUID() };
    return store({ ...id, intent, phase: "", ended: false, endedAtMs: null, session: null, draft, slots: { [intent]: 1 }, ...seen });
  };

  const ensure = (operation: EnsureOperation): OperationResult => {
    const { intent, draft } = operation;
    const alike = [...requests.values()].filter((other) => other.draft.spec.signalFingerprint === draft.spec.signalFingerprint);
    const live = alike.find((other) => !other.ended);
    const own = alike.find((other) => other.intent === intent);
    const request = own ?? live ?? create(operation);
    const otherOccurrences = request.occurrenceCount - (request.slots[intent] ?? 0);
    return { kind: own || !live ? "created" : "existing", state: toState(request), otherOccurrences, takenBack: [] };
  };

  const perform = (operation: Operation): OperationResult => {
    if (operation.kind === "ensure") return ensure(operation);
    const request = find(requests, operation.request);
    if (!request) return { kind: "gone" };
    if (operation.kind === "observe") return { kind: "observed", state: toState(request) };
    const counted = count(request, operation);
    return { kind: "recorded", state: toState(counted ? store(counted) : request) };
  };

  return {
    async perform(operations) {
      if (breakage === "unreachable") throw new Failure("writer-unavailable", "broken by the test", "none");
      const results = operations.map(perform);
      if (breakage === "answers-lost") throw new Failure("writer-unavailable", "broken by the test", "unknown");
      return results;
    },
    list: () => [...requests.values()],
    setPhase(uid, phase, atMs) {
      const request = requests.get(uid);
      const ended = TERMINAL_PHASES.has(phase);
      if (request) store({ ...request, phase, ended, endedAtMs: ended ? atMs : null });
    },
    remove: (uid) => void requests.delete(uid),
    break(next) {
      breakage = next;
    },
  };
}

const sum = (slots: Readonly<Record<string, number>>): number => Object.values(slots).reduce((total, each) => total + each, 0);

function find(requests: ReadonlyMap<string, MemoryRequest>, { namespace, name, uid }: RequestId): MemoryRequest | undefined {
  const request = requests.get(uid);
  return request?.namespace === namespace && request.name === name ? request : undefined;
}

/** Null: nothing would change. A lower count than the slot holds says nothing of being resolved; an equal one only where it is the later word. */
function count(request: MemoryRequest, { slot, count: told, ...seen }: RecordOperation): MemoryRequest | null {
  const stored = request.slots[slot] ?? 0;
  const slots = { ...request.slots, [slot]: Math.max(stored, told) };
  const firstSeenMs = Math.min(request.firstSeenMs, seen.firstSeenMs);
  const lastSeenMs = Math.max(request.lastSeenMs, seen.lastSeenMs);
  const outdated =
    seen.resolvedAtMs === null ? seen.lastSeenMs <= (request.resolvedAtMs ?? -1) : seen.resolvedAtMs < (request.resolvedAtMs ?? 0);
  const resolvedAtMs = told < stored || (told === stored && outdated) ? request.resolvedAtMs : seen.resolvedAtMs;
  const after = { ...request, slots, firstSeenMs, lastSeenMs, resolvedAtMs };
  return JSON.stringify(after) === JSON.stringify(request) ? null : after;
}

function toState({ namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session }: MemoryRequest): RequestState {
  return { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session };
}
