// The keys of one embedded Redis, their types and when they expire.
import { SortedSet } from "./sorted-set.ts";
import { CommandError } from "./values.ts";

export type Hash = Map<string, string>;
type Value = Hash | SortedSet | string;

/** Keys that are looked at for expiry at each call, so that what nobody asks for again is forgotten as well. */
const LOOKED_AT = 20;

/** Keys and values. Time stands still between two calls of `at`. */
export class Keyspace {
  readonly #values = new Map<string, Value>();
  readonly #expiries = new Map<string, number>();
  #nowMs = 0;
  #looking: Iterator<[string, number]> = this.#expiries.entries();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** From now on it is this time, Unix ms. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
    for (let looked = 0; looked < LOOKED_AT; looked++) {
      const { done, value } = this.#looking.next();
      if (done) {
        this.#looking = this.#expiries.entries();
        return;
      }
      this.#live(value[0]);
    }
  }

  /** Keys that are there, also those that have expired and were not met since. */
  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** The hash under a key; an empty one that is not kept where there is none. Throws where another type is. */
  hash(key: string): Hash {
    const value = this.#live(key) ?? new Map<string, string>();
    if (!(value instanceof Map)) throw wrongType();
    return value;
  }

  sortedSet(key: string): SortedSet {
    const value = this.#live(key) ?? new SortedSet();
    if (!(value instanceof SortedSet)) throw wrongType();
    return value;
  }

  text(key: string): string | null {
    const value = this.#live(key) ?? null;
    if (value !== null && typeof value !== "string") throw wrongType();
    return value;
  }

  /** Keeps a value under a key; one without content goes. The expiry stays. */
  keep(key: string, value: Value): void {
    if (typeof value !== "string" && value.size === 0) this.delete(key);
    else this.#values.set(key, value);
  }

  delete(key: string): boolean {
    const was = this.has(key);
    this.#values.delete(key);
    this.#expiries.delete(key);
    return was;
  }

  /** When a key expires; null: never. */
  expiry(key: string): number | null {
    return this.#expiries.get(key) ?? null;
  }

  /** null: never. A key that is to expire by now goes at once. */
  expire(key: string, atMs: number | null): void {
    if (atMs === null) this.#expiries.delete(key);
    else if (atMs <= this.#nowMs) this.delete(key);
    else this.#expiries.set(key, atMs);
  }

  clear(): void {
    this.#values.clear();
    this.#expiries.clear();
  }

  #live(key: string): Value | undefined {
    const expiry = this.#expiries.get(key);
    if (expiry !== undefined && expiry <= this.#nowMs) {
      this.#values.delete(key);
      this.#expiries.delete(key);
    }
    return this.#values.get(key);
  }
}

const wrongType = () => new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
