import type { JsonRefusal } from "./json.ts";

/** A piece of JSON that turned out not to be such when it was read. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
  readonly reason: JsonRefusal;

  constructor(reason: JsonRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/** Members of all objects in it. */
function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const child of value) count += countMembers(child);
    return count;
  }
  for (const child of Object.values(value)) count += 1 + countMembers(child);
  return count;
}

/** A text with so many colons outside of strings, as a value. Throws `JsonFault`. */
export function parseText(text: string, members: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonFault("json-invalid");
  }
  // Each member has one colon in the text, and a repeated name leaves one member fewer in the value.
  if (countMembers(value) !== members) throw new JsonFault("duplicate-key");
  return value;
}

// A mark of byte order may stand at the beginning of a body only.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An element of a long array, as it came: built each time that it is asked for, so that all together are never in memory but as bytes. */
export class JsonPiece {
  readonly #bytes: Uint8Array;
  readonly #members: number;
  readonly #held: (value: unknown) => unknown;

  /** `members`: how many colons it has outside of strings. */
  constructor(bytes: Uint8Array, members: number, held: (value: unknown) => unknown = (value) => value) {
    this.#bytes = bytes;
    this.#members = members;
    this.#held = held;
  }

  /** The same piece, of whose value only what it holds is wanted. */
  holding(held: (value: unknown) => unknown): JsonPiece {
    return new JsonPiece(this.#bytes, this.#members, held);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** Throws `JsonFault`. */
  text(): string {
    try {
      return decoder.decode(this.#bytes);
    } catch {
      throw new JsonFault("utf8-invalid");
    }
  }

  /** Throws `JsonFault`. */
  value(): unknown {
    return this.#held(parseText(this.text(), this.#members));
  }
}

/** An element of an array as a value, whether or not the array was long. Throws `JsonFault`. */
export const plain = (item: unknown): unknown => (item instanceof JsonPiece ? item.value() : item);
