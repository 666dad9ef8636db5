import { canonicalJson } from "../domain/canonical-json.ts";
import { saturate } from "../domain/occurrences.ts";
import { wellFormed } from "../domain/well-formed.ts";

/**
 * Any JSON value from outside as a text: numbers and booleans as JSON writes them, objects and arrays as canonical JSON, null and absent as none
 * (empty). So `8080` and `"8080"` are the same.
 */
export function readText(value: unknown): string {
  if (typeof value === "string") return wellFormed(value);
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

/** A text that names something: as readText, but an object or array names nothing (empty). */
export const readName = (value: unknown): string => (typeof value === "object" ? "" : readText(value));

/** A whole number of at least `min` from outside, also as text, as far as counts go: JSON may hold one of any size. Null: it is none. */
export function readCount(value: unknown, min: number): number | null {
  const count = typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof count !== "number" || count < min) return null;
  return Number.isInteger(count) || count === Number.POSITIVE_INFINITY ? saturate(count) : null;
}
