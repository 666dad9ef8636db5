/** Any JSON value. Never changed in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for an object that is no list. */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** True for a list. */
export const isJsonArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The object with one field set. Unlike an assignment, the key `__proto__` is a field like any other. */
export const withField = (object: JsonObject, key: string, value: Json): JsonObject =>
  Object.fromEntries([...Object.entries(object).filter(([name]) => name !== key), [key, value]]);

/** The object without one field, which need not be there. */
export const withoutField = (object: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** An own field: never what every object inherits. */
export const fieldOf = (object: JsonObject, key: string): Json | undefined => (Object.hasOwn(object, key) ? object[key] : undefined);
