// The keys of one embedded Redis, their types and when they expire.
import { SortedSet } from "./sorted-set.ts";
import { CommandError } from "./values.ts";

export type Hash = Map<string, string>;
type Value = Hash | SortedSet | string;

/** How many keys are checked for expiry at each call, so that keys which are never asked for again are deleted too. */
const LOOKED_AT = 20;

/** How many keys there may be, and which of those that expire may go sooner to keep it so. */
export interface KeyLimit {
  readonly keysMax: number;
  /** `lifeMs`: how long the key would still live. */
  isSpare(key: string, lifeMs: number): boolean;
}

/** Some go at once, so that looking for them is rare. */
const SPARED_TO = 0.95;

/** Keys and values. Time stands still between two calls of `at`. */
export class Keyspace {
  readonly #values = new Map<string, Value>();
  readonly #expiries = new Map<string, number>();
  #nowMs = 0;
  readonly #limit: KeyLimit | null;
  #looking: Iterator<[string, number]> = this.#expiries.entries();

  constructor(limit: KeyLimit | null = null) {
    this.#limit = limit;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** From now on it is this time, Unix ms. Where there are too many keys, spare ones go, those first whose expiry was set longest ago. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.isOver()) this.#spare();
    for (let looked = 0; looked < LOOKED_AT; looked++) {
      const { done, value } = this.#looking.next();
      if (done) {
        this.#looking = this.#expiries.entries();
        return;
      }
      this.#live(value[0]);
    }
  }

  /** Number of keys, including expired ones that were not checked yet. */
  get size(): number {
    return this.#values.size;
  }

  /** Whether there are more keys than there may be. */
  isOver(): boolean {
    return this.#limit !== null && this.#values.size > this.#limit.keysMax;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** The hash under a key. If there is none, an empty one that is not kept. Throws if the key holds another type. */
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

  /** Keeps a value under a key, and deletes the key if the value is empty. Its expiry stays. */
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

  /** null: never. A time that is not in the future deletes the key. */
  expire(key: string, atMs: number | null): void {
    if (atMs === null) this.#expiries.delete(key);
    else if (atMs <= this.#nowMs) this.delete(key);
    else {
      this.#expiries.delete(key);
      this.#expiries.set(key, atMs);
    }
  }

  clear(): void {
    this.#values.clear();
    this.#expiries.clear();
  }

  #spare(): void {
    const { keysMax, isSpare } = this.#limit as KeyLimit;
    for (const [key, atMs] of this.#expiries) {
      if (this.#values.size <= keysMax * SPARED_TO) return;
      if (isSpare(key, atMs - this.#nowMs)) this.delete(key);
    }
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
