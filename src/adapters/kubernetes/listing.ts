import type { RecordOperation } from "../../ports/remediation-writer.ts";
import { jsonBytes } from "./object-size.ts";

/** What a storm's status tells of its members: the line of each by its id, in the order of listing, and since when it takes no more. */
export interface Listing {
  readonly lines: ReadonlyMap<string, string>;
  readonly closedAtMs: number | null;
  /** Some names were left out. */
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

/** All that an object shows, then what it was known to list; `known` null: nothing is known. Takes nothing back. */
export function regainListing(known: Listing | null, shown: Listing): Listing {
  return known ? joined(shown, known.lines, known.closedAtMs) : shown;
}

/** With what a writer tells. */
export const raiseListing = (listing: Listing, { members, closedAtMs }: NonNullable<RecordOperation["storm"]>): Listing =>
  joined(listing, linesOf(members), closedAtMs);

function joined(listing: Listing, more: ReadonlyMap<string, string>, closedAtMs: number | null): Listing {
  const added = [...more].filter(([id]) => !listing.lines.has(id));
  const lines = added.length > 0 ? new Map([...listing.lines, ...added]) : listing.lines;
  return { ...listing, lines, closedAtMs: earliest(listing.closedAtMs, closedAtMs) };
}

const earliest = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.min(left, right);

/** Within `bytesMax` of JSON: names go from the last on, ids never. */
export function fitListing(listing: Listing, bytesMax: number): Listing {
  const entries = [...listing.lines];
  let bytes = entries.reduce((sum, [, line]) => sum + jsonBytes(line) + 1, 0);
  for (let at = entries.length - 1; at >= 0 && bytes > bytesMax; at--) {
    const [id, line] = entries[at] as [string, string];
    bytes -= jsonBytes(line) - jsonBytes(id);
    entries[at] = [id, id];
  }
  return { ...listing, lines: new Map(entries), truncated: listing.truncated || entries.some(([, line]) => line.length === ID_LENGTH) };
}

/** Whether a write of one over the other would change anything. */
export const equalListings = (left: Listing | null, right: Listing | null): boolean =>
  left === right ||
  (left !== null &&
    right !== null &&
    left.closedAtMs === right.closedAtMs &&
    left.truncated === right.truncated &&
    equalLines(left.lines, right.lines));

const equalLines = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean =>
  left === right || (left.size === right.size && [...left].every(([id, line]) => right.get(id) === line));
