/** A long array: the top one, or a member of the top object. */
export interface LongArray {
  /** Of its opening bracket, and of the one that closes it. */
  readonly start: number;
  readonly end: number;
  /** Where the name of the member that it is begins and ends; null: it is the top one. */
  readonly name: { readonly start: number; readonly end: number } | null;
  /** Where each of its elements ends. */
  readonly ends: readonly number[];
  /** Members of objects up to there, from the text's beginning on. */
  readonly membersUpTo: readonly number[];
  /** The same up to its opening bracket. */
  readonly membersBefore: number;
}

export interface Survey {
  readonly members: number;
  /** Arrays and objects included; an empty one counts as two. */
  readonly values: number;
  /** Different names of members, about; of a text that is too short to hold many, 0. */
  readonly names: number;
  readonly depth: number;
  /** The first long array; null: there is none. */
  readonly long: LongArray | null;
  /** Whether an array that might be the long one has too many elements: it looked no further. */
  readonly isTooLong: boolean;
}

export interface SurveyBounds {
  /** It looks no further than one value more. */
  readonly valuesMax: number;
  readonly namesMax: number;
  /** How many elements make an array long, and how many it may have. */
  readonly longFrom: number;
  readonly elementsMax: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BRACKET = 0x5b;
/** `[` and `{`, `]` and `}` differ by this bit alone; no other character of JSON is one of them with it. */
const BRACE_BIT = 0x20;
const OPENER = 0x7b;
const CLOSER = 0x7d;

/** Bytes that a member takes at least: `"":0`. */
const MEMBER_BYTES_MIN = 4;

/** Names are told apart by a hash of this many bits. */
const HASH_BITS = 20;

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) break;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** FNV-1a, folded. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash >>> (32 - HASH_BITS)) ^ (hash & (2 ** HASH_BITS - 1));
}

/** An array under way. */
interface Open extends Omit<LongArray, "end"> {
  readonly level: number;
  readonly ends: number[];
  readonly membersUpTo: number[];
}

/**
 * What a parser would have to build of a JSON text, by punctuation alone: of text that is not JSON the numbers mean nothing. Builds nothing itself, and
 * takes time linear in the bytes.
 */
export function survey(bytes: Uint8Array, { valuesMax, namesMax, longFrom, elementsMax }: SurveyBounds): Survey {
  const known = bytes.length > namesMax * MEMBER_BYTES_MIN ? new Uint8Array(2 ** HASH_BITS) : null;
  let [members, values, names, depth, level, start, end] = [0, 1, 0, 0, 0, 0, 0];
  let array: Open | null = null;
  let long: LongArray | null = null;
  let isTooLong = false;
  for (let at = 0; at < bytes.length && values <= valuesMax && !isTooLong; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      start = at;
      at = endOfString(bytes, at);
      end = at;
    } else if (byte === COLON) {
      members += 1;
      if (known) names += isNew(known, hashOf(bytes, start, end));
    } else if (byte === COMMA) {
      values += 1;
      if (array !== null && level === array.level) {
        note(array, at, members);
        // The element after this comma is one more.
        isTooLong = array.ends.length >= elementsMax;
      }
    } else if ((byte | BRACE_BIT) === OPENER) {
      values += 1;
      depth = Math.max(depth, ++level);
      if (byte === BRACKET && level <= 2 && array === null && long === null)
        array = { level, start: at, name: level === 1 ? null : { start, end: end + 1 }, ends: [], membersUpTo: [], membersBefore: members };
    } else if ((byte | BRACE_BIT) === CLOSER) {
      if (array !== null && level === array.level) {
        note(array, at, members);
        if (array.ends.length >= longFrom) long = { ...array, end: at };
        array = null;
      }
      level -= 1;
    }
  }
  return { members, values, names, depth, long, isTooLong };
}

function note({ ends, membersUpTo }: Open, at: number, members: number): void {
  ends.push(at);
  membersUpTo.push(members);
}

/** 1 where the hash was not known, which it is from now on; else 0. */
function isNew(known: Uint8Array, hash: number): number {
  const fresh = known[hash] === 0 ? 1 : 0;
  known[hash] = 1;
  return fresh;
}
