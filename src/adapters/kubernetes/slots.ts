import { saturate } from "../../domain/occurrences.ts";
import type { Slots } from "../../domain/slots.ts";
import type { StoredRequest } from "./stored-request.ts";

/** Most slots that count beside `earlier`. */
export const SLOTS_MAX = 16;

/** Most names in all, those of folded slots included: about 3 KiB. */
const NAMES_MAX = 64;

/** Holds the sum of folded slots. */
const EARLIER = "earlier";

/** Holds what a foreign creator wrote into `spec`. */
const SPEC = "spec";

/**
 * The slots of an object. Its creator counts once without having written it, as 1 is what an object without counts means;
 * of a foreign creator the number in `spec` stands.
 */
export function slotsOf({ intent, born, counted }: StoredRequest): Slots {
  const [name, count] = intent === null ? [SPEC, born.occurrences] : [intent, 1];
  return { [name]: count, ...counted.slots };
}

/** What `slot` holds; 0 where there is none. */
export const countIn = (slots: Slots, slot: string): number => (Object.hasOwn(slots, slot) ? (slots[slot] as number) : 0);

/** A slot emptied into `earlier`. Its name stays with 0, so that its writer, should it come back, is not counted a second time. */
export const isFolded = (slots: Slots, slot: string): boolean => slots[slot] === 0;

/**
 * `slots` with `slot` at `count` or at what it holds already. Beyond SLOTS_MAX the smallest other ones fold into `earlier`:
 * the API server keeps no order, and who counts still has mostly counted more than who stopped. A folded slot grows no more.
 */
export function raise(slots: Slots, slot: string, count: number, creator: string | null): Slots {
  if (isFolded(slots, slot)) return slots;
  const raised = { ...slots, [slot]: Math.max(countIn(slots, slot), count) };
  return forgetNames(fold(raised, slot), new Set([slot, creator ?? SPEC, EARLIER]));
}

/**
 * What `shown` lost of `known`, put back: a controller's full status update erases what it does not know. A folded slot stays folded;
 * where more has folded than is known, a missing name may be in `earlier` already and is left out.
 */
export function regain(known: Slots, shown: Slots): Slots {
  const foldedSince = countIn(shown, EARLIER) > countIn(known, EARLIER);
  const names = Object.keys(foldedSince ? shown : { ...known, ...shown });
  const value = (name: string) =>
    isFolded(known, name) || isFolded(shown, name) ? 0 : Math.max(countIn(known, name), countIn(shown, name));
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

function fold(slots: Slots, written: string): Slots {
  const counting = Object.entries(slots).filter(([name, count]) => name !== EARLIER && count > 0);
  const foldable = counting
    .filter(([name]) => name !== written)
    .sort(([leftName, left], [rightName, right]) => left - right || (leftName < rightName ? -1 : 1));
  const folded = foldable.slice(0, Math.max(0, counting.length - SLOTS_MAX));
  if (folded.length === 0) return slots;
  const earlier = saturate(folded.reduce((sum, [, count]) => sum + count, countIn(slots, EARLIER)));
  return { ...slots, ...Object.fromEntries(folded.map(([name]) => [name, 0])), [EARLIER]: earlier };
}

/** The creator's name never goes: without it the creator would count again. */
function forgetNames(slots: Slots, kept: ReadonlySet<string>): Slots {
  const surplus = Object.keys(slots).length - NAMES_MAX;
  if (surplus <= 0) return slots;
  const forgettable = Object.keys(slots).filter((name) => slots[name] === 0 && !kept.has(name));
  const forgotten = new Set(forgettable.sort().slice(0, surplus));
  return Object.fromEntries(Object.entries(slots).filter(([name]) => !forgotten.has(name)));
}
