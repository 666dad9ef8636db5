import { STORM_MEMBERS_MAX } from "../../domain/storm-draft.ts";
import type { RecordOperation } from "../../ports/remediation-writer.ts";
import { jsonBytes, LISTED_ID_BYTES } from "./object-size.ts";

/** What a storm's status tells of its members: the line of each by its id, in the order of listing, and since when it takes no more. */
export interface Listing {
  readonly lines: ReadonlyMap<string, string>;
  /** What it tells beside that of members that joined after the object was made, by their ids. */
  readonly details: ReadonlyMap<string, object>;
  readonly closedAtMs: number | null;
  /** Names or details of some are told nowhere in the object. */
  readonly truncated: boolean;
}

/** What the spec of a storm's object, which never changes, tells of the members that it was made of. */
export interface SpecMembers {
  readonly ids: ReadonlySet<string>;
  /** It had no room for all that they tell. */
  readonly truncated: boolean;
}

/** `<16 hex id>`, with a name behind it unless there was no room. */
const LINE = /^([0-9a-f]{16})(?: |$)/;
const ID_LENGTH = 16;

/** Lines by their ids, the first of each; what is none is left out. */
export function linesOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const text of texts) {
    const id = LINE.exec(text)?.[1];
    if (id !== undefined && !lines.has(id)) lines.set(id, text);
  }
  return lines;
}

/** Details by the ids that they tell, the first of each; what has none is left out. */
export function detailsById(all: readonly unknown[]): ReadonlyMap<string, object> {
  const details = new Map<string, object>();
  for (const each of all) {
    const id = typeof each === "object" && each !== null && "id" in each ? each.id : undefined;
    if (typeof id === "string" && !details.has(id)) details.set(id, each as object);
  }
  return details;
}

/**
 * All that an object shows, then what it was known to list; `known` null: nothing is known. Takes nothing back. Details are put back only where the
 * object does not say that it has no room for all.
 */
export function regainListing(known: Listing | null, shown: Listing): Listing {
  if (!known) return shown;
  return joined(shown, { ...known, details: shown.truncated ? new Map() : known.details });
}

/** With what a writer tells. */
export const raiseListing = (listing: Listing, { members, details = [], closedAtMs }: NonNullable<RecordOperation["storm"]>): Listing =>
  joined(listing, { lines: linesOf(members), details: detailsById(details), closedAtMs });

function joined(listing: Listing, more: Omit<Listing, "truncated">): Listing {
  const lines = union(listing.lines, more.lines);
  const details = union(listing.details, new Map([...more.details].filter(([id]) => lines.has(id))));
  return { ...listing, lines, details, closedAtMs: earliest(listing.closedAtMs, more.closedAtMs) };
}

/** The first itself where the other has nothing more. */
function union<Value>(first: ReadonlyMap<string, Value>, more: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const added = [...more].filter(([id]) => !first.has(id));
  return added.length > 0 ? new Map([...first, ...added]) : first;
}

const earliest = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.min(left, right);

/**
 * The listing as an object that shows `shown` has room for it, within `bytesMax` of JSON. Names go from the last on, ids never. What it tells beside
 * names stays; more of it comes where room is left for it and for the ids of all members that may still join. Of members in the spec the spec tells.
 */
export function fitListing(
  listing: Listing,
  { shown, spec }: { readonly shown: Listing; readonly spec: SpecMembers },
  bytesMax: number,
): Listing {
  const isSame = listing.lines === shown.lines && listing.details === shown.details;
  const { lines, details } = isSame ? listing : fitLists(listing, { shown, spec }, bytesMax);
  const isWhole = ([id, line]: readonly [string, string]) => line.length > ID_LENGTH && (spec.ids.has(id) || details.has(id));
  return { ...listing, lines, details, truncated: spec.truncated || ![...lines].every(isWhole) };
}

function fitLists(
  listing: Listing,
  { shown, spec }: { readonly shown: Listing; readonly spec: SpecMembers },
  bytesMax: number,
): Pick<Listing, "lines" | "details"> {
  const room = bytesMax - bytesOf(shown.details);
  const lines = fitNames(listing.lines, room);
  let rest = room - bytesOf(lines) - LISTED_ID_BYTES * Math.max(0, STORM_MEMBERS_MAX - lines.size);
  const added = [...listing.details].filter(([id, each]) => {
    if (shown.details.has(id) || spec.ids.has(id)) return false;
    const bytes = jsonBytes(each) + 1;
    if (bytes > rest) return false;
    rest -= bytes;
    return true;
  });
  return { lines, details: union(shown.details, new Map(added)) };
}

const bytesOf = (values: ReadonlyMap<string, unknown>): number =>
  [...values.values()].reduce((sum: number, each) => sum + jsonBytes(each) + 1, 0);

function fitNames(lines: ReadonlyMap<string, string>, bytesMax: number): ReadonlyMap<string, string> {
  const entries = [...lines];
  let bytes = bytesOf(lines);
  for (let at = entries.length - 1; at >= 0 && bytes > bytesMax; at--) {
    const [id, line] = entries[at] as [string, string];
    bytes -= jsonBytes(line) - jsonBytes(id);
    entries[at] = [id, id];
  }
  return new Map(entries);
}

/** Whether a write of one over the other would change anything. */
export const equalListings = (left: Listing | null, right: Listing | null): boolean =>
  left === right ||
  (left !== null &&
    right !== null &&
    left.closedAtMs === right.closedAtMs &&
    left.truncated === right.truncated &&
    equalDetails(left.details, right.details) &&
    equalLines(left.lines, right.lines));

/** Those of a member never change. */
export const equalDetails = (left: Listing["details"], right: Listing["details"]): boolean =>
  left === right || (left.size === right.size && [...left.keys()].every((id) => right.has(id)));

const equalLines = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean =>
  left === right || (left.size === right.size && [...left].every(([id, line]) => right.get(id) === line));
