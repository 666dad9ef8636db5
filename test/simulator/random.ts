/** From 0 to below 1, by the seed and the words alone: what is drawn for one thing does not move when another goes away. */
export function drawn(seed: number, words: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let at = 0; at < words.length; at++) hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Draws one after the other. */
export class Draws {
  readonly #seed: number;
  readonly #words: string;
  #count = 0;

  constructor(seed: number, words: string) {
    this.#seed = seed;
    this.#words = words;
  }

  next = (): number => drawn(this.#seed, `${this.#words}#${this.#count++}`);

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  from<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}
