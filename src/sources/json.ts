/** Why bytes are not the JSON that the gateway takes. */
export type JsonRefusal = "empty" | "utf8-invalid" | "too-deep" | "values-too-many" | "json-invalid" | "duplicate-key";

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonRefusal };

/** Deepest nesting of arrays and objects. Alerts need 5, Kubernetes objects about 15; what works on a value may then recurse. */
export const JSON_DEPTH_MAX = 64;

/** Most values, arrays and objects included, of a body of any size: 50,000 alerts of 40. A value may take 56 bytes of memory, however short its text. */
export const JSON_VALUES_MAX = 2_000_000;

/** Most different names of members, about. An engine keeps each, and a new one takes it ten times the time and memory of one that it knows. */
export const JSON_NAMES_MAX = 100_000;

/** Bytes that a member takes at least: `"":0`. */
const MEMBER_BYTES_MIN = 4;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** `[` and `{`, `]` and `}` differ by this bit alone; no other character in JSON is one of them with it. */
const BRACE_BIT = 0x20;
const OPENER = 0x7b;
const CLOSER = 0x7d;

/** Names are told apart by a hash of this many bits. */
const HASH_BITS = 20;

interface Survey {
  readonly members: number;
  readonly values: number;
  readonly names: number;
  readonly depth: number;
}

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

/** 1 where the hash was not known, which it is from now on; else 0. */
function isNew(known: Uint8Array, hash: number): number {
  const fresh = known[hash] === 0 ? 1 : 0;
  known[hash] = 1;
  return fresh;
}

/**
 * What a parser would have to build, by punctuation alone: of text that is not JSON the numbers mean nothing, and an empty array or object counts
 * as two values. Builds nothing itself, and looks no further than valuesMax.
 */
function survey(bytes: Uint8Array, valuesMax: number): Survey {
  const known = bytes.length > JSON_NAMES_MAX * MEMBER_BYTES_MIN ? new Uint8Array(2 ** HASH_BITS) : null;
  let [members, values, names, depth, open, start, end] = [0, 1, 0, 0, 0, 0, 0];
  for (let at = 0; at < bytes.length && values <= valuesMax; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      start = at;
      at = endOfString(bytes, at);
      end = at;
    } else if (byte === COLON) {
      members += 1;
      if (known) names += isNew(known, hashOf(bytes, start, end));
    } else if (byte === COMMA) values += 1;
    else if ((byte | BRACE_BIT) === OPENER) {
      values += 1;
      depth = Math.max(depth, ++open);
    } else if ((byte | BRACE_BIT) === CLOSER) open -= 1;
  }
  return { members, values, names, depth };
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const child of value) count += countMembers(child);
    return count;
  }
  for (const child of Object.values(value)) count += 1 + countMembers(child);
  return count;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parse(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, reason: "json-invalid" };
  }
}

/**
 * Parses a body as JSON (RFC 8259) and refuses what parsers read differently: invalid UTF-8, a name that an object holds twice, nesting beyond
 * JSON_DEPTH_MAX. Refuses before anything is built what would take far more memory than its bytes: too many values, or different names. Never
 * throws; takes time linear in the bytes. A leading byte order mark is skipped.
 */
export function parseJson(bytes: Uint8Array, valuesMax: number = JSON_VALUES_MAX): ParsedJson {
  const { members, values, names, depth } = survey(bytes, valuesMax);
  // Before the parser proper: not every engine's copes with any depth.
  if (depth > JSON_DEPTH_MAX) return { ok: false, reason: "too-deep" };
  if (values > valuesMax || names > JSON_NAMES_MAX) return { ok: false, reason: "values-too-many" };
  const text = decode(bytes);
  if (text === null) return { ok: false, reason: "utf8-invalid" };
  if (text.trim() === "") return { ok: false, reason: "empty" };
  const parsed = parse(text);
  // Each member has one colon in the text, and a repeated name leaves one member fewer in the value.
  if (parsed.ok && countMembers(parsed.value) !== members) return { ok: false, reason: "duplicate-key" };
  return parsed;
}
