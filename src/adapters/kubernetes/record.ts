import type { RequestId } from "../../domain/remediation-request.ts";
import { sumOf } from "../../domain/slots.ts";
import { highestOf } from "../../domain/urgency.ts";
import type { RecordOperation } from "../../ports/remediation-writer.ts";
import { isProblem } from "./api-failure.ts";
import { type Count, countOf, equalCounts, wholeCountOf } from "./count.ts";
import { find } from "./find-request.ts";
import { equalDetails, equalListings, fitListing, type Listing, raiseListing } from "./listing.ts";
import { OBJECT_BYTES_MAX, WRITE_BYTES } from "./object-size.ts";
import { backOff, type Pace, patiently } from "./pace.ts";
import type { DeduplicationPatch, RequestApi, StatusPatch, StormPatch } from "./request-api.ts";
import type { RequestView } from "./request-view.ts";
import { countIn, isFolded, raise } from "./slots.ts";
import type { StoredRequest } from "./stored-request.ts";

export interface RecordParts {
  readonly api: Pick<RequestApi, "get" | "patchStatus">;
  readonly view: Pick<RequestView, "shown" | "remembered">;
}

/**
 * Raises one slot of an object's count and its urgency, lists members of a storm's, and puts back what somebody erased of the rest. Looks, compares the uid and writes on the version seen,
 * again and again until nobody came between; writes nothing where nothing would change. The first look is at what a watch shows: where that lags,
 * the write meets a newer version and fails. Null: no object with this uid exists any more.
 */
export const record = (operation: RecordOperation, parts: RecordParts, pace: Pace): Promise<StoredRequest | null> =>
  rewrite(operation.request, (count, creator) => raiseCount(count, operation, creator), parts, pace);

/** Puts back what somebody erased; else as `record`. */
export const restore = (request: RequestId, parts: RecordParts, pace: Pace): Promise<StoredRequest | null> =>
  rewrite(request, (count) => count, parts, pace);

/** Shows since when nobody fires any more, unless it does; else as `record`. */
export const showResolved = (request: RequestId, resolvedAtMs: number, parts: RecordParts, pace: Pace): Promise<StoredRequest | null> =>
  rewrite(
    request,
    (count) => (isOver(count) ? count : { ...count, resolvedAtMs: Math.max(resolvedAtMs, count.resolvedAtMs ?? 0) }),
    parts,
    pace,
  );

const isOver = ({ resolvedAtMs, lastSeenMs }: Count): boolean => resolvedAtMs !== null && resolvedAtMs >= lastSeenMs;

async function rewrite(
  request: RequestId,
  change: (count: Count, creator: string | null) => Count,
  { api, view }: RecordParts,
  pace: Pace,
): Promise<StoredRequest | null> {
  let watched = view.shown(request.uid);
  for (let tries = 0; ; tries++) {
    const found = watched ?? (await find(request, api, pace));
    if (!found) return null;
    const shown = countOf(found);
    const wanted = fitting(change(wholeCountOf(found, view.remembered(found.uid)), found.intent), found);
    if (equalCounts(shown, wanted)) return found;
    try {
      return await patiently(pace, () => api.patchStatus(found, patchFrom(shown, wanted)));
    } catch (error) {
      // Deleted between the two calls: the next look says so. A watch that lags is no rival to make way for.
      const again = isProblem(error, "conflict", "not-found") && (watched !== null || (await backOff(pace, tries)));
      if (!again) throw error;
    }
    watched = null;
  }
}

const raiseCount = (count: Count, operation: RecordOperation, creator: string | null): Count => ({
  // A slot of 0 would be a folded one.
  slots: operation.count > 0 ? raise(count.slots, operation.slot, operation.count, creator) : count.slots,
  firstSeenMs: Math.min(count.firstSeenMs, operation.firstSeenMs),
  lastSeenMs: Math.max(count.lastSeenMs, operation.lastSeenMs),
  resolvedAtMs: resolvedAt(count, operation),
  urgency: operation.urgency ? highestOf(count.urgency, operation.urgency) : count.urgency,
  storm: count.storm && operation.storm ? raiseListing(count.storm, operation.storm) : count.storm,
});

/** The count as the object has room for it. */
function fitting(wanted: Count, { storm }: StoredRequest): Count {
  if (!storm || !wanted.storm) return wanted;
  const object = { shown: storm.listing, spec: storm.made() };
  return { ...wanted, storm: fitListing(wanted.storm, object, OBJECT_BYTES_MAX - WRITE_BYTES - storm.bytesBeside) };
}

function patchFrom(shown: Count, wanted: Count): StatusPatch {
  const deduplication = deduplicationPatch(shown, wanted);
  if (!wanted.storm || equalListings(shown.storm, wanted.storm)) return { deduplication };
  return { deduplication, storm: stormPatch(shown.storm, wanted.storm) };
}

const stormPatch = (shown: Listing | null, { lines, details, closedAtMs, truncated }: Listing): StormPatch => ({
  ...(!(shown && equalDetails(shown.details, details)) && { details: [...details.values()] }),
  alertCount: lines.size,
  members: [...lines.values()],
  closedAt: closedAtMs === null ? null : new Date(closedAtMs).toISOString(),
  truncated,
});

function deduplicationPatch(shown: Count, wanted: Count): DeduplicationPatch {
  const dropped = Object.keys(shown.slots).filter((name) => !Object.hasOwn(wanted.slots, name));
  return {
    firstSeen: new Date(wanted.firstSeenMs).toISOString(),
    lastSeen: new Date(wanted.lastSeenMs).toISOString(),
    occurrenceCount: sumOf(wanted.slots),
    slots: { ...wanted.slots, ...Object.fromEntries(dropped.map((name) => [name, null])) },
    resolvedAt: wanted.resolvedAtMs === null ? null : new Date(wanted.resolvedAtMs).toISOString(),
    highestSeverity: wanted.urgency.severity,
    highestPriority: wanted.urgency.priority,
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
