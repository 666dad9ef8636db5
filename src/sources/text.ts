import { canonicalJson } from "../domain/canonical-json.ts";
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

/** A whole number of at least `min` from outside, also as text; null: it is none. */
export function readCount(value: unknown, min: number): number | null {
  const count = typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= min ? count : null;
}
