import type { Labels } from "../domain/labels.ts";
import { cutUtf8, utf8Length } from "../domain/utf8.ts";
import { wellFormed } from "../domain/well-formed.ts";

/** Most bytes of an alert's labels, names and values together; as much again of annotations. A request holds both. */
export const LABELS_BYTES_MAX = 64 * 1024;

// Not a valibot record: that drops members called `__proto__` or `constructor`, which are names like any other here.
function readTexts(value: unknown): [string, string][] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries: [string, unknown][] = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) return null;
  return entries.map(([name, text]) => [wellFormed(name), wellFormed(text)]);
}

/** Labels of an alert from outside, without empty ones, or why they cannot be used. */
export function readLabels(value: unknown): Labels | "labels-invalid" | "labels-too-large" {
  const entries = readTexts(value);
  if (!entries) return "labels-invalid";
  if (utf8Length(entries.flat().join("")) > LABELS_BYTES_MAX) return "labels-too-large";
  return Object.fromEntries(entries.filter(([, text]) => text !== ""));
}

/** Annotations from outside, absent as none; what exceeds LABELS_BYTES_MAX in their order is cut, as they only explain. */
export function readAnnotations(value: unknown): Labels | "annotations-invalid" {
  const entries = readTexts(value ?? {});
  if (!entries) return "annotations-invalid";
  let roomBytes = LABELS_BYTES_MAX;
  const kept: [string, string][] = [];
  for (const [name, text] of entries) {
    roomBytes -= utf8Length(name);
    if (roomBytes < 0) break;
    const cut = cutUtf8(text, roomBytes);
    roomBytes -= utf8Length(cut);
    kept.push([name, cut]);
  }
  return Object.fromEntries(kept);
}
