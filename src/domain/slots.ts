/** Counts by writer: a grow-only counter whose value is their sum. */
export type Slots = Readonly<Record<string, number>>;

/** What others than `slot` counted. */
export const sumBeside = (slots: Slots, slot: string): number =>
  Object.entries(slots).reduce((sum, [name, count]) => (name === slot ? sum : sum + count), 0);
