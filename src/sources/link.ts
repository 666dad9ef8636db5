import { wellFormed } from "../domain/well-formed.ts";

/** Longer ones would fill the request; a URL that is cut leads nowhere. */
const LINK_CHARACTERS_MAX = 8192;

/** A link from outside for people to follow, never for us to call; empty where there is none or it is longer than 8,192 characters. */
export const readLink = (value: unknown): string =>
  typeof value === "string" && value.length <= LINK_CHARACTERS_MAX ? wellFormed(value) : "";
