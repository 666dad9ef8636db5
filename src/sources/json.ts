import { JsonFault, JsonPiece, parseText } from "./json-piece.ts";
import { type LongArray, survey } from "./json-survey.ts";

/** Why bytes are not the JSON that the gateway takes. */
export type JsonRefusal =
  | "empty"
  | "utf8-invalid"
  | "too-deep"
  | "values-too-many"
  | "elements-too-many"
  | "json-invalid"
  | "duplicate-key";

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonRefusal };

/** Deepest nesting of arrays and objects. Alerts need 5, Kubernetes objects about 15; what works on a value may then recurse. */
export const JSON_DEPTH_MAX = 64;

/** Most values, arrays and objects included, of a body of any size: 50,000 alerts of 40. A value may take 56 bytes of memory, however short its text. */
export const JSON_VALUES_MAX = 2_000_000;

/** Most different names of members, about. An engine keeps each, and a new one takes it ten times the time and memory of one that it knows. */
export const JSON_NAMES_MAX = 100_000;

/** More elements make an array a long one. */
export const LONG_ARRAY_FROM = 501;

export interface JsonBounds {
  readonly valuesMax?: number;
  /** Of an array that is the text itself, or a member of its object. */
  readonly elementsMax?: number;
  /** Whether elements of a long array are left as pieces, to be built one by one. */
  readonly inPieces?: boolean;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new JsonFault("utf8-invalid");
  }
}

/** The elements of a long array as pieces of the bytes. */
function piecesOf(bytes: Uint8Array, { start, ends, membersUpTo, membersBefore }: LongArray): JsonPiece[] {
  return ends.map((end, at) => {
    const from = at === 0 ? start : (ends[at - 1] as number);
    const before = at === 0 ? membersBefore : (membersUpTo[at - 1] as number);
    return new JsonPiece(bytes.subarray(from + 1, end), (membersUpTo[at] as number) - before);
  });
}

/** All around a long array, and its elements in their place as they came. What is wrong with one of these shows when it is built. */
function parseAround(bytes: Uint8Array, members: number, long: LongArray): unknown {
  const head = decode(bytes.subarray(0, long.start + 1));
  const inside = (long.membersUpTo.at(-1) ?? 0) - long.membersBefore;
  const value = parseText(head + decode(bytes.subarray(long.end)), members - inside);
  const pieces = piecesOf(bytes, long);
  if (long.name === null) return pieces;
  const name = JSON.parse(decode(bytes.subarray(long.name.start, long.name.end))) as string;
  return Object.defineProperty(value, name, { value: pieces, enumerable: true });
}

/**
 * Parses a body as JSON (RFC 8259) and refuses what parsers read differently: invalid UTF-8, a name that an object holds twice, nesting beyond
 * JSON_DEPTH_MAX. Refuses before anything is built what would take far more memory than its bytes: too many values, or different names. Never
 * throws; takes time linear in the bytes. A leading byte order mark is skipped.
 */
export function parseJson(bytes: Uint8Array, bounds: JsonBounds = {}): ParsedJson {
  const { valuesMax = JSON_VALUES_MAX, elementsMax = JSON_VALUES_MAX, inPieces = false } = bounds;
  const surveyed = survey(bytes, { valuesMax, elementsMax, namesMax: JSON_NAMES_MAX, longFrom: LONG_ARRAY_FROM });
  const { members, values, names, depth, long, isTooLong } = surveyed;
  // Before the parser proper: not every engine's copes with any depth.
  if (depth > JSON_DEPTH_MAX) return { ok: false, reason: "too-deep" };
  if (isTooLong) return { ok: false, reason: "elements-too-many" };
  if (values > valuesMax || names > JSON_NAMES_MAX) return { ok: false, reason: "values-too-many" };
  try {
    if (inPieces && long) return { ok: true, value: parseAround(bytes, members, long) };
    const text = decode(bytes);
    if (text.trim() === "") return { ok: false, reason: "empty" };
    return { ok: true, value: parseText(text, members) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { ok: false, reason: error.reason };
  }
}
