import type { Labels } from "../domain/labels.ts";
import { cutUtf8, utf8Length } from "../domain/utf8.ts";
import { wellFormed } from "../domain/well-formed.ts";
import { isFields } from "./fields.ts";
import { readText } from "./text.ts";

/** Most bytes of an alert's labels, names and values together; as much again of annotations. A request holds both. */
export const LABELS_BYTES_MAX = 64 * 1024;

// Not a valibot record: that drops members called `__proto__` or `constructor`, which are names like any other here.
function readTexts(value: unknown): [string, string][] | null {
  if (!isFields(value)) return null;
  const told = Object.entries(value).filter(([, text]) => text !== null);
  return told.map(([name, text]) => [wellFormed(name), readText(text)]);
}

/** Labels of an alert from outside, values of other types as text and without empty ones, or why they cannot be used. */
export function readLabels(value: unknown): Labels | "labels-invalid" | "labels-too-large" {
  const entries = readTexts(value);
  if (!entries) return "labels-invalid";
  if (utf8Length(entries.flat().join("")) > LABELS_BYTES_MAX) return "labels-too-large";
  return Object.fromEntries(entries.filter(([, text]) => text !== ""));
}

/**
 * Annotations from outside, values of other types as text. They only explain: what is no object of them is none, null tells nothing, and what
 * exceeds LABELS_BYTES_MAX in their order is cut.
 */
export function readAnnotations(value: unknown): Labels {
  let roomBytes = LABELS_BYTES_MAX;
  const kept: [string, string][] = [];
  for (const [name, text] of readTexts(value) ?? []) {
    roomBytes -= utf8Length(name);
    if (roomBytes < 0) break;
    const cut = cutUtf8(text, roomBytes);
    roomBytes -= utf8Length(cut);
    kept.push([name, cut]);
  }
  return Object.fromEntries(kept);
}
