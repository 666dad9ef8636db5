import type { Subject } from "../../ports/ledger.ts";
import type { Keys } from "./keys.ts";

/** A group's id is as long as a fingerprint; a window's subject begins with it. */
const GROUP_DIGITS = 64;

export const isWindow = (subject: Subject): boolean => subject.length > GROUP_DIGITS;

/** `<group>.<window>` → the window's id. */
export const windowIdOf = (subject: Subject): string => subject.slice(GROUP_DIGITS + 1);

/** Where a subject's record lies: a window's in the record of its group. */
export const recordKey = (keys: Keys, subject: Subject): string =>
  isWindow(subject) ? keys.group(subject.slice(0, GROUP_DIGITS)) : keys.episode(subject);

/**
 * The groups that these are of, each once, with the two keys of each. A fingerprint looks like a group's id and would only be declared in vain:
 * facts and marks of fingerprints bring none.
 */
export function groupKeys(keys: Keys, subjects: readonly Subject[]): { readonly ids: string[]; readonly keys: string[] } {
  const ids = [...new Set(subjects.filter((subject) => subject !== "").map((subject) => subject.slice(0, GROUP_DIGITS)))];
  return { ids, keys: ids.flatMap((id) => [keys.group(id), keys.members(id)]) };
}
