import { Failure } from "../../src/domain/failure.ts";
import { type RequestDraft, type RequestId, type RequestState, TERMINAL_PHASES } from "../../src/domain/remediation-request.ts";
import { memberId, stormName, stormSpec } from "../../src/domain/storm-draft.ts";
import { equalUrgency, highestOf, type Urgency } from "../../src/domain/urgency.ts";
import type { Clock } from "../../src/ports/clock.ts";
import {
  type CountOperation,
  type EnsureOperation,
  type EnsureStormOperation,
  INTENT_REMEMBERED_MS,
  type Operation,
  type OperationResult,
  type RecordOperation,
  type RemediationWriter,
  type ResolveOperation,
} from "../../src/ports/remediation-writer.ts";
import { heldBeside, heldBy, holderOf, idsOf, isStorm, leavingOut, type MemoryRequest, toState } from "./held-requests.ts";

/** How the writer fails: nothing gets through, or all is done and the answer is lost. */
export type Breakage = "unreachable" | "answers-lost";

export interface MemoryWriter extends RemediationWriter {
  /** All requests there are, oldest first. */
  list(): readonly MemoryRequest[];
  /** Does a controller's work; `atMs` becomes `endedAtMs` where the phase is terminal. */
  setPhase(uid: string, phase: string, atMs: number): void;
  remove(uid: string): void;
  /** Writes the whole status as a controller does that knows of phases only. */
  erase(uid: string): void;
  /** Turns every ensure down that stands for this fingerprint, until called with null. */
  turnDown(fingerprint: string, how: "refused" | "failed" | null): void;
  /** Makes every call fail until called with null. */
  break(breakage: Breakage | null): void;
}

/**
 * The reference of a RemediationWriter: each operation takes effect at once and alone, and no object is too large. Requests without a namespace go to
 * `fallbackNamespace`; `clock` tells their age.
 */
