import { wellFormed } from "../domain/well-formed.ts";

/** A link from outside for people to follow, never for us to call; empty where there is none. */
export const readLink = (value: unknown): string => (typeof value === "string" ? wellFormed(value) : "");
