/** Why bytes are not the JSON that the gateway takes. */
export type JsonRefusal = "empty" | "utf8-invalid" | "too-deep" | "json-invalid" | "duplicate-key";

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonRefusal };

/** Deepest nesting of arrays and objects. Alerts need 5, Kubernetes objects about 15; what works on a value may then recurse. */
export const JSON_DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPENERS: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSERS: ReadonlySet<number> = new Set([0x5d, 0x7d]);

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) break;
    at += unit === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** Members and deepest nesting by punctuation alone; of text that is not JSON the numbers mean nothing. */
function survey(text: string): { members: number; depth: number } {
  let members = 0;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === COLON) members += 1;
    else if (OPENERS.has(unit)) depth = Math.max(depth, ++open);
    else if (CLOSERS.has(unit)) open -= 1;
  }
  return { members, depth };
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) count += countMembers(child);
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
 * JSON_DEPTH_MAX. Never throws; takes time linear in the bytes. A leading byte order mark is skipped.
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const text = decode(bytes);
  if (text === null) return { ok: false, reason: "utf8-invalid" };
  if (text.trim() === "") return { ok: false, reason: "empty" };
  const { members, depth } = survey(text);
  // Before the parser proper: not every engine's copes with any depth.
  if (depth > JSON_DEPTH_MAX) return { ok: false, reason: "too-deep" };
  const parsed = parse(text);
  // Each member has one colon in the text, and a repeated name leaves one member fewer in the value.
  if (parsed.ok && countMembers(parsed.value) !== members) return { ok: false, reason: "duplicate-key" };
  return parsed;
}