export function createMemoryRemediationWriter(fallbackNamespace = "kubernaut-system", clock: Clock = { now: () => 0 }): MemoryWriter {
  const requests = new Map<string, MemoryRequest>();
  /** When intents were last counted without a ledger. */
  const countedAt = new Map<string, number>();
  const turnedDown = new Map<string, "refused" | "failed">();
  let breakage: Breakage | null = null;
  let version = 0;

  const store = (request: Omit<MemoryRequest, "resourceVersion" | "occurrenceCount">): MemoryRequest => {
    const stored = { ...request, resourceVersion: String(++version), occurrenceCount: sum(request.slots) };
    requests.set(stored.uid, stored);
    return stored;
  };
  /** As urgent as told, at least. */
  const raised = (request: MemoryRequest, urgency: Urgency): MemoryRequest => {
    const highest = highestOf(request.urgency, urgency);
    return equalUrgency(highest, request.urgency) ? request : store({ ...request, urgency: highest });
  };
  const create = (draft: RequestDraft, name: string, intent: string, rest: Pick<MemoryRequest, "buffered" | "ids">): MemoryRequest => {
    const id = { namespace: draft.namespace || fallbackNamespace, name, uid: crypto.randomUUID() };
    const state = { intent, phase: "", ended: false, endedAtMs: null, session: null };
    return store({ ...id, ...state, ...rest, ...bornAs(draft, intent), draft, createdAtMs: clock.now() });
  };

  const ensure = ({ intent, draft, buffered }: EnsureOperation): OperationResult => {
    const { signalFingerprint } = draft.spec;
    const alike = [...requests.values()].filter((other) => other.draft.spec.signalFingerprint === signalFingerprint);
    const own = alike.find((other) => other.intent === intent);
    const live = holderOf(signalFingerprint, requests.values());
    const name = `rr-${signalFingerprint.slice(0, 32)}-${Math.max(0, ...alike.map((other) => Number(other.name.split("-")[2]))) + 1}`;
    const request = own ?? live ?? create(draft, name, intent, { buffered, ids: [] });
    const kind = own || !live ? "created" : "existing";
    return { kind, state: toState(request), otherOccurrences: countBeside(request, intent), takenBack: [] };
  };

  const ensureStorm = (operation: EnsureStormOperation): OperationResult => {
    const { intent, storm } = operation;
    const all = [...requests.values()];
    const own = all.find((other) => other.name === stormName(storm.window));
    const adopted = own ? undefined : all.find((other) => isOpen(other, operation, clock.now()));
    const found = own ?? adopted;
    const held = heldBy(operation, all, found);
    if (held.length === storm.members.length && !found) return { kind: "storm-held", held };
    const members = storm.members.filter(({ fingerprint }) => !held.some((other) => other.fingerprint === fingerprint));
    const draft = () => ({ namespace: storm.namespace, spec: stormSpec({ ...storm, members }, Number.MAX_SAFE_INTEGER) });
    const ids = members.map(({ fingerprint }) => memberId(fingerprint));
    const request = found ?? create(draft(), stormName(storm.window), intent, { buffered: false, ids });
    const told = { state: toState(request), otherOccurrences: countBeside(request, intent), held };
    if (!adopted) return { kind: "storm-created", ...told };
    return { kind: "storm-adopted", ...told, openedAtMs: request.createdAtMs, members: idsOf(request).size };
  };

  const countDirectly = ({ intent, draft }: CountOperation): OperationResult => {
    const known = clock.now() - (countedAt.get(intent) ?? Number.NEGATIVE_INFINITY) < INTENT_REMEMBERED_MS;
    const size = requests.size;
    const ensureFor = (one: string) => ensure({ kind: "ensure", intent: one, retry: false, draft, buffered: false });
    const ofEarlier = ({ uid }: RequestState) =>
      requests.size === size && clock.now() - (requests.get(uid) as MemoryRequest).createdAtMs >= INTENT_REMEMBERED_MS;
    let ensured = ensureFor(intent);
    while (ensured.kind === "created" && ensured.state.ended && ofEarlier(ensured.state))
      ensured = ensureFor(`${intent}-${ensured.state.uid}`);
    if (ensured.kind !== "created" && ensured.kind !== "existing") return ensured;
    if (!known) countedAt.set(intent, clock.now());
    const { state } = ensured;
    const request = requests.get(state.uid) as MemoryRequest;
    const created = ensured.kind === "created" && (known || !ofEarlier(state));
    const slots = { ...request.slots, direct: (request.slots.direct ?? 0) + 1 };
    const counted = created || known ? request : store({ ...request, slots, lastSeenMs: clock.now(), resolvedAtMs: null });
    const { occurrenceCount } = raised(counted, draft.spec);
    return { kind: "counted", state, created, occurrences: occurrenceCount };
  };

  const resolve = ({ fingerprint, resolvedAtMs }: ResolveOperation): OperationResult => {
    const own = [...requests.values()].find((other) => !other.ended && other.draft.spec.signalFingerprint === fingerprint);
    return own ? { kind: "resolved", state: toState(store({ ...own, resolvedAtMs })) } : { kind: "absent" };
  };

  const downOf = (operation: Operation): "refused" | "failed" | undefined => {
    if (operation.kind === "ensure") return turnedDown.get(operation.draft.spec.signalFingerprint);
    if (operation.kind !== "ensure-storm") return undefined;
    return operation.storm.members.map(({ fingerprint }) => turnedDown.get(fingerprint)).find((how) => how !== undefined);
  };

  const perform = (operation: Operation): OperationResult => {
    const down = downOf(operation);
    if (down) return { kind: down, reason: down === "refused" ? "invalid" : "forbidden" };
    if (operation.kind === "ensure") return ensure(operation);
    if (operation.kind === "ensure-storm") return ensureStorm(operation);
    if (operation.kind === "count") return countDirectly(operation);
    if (operation.kind === "resolve") return resolve(operation);
    const request = find(requests, operation.request);
    if (!request) return { kind: "gone" };
    if (operation.kind === "observe") return { kind: "observed", state: toState(request) };
    const held = heldBeside(request, operation, [...requests.values()]);
    const counted = count(request, leavingOut(operation, held));
    const recorded = counted ? store(counted) : request;
    return { kind: "recorded", state: toState(recorded), members: recorded.members.length, ...(held.length > 0 && { held }) };
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
    erase(uid) {
      const request = requests.get(uid);
      if (request) store({ ...request, ...bornAs(request.draft, request.intent ?? "") });
    },
    turnDown(fingerprint, how) {
      if (how) turnedDown.set(fingerprint, how);
      else turnedDown.delete(fingerprint);
    },
    break(next) {
      breakage = next;
    },
  };
}

