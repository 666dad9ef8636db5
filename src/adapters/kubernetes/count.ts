import type { Slots } from "../../domain/slots.ts";
import { equalUrgency, highestOf, type Urgency } from "../../domain/urgency.ts";
import { equalListings, type Listing, regainListing } from "./listing.ts";
import { regain, slotsOf } from "./slots.ts";
import type { StoredRequest } from "./stored-request.ts";

/** The times, counts, urgency and members an object shows; what was never written is read from its `spec`. */
export interface Count {
  readonly slots: Slots;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
  /** The highest that was seen. */
  readonly urgency: Urgency;
  /** Null where the object is no storm's. */
  readonly storm: Listing | null;
}

/** As the object shows it, with what its creation implies. */
export const countOf = (request: StoredRequest): Count => ({
  slots: slotsOf(request),
  firstSeenMs: request.counted.firstSeenMs ?? request.born.firstSeenMs,
  lastSeenMs: request.counted.lastSeenMs ?? request.born.lastSeenMs,
  resolvedAtMs: request.counted.resolvedAtMs,
  urgency: request.urgency,
  storm: request.storm?.listing ?? null,
});

/** What an object counts, all included that it was ever seen to count and does not show now; `known` null: it was never seen. */
export function wholeCountOf(request: StoredRequest, known: Count | null): Count {
  const shown = countOf(request);
  if (!known) return shown;
  const erased = request.counted.firstSeenMs === null;
  return {
    slots: regain(known.slots, shown.slots),
    firstSeenMs: Math.min(known.firstSeenMs, shown.firstSeenMs),
    lastSeenMs: Math.max(known.lastSeenMs, shown.lastSeenMs),
    resolvedAtMs: erased ? known.resolvedAtMs : shown.resolvedAtMs,
    urgency: highestOf(known.urgency, shown.urgency),
    storm: shown.storm && regainListing(known.storm, shown.storm),
  };
}

/** Whether a write of one over the other would change anything. */
export const equalCounts = (left: Count, right: Count): boolean =>
  left.firstSeenMs === right.firstSeenMs &&
  left.lastSeenMs === right.lastSeenMs &&
  left.resolvedAtMs === right.resolvedAtMs &&
  equalUrgency(left.urgency, right.urgency) &&
  equalListings(left.storm, right.storm) &&
  Object.keys({ ...left.slots, ...right.slots }).every((name) => left.slots[name] === right.slots[name]);
