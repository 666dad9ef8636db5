// Members with scores, in the order of score and, where that is the same, of bytes.

interface Entry {
  readonly member: string;
  readonly score: number;
}

/** A block is split when it is twice as long: few enough to move at an insertion, and a hundred thousand members are 400 blocks. */
const BLOCK = 256;

/** Redis' sorted set. Members are binary strings, so JavaScript's order is that of their bytes. */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  /** No block is empty. */
  readonly #blocks: Entry[][] = [];

  get size(): number {
    return this.#scores.size;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  /** Adds a member, or moves it to its new score. */
  set(member: string, score: number): void {
    this.delete(member);
    this.#scores.set(member, score);
    const entry = { member, score };
    const isBefore = (other: Entry) => compare(other, entry) < 0;
    const at = Math.max(0, firstFalse(this.#blocks, (block) => isBefore(block[0] as Entry)) - 1);
    const block = this.#blocks[at];
    if (!block) {
      this.#blocks.push([entry]);
      return;
    }
    block.splice(firstFalse(block, isBefore), 0, entry);
    if (block.length >= 2 * BLOCK) this.#blocks.splice(at + 1, 0, block.splice(BLOCK));
  }

  /** Whether the member was there. */
  delete(member: string): boolean {
    const score = this.#scores.get(member);
    if (score === undefined) return false;
    this.#scores.delete(member);
    const entry = { member, score };
    const at = firstFalse(this.#blocks, (block) => compare(block[0] as Entry, entry) <= 0) - 1;
    const block = this.#blocks[at] as Entry[];
    block.splice(
      firstFalse(block, (other) => compare(other, entry) < 0),
      1,
    );
    if (block.length === 0) this.#blocks.splice(at, 1);
    return true;
  }

  /** How many entries come before the first one that is not `before`; `before` holds for a beginning of the set. */
  rank(before: (entry: Entry) => boolean): number {
    const at = firstFalse(this.#blocks, (block) => before(block.at(-1) as Entry));
    let rank = 0;
    for (const block of this.#blocks.slice(0, at)) rank += block.length;
    return rank + firstFalse(this.#blocks[at] ?? [], before);
  }

  /** The entries from one rank up to another, which is left out. */
  slice(from: number, to: number): Entry[] {
    const found: Entry[] = [];
    let start = 0;
    for (const block of this.#blocks) {
      if (start >= to) break;
      if (start + block.length > from) found.push(...block.slice(Math.max(0, from - start), to - start));
      start += block.length;
    }
    return found;
  }
}

function compare(one: Entry, other: Entry): number {
  if (one.score !== other.score) return one.score < other.score ? -1 : 1;
  if (one.member === other.member) return 0;
  return one.member < other.member ? -1 : 1;
}

/** The index of the first item for which `holds` is false; it is true for a beginning of the list. */
function firstFalse<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
