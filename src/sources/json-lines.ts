import { type JsonRefusal, parseJson } from "./json.ts";

export type ParsedLines =
  | { readonly ok: true; readonly value: readonly unknown[] }
  | { readonly ok: false; readonly reason: JsonRefusal | "alerts-too-many" };

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** Lines that are not blank, without what stands before their first character: no work is done for a body of blank lines. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    if ((bytes[start] as number) <= SPACE) {
      start += 1;
      continue;
    }
    const end = bytes.indexOf(LINE_FEED, start);
    yield bytes.subarray(start, end < 0 ? bytes.length : end);
    start = end < 0 ? bytes.length : end + 1;
  }
}

/**
 * Parses a body of JSON lines: the value of each line in turn, of an array each of its items. Blank lines are passed over. A line that parseJson
 * refuses costs no other: its text stands for it. Not ok: no line is JSON, or there are more than `linesMax`. Never throws.
 */
export function parseJsonLines(bytes: Uint8Array, linesMax: number): ParsedLines {
  const value: unknown[] = [];
  let lines = 0;
  let readable = false;
  let reason: JsonRefusal = "empty";
  for (const line of linesOf(bytes)) {
    lines += 1;
    if (lines > linesMax) return { ok: false, reason: "alerts-too-many" };
    const parsed = parseJson(line);
    if (parsed.ok) readable = true;
    else reason = parsed.reason;
    const told = parsed.ok ? parsed.value : new TextDecoder().decode(line);
    for (const item of Array.isArray(told) ? told : [told]) value.push(item);
  }
  return readable ? { ok: true, value } : { ok: false, reason };
}