/** What a request counts, lists and shows before anybody has written to its status. */
function bornAs({ spec }: RequestDraft, intent: string) {
  const { firstSeen, lastSeen } = spec.deduplication;
  const seen = { firstSeenMs: Date.parse(firstSeen), lastSeenMs: Date.parse(lastSeen), resolvedAtMs: null };
  const urgency = { severity: spec.severity, priority: spec.priority };
  return { ...seen, urgency, slots: { [intent]: 1 }, members: [], details: [], closedAtMs: null };
}

const sum = (slots: Readonly<Record<string, number>>): number => Object.values(slots).reduce((total, each) => total + each, 0);

const countBeside = ({ occurrenceCount, slots }: MemoryRequest, slot: string): number => occurrenceCount - (slots[slot] ?? 0);

/** Whether a window may adopt the request. */
function isOpen(request: MemoryRequest, { storm, adopt }: EnsureStormOperation, nowMs: number): boolean {
  const alike = isStorm(request) && request.draft.spec.signalFingerprint === storm.group;
  const takesAlerts = !request.ended && request.closedAtMs === null && nowMs - request.createdAtMs < adopt.youngerThanMs;
  return alike && takesAlerts && idsOf(request).size < adopt.fewerThan && !adopt.exceptUids.includes(request.uid);
}

function find(requests: ReadonlyMap<string, MemoryRequest>, { namespace, name, uid }: RequestId): MemoryRequest | undefined {
  const request = requests.get(uid);
  return request?.namespace === namespace && request.name === name ? request : undefined;
}

/** Null: nothing would change. A lower count than the slot holds says nothing of being resolved; an equal one only where it is the later word. */
function count(request: MemoryRequest, { slot, count: told, storm, urgency: raisedTo, ...seen }: RecordOperation): MemoryRequest | null {
  const stored = request.slots[slot] ?? 0;
  const slots = { ...request.slots, [slot]: Math.max(stored, told) };
  const firstSeenMs = Math.min(request.firstSeenMs, seen.firstSeenMs);
  const lastSeenMs = Math.max(request.lastSeenMs, seen.lastSeenMs);
  const outdated =
    seen.resolvedAtMs === null ? seen.lastSeenMs <= (request.resolvedAtMs ?? -1) : seen.resolvedAtMs < (request.resolvedAtMs ?? 0);
  const resolvedAtMs = told < stored || (told === stored && outdated) ? request.resolvedAtMs : seen.resolvedAtMs;
  const listed = storm && isStorm(request) ? list(request, storm) : {};
  const urgency = raisedTo ? highestOf(request.urgency, raisedTo) : request.urgency;
  const after = { ...request, slots, firstSeenMs, lastSeenMs, resolvedAtMs, urgency, ...listed };
  return JSON.stringify(after) === JSON.stringify(request) ? null : after;
}

/** Members are a union by id, and a storm that was closed stays so since the earliest time told. */
function list(
  request: MemoryRequest,
  told: NonNullable<RecordOperation["storm"]>,
): Pick<MemoryRequest, "members" | "details" | "closedAtMs"> {
  const lines = new Map(request.members.map((line) => [memberId(line), line]));
  for (const line of told.members) if (!lines.has(memberId(line))) lines.set(memberId(line), line);
  const known = new Set([...request.ids, ...request.details.map(({ id }) => id)]);
  const details = [...request.details, ...(told.details ?? []).filter(({ id }) => lines.has(id) && !known.has(id))];
  const times = [request.closedAtMs, told.closedAtMs].filter((time) => time !== null);
  return { members: [...lines.values()], details, closedAtMs: times.length > 0 ? Math.min(...times) : null };
}
