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

/** The two keys of each group, each once. Empty: none. */
export function groupKeys(keys: Keys, groups: readonly string[]): { readonly ids: string[]; readonly keys: string[] } {
  const ids = [...new Set(groups)].filter((id) => id !== "");
  return { ids, keys: ids.flatMap((id) => [keys.group(id), keys.members(id)]) };
}

/** The groups of the windows among these. */
export const groupsOf = (subjects: readonly Subject[]): string[] =>
  subjects.filter(isWindow).map((subject) => subject.slice(0, GROUP_DIGITS));
