import type { OperationResult, RecordOperation } from "../../ports/remediation-writer.ts";
import { isProblem } from "./api-failure.ts";
import { find } from "./observe.ts";
import { backOff, type Pace, patiently } from "./pace.ts";
import type { DeduplicationPatch, RequestApi } from "./request-api.ts";
import { countIn, isFolded, raise, type Slots, slotsOf, sumOf } from "./slots.ts";
import { type StoredRequest, toState } from "./stored-request.ts";

/**
 * Raises one slot of an object's count. Reads, compares the uid and writes on the version read, again and again until nobody came between;
 * writes nothing where nothing would change.
 */
export async function record(
  operation: RecordOperation,
  api: Pick<RequestApi, "get" | "patchStatus">,
  pace: Pace,
): Promise<OperationResult> {
  for (let tries = 0; ; tries++) {
    const found = await find(operation.request, api, pace);
    if (!found) return { kind: "gone" };
    const patch = patchFor(found, operation);
    if (!patch) return { kind: "recorded", state: toState(found, null) };
    try {
      return { kind: "recorded", state: toState(await patiently(pace, () => api.patchStatus(found, patch)), null) };
    } catch (error) {
      // Deleted between the two calls: the next look says so.
      if (!isProblem(error, "conflict", "not-found") || !(await backOff(pace, tries))) throw error;
    }
  }
}

/** The times and counts an object shows; what was never written is read from its `spec`. */
interface Count {
  readonly slots: Slots;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
}

const countOf = (request: StoredRequest): Count => ({
  slots: slotsOf(request),
  firstSeenMs: request.counted.firstSeenMs ?? request.born.firstSeenMs,
  lastSeenMs: request.counted.lastSeenMs ?? request.born.lastSeenMs,
  resolvedAtMs: request.counted.resolvedAtMs,
});

function patchFor(request: StoredRequest, operation: RecordOperation): DeduplicationPatch | null {
  const before = countOf(request);
  const after: Count = {
    slots: raise(before.slots, operation.slot, operation.count, request.intent),
    firstSeenMs: Math.min(before.firstSeenMs, operation.firstSeenMs),
    lastSeenMs: Math.max(before.lastSeenMs, operation.lastSeenMs),
    resolvedAtMs: resolvedAt(before, operation),
  };
  if (equal(before, after)) return null;
  const dropped = Object.keys(before.slots).filter((name) => !Object.hasOwn(after.slots, name));
  return {
    firstSeen: new Date(after.firstSeenMs).toISOString(),
    lastSeen: new Date(after.lastSeenMs).toISOString(),
    occurrenceCount: sumOf(after.slots),
    slots: { ...after.slots, ...Object.fromEntries(dropped.map((name) => [name, null])) },
    resolvedAt: after.resolvedAtMs === null ? null : new Date(after.resolvedAtMs).toISOString(),
  };
}

/**
 * A higher count is news and brings its own word. At the same count a resolve is the later word, as resolving counts nothing,
 * unless it fired after the resolve that is known. A lower count is a late writer's, who has no say.
 */
function resolvedAt({ slots, resolvedAtMs }: Count, { slot, count, lastSeenMs, resolvedAtMs: told }: RecordOperation): number | null {
  const stored = countIn(slots, slot);
  if (count < stored) return resolvedAtMs;
  const isNews = count > stored && !isFolded(slots, slot);
  if (isNews || resolvedAtMs === null) return told;
  if (told === null) return lastSeenMs > resolvedAtMs ? null : resolvedAtMs;
  return Math.max(told, resolvedAtMs);
}

const equal = (left: Count, right: Count): boolean =>
  left.firstSeenMs === right.firstSeenMs &&
  left.lastSeenMs === right.lastSeenMs &&
  left.resolvedAtMs === right.resolvedAtMs &&
  Object.keys({ ...left.slots, ...right.slots }).every((name) => left.slots[name] === right.slots[name]);
