import { saturate } from "./occurrences.ts";

/** Counts by writer: a grow-only counter whose value is their sum. */
export type Slots = Readonly<Record<string, number>>;

/** What all counted, as far as counts go. */
export const sumOf = (slots: Slots): number => saturate(Object.values(slots).reduce((sum, count) => sum + count, 0));

/** The same without what `slot` counted. */
export const sumBeside = (slots: Slots, slot: string): number => {
  const { [slot]: _, ...others } = slots;
  return sumOf(others);
};
