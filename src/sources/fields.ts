/** A JSON object from outside. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for an object that is no array. */
export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
