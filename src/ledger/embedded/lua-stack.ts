// Values between JavaScript and Lua's stack. Strings are binary: every byte comes through as it is.
import { binaryOf, writeBinary } from "./bytes.ts";
import { CommandError, type Reply, Status } from "./values.ts";
import { type LuaModule, TYPE } from "./wasm.ts";

/** No reply of the engine is nested deeper. */
const DEPTH_MAX = 16;

/** How many strings are kept for reading again, and how long they may be. */
const KNOWN_STRINGS = 4_096;
const KNOWN_BYTES_MAX = 128;

const INT64_MIN = -(2 ** 63);

/** Reads and writes the stack of one Lua state. */
export class LuaStack {
  readonly #lua: LuaModule;
  readonly #state: number;
  readonly #length: number;
  readonly #known: (string | undefined)[] = new Array(KNOWN_STRINGS);
  #buffer = 0;
  #bufferBytes = 0;

  constructor(lua: LuaModule, state: number) {
    this.#lua = lua;
    this.#state = state;
    this.#length = lua.malloc(4);
  }

  /** A copy of a string in Lua's memory, good until the next call. */
  written(binary: string): number {
    if (binary.length + 1 > this.#bufferBytes) {
      if (this.#buffer) this.#lua.free(this.#buffer);
      this.#bufferBytes = 2 * (binary.length + 1);
      this.#buffer = this.#lua.malloc(this.#bufferBytes);
    }
    const bytes = this.#lua.bytes();
    writeBinary(binary, bytes, this.#buffer);
    bytes[this.#buffer + binary.length] = 0;
    return this.#buffer;
  }

  pushString(binary: string): void {
    this.#lua.lua_pushlstring(this.#state, this.written(binary), binary.length);
  }

  /** A list of strings as a table from 1 on. */
  pushStrings(binaries: readonly string[]): void {
    this.#lua.lua_createtable(this.#state, binaries.length, 0);
    for (const [index, binary] of binaries.entries()) {
      this.pushString(binary);
      this.#lua.lua_rawseti(this.#state, -2, index + 1);
    }
  }

  /** A command's reply as a script sees it: what is missing is `false`. */
  pushReply(reply: Reply): void {
    if (typeof reply === "string") this.pushString(reply);
    else if (typeof reply === "number") this.#lua.lua_pushnumber(this.#state, reply);
    else if (reply === null) this.#lua.lua_pushboolean(this.#state, 0);
    else if (reply instanceof Status) this.#pushNamed("ok", reply.text);
    else if (reply instanceof CommandError) this.#pushNamed("err", reply.message);
    else {
      this.#lua.lua_createtable(this.#state, reply.length, 0);
      for (const [index, item] of reply.entries()) {
        this.pushReply(item);
        this.#lua.lua_rawseti(this.#state, -2, index + 1);
      }
    }
  }

  #pushNamed(name: string, text: string): void {
    this.#lua.lua_createtable(this.#state, 0, 1);
    this.pushString(name);
    this.pushString(text);
    this.#lua.lua_rawset(this.#state, -3);
  }

  /** The string or number at a place of the stack, as the string that it is or becomes; null: it is neither. A number of the stack becomes a string there. */
  string(at: number): string | null {
    const from = this.#lua.lua_tolstring(this.#state, at, this.#length);
    if (from === 0) return null;
    return this.#read(from, lengthAt(this.#lua.bytes(), this.#length));
  }

  /** Scripts pass the same names and keys again and again, from the same addresses in Lua's memory. */
  #read(from: number, bytes: number): string {
    const heap = this.#lua.bytes();
    if (bytes > KNOWN_BYTES_MAX) return binaryOf(heap, from, from + bytes);
    const slot = (from >> 3) % KNOWN_STRINGS;
    const known = this.#known[slot];
    if (known !== undefined && isAt(heap, from, bytes, known)) return known;
    const binary = binaryOf(heap, from, from + bytes);
    this.#known[slot] = binary;
    return binary;
  }

  /** A field of the table at a place of the stack, where it is a string; else null. */
  field(at: number, name: string): string | null {
    this.pushString(name);
    this.#lua.lua_rawget(this.#state, at < 0 ? at - 1 : at);
    const value = this.string(-1);
    this.#drop();
    return value;
  }

  /** What a script returned, as Redis replies it: numbers are cut to integers, arrays end at nil, `false` is nothing. */
  reply(at: number, depth = 0): Reply {
    switch (this.#lua.lua_type(this.#state, at)) {
      case TYPE.string:
        return this.string(at);
      case TYPE.number:
        return integer(this.#lua.lua_tonumber(this.#state, at));
      case TYPE.boolean:
        return this.#lua.lua_toboolean(this.#state, at) ? 1 : null;
      case TYPE.table:
        return this.#table(at, depth);
      default:
        return null;
    }
  }

  #table(at: number, depth: number): Reply {
    if (depth === DEPTH_MAX || !this.#lua.lua_checkstack(this.#state, 4)) return new CommandError("ERR reached lua stack limit");
    const error = this.field(at, "err");
    if (error !== null) return new CommandError(error);
    const status = this.field(at, "ok");
    if (status !== null) return new Status(status);
    const items: Reply[] = [];
    for (let index = 1; ; index++) {
      this.#lua.lua_rawgeti(this.#state, at, index);
      const isEnd = this.#lua.lua_type(this.#state, -1) === 0;
      if (!isEnd) items.push(this.reply(this.#lua.lua_gettop(this.#state), depth + 1));
      this.#drop();
      if (isEnd) return items;
    }
  }

  #drop(): void {
    this.#lua.lua_settop(this.#state, -2);
  }
}

/** A size_t of Lua's, four bytes with the least first. */
const lengthAt = (heap: Uint8Array, at: number): number =>
  ((heap[at] as number) | ((heap[at + 1] as number) << 8) | ((heap[at + 2] as number) << 16) | ((heap[at + 3] as number) << 24)) >>> 0;

function isAt(heap: Uint8Array, from: number, bytes: number, binary: string): boolean {
  if (binary.length !== bytes) return false;
  for (let at = 0; at < bytes; at++) if (heap[from + at] !== binary.charCodeAt(at)) return false;
  return true;
}

const integer = (value: number): number => (Number.isFinite(value) ? Math.trunc(value) + 0 : INT64_MIN);
