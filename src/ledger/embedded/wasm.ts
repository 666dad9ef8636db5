// Lua 5.1 as the package wasmoon-lua5.1 has compiled it, by its C functions. The package's own JavaScript cuts strings at NUL, alters half
// characters, and checks each call anew, so only its WebAssembly is used. Lua gets neither files nor a clock.

/** The C functions of Lua that are used here. Pointers, strings and Lua states are addresses in its memory. */
export interface LuaExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  stackSave(): number;
  stackRestore(pointer: number): void;
  setThrew(threw: number, value: number): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  luaL_newstate(): number;
  luaL_openlibs(state: number): void;
  luaL_loadbuffer(state: number, text: number, bytes: number, name: number): number;
  luaL_ref(state: number, table: number): number;
  lua_checkstack(state: number, slots: number): number;
  lua_createtable(state: number, items: number, fields: number): void;
  lua_error(state: number): number;
  lua_gettop(state: number): number;
  lua_pcall(state: number, args: number, results: number, handler: number): number;
  lua_pushboolean(state: number, value: number): void;
  lua_pushcclosure(state: number, run: number, upvalues: number): void;
  lua_pushlstring(state: number, text: number, bytes: number): void;
  lua_pushnumber(state: number, value: number): void;
  lua_rawget(state: number, at: number): void;
  lua_rawgeti(state: number, at: number, index: number): void;
  lua_rawset(state: number, at: number): void;
  lua_rawseti(state: number, at: number, index: number): void;
  lua_settop(state: number, top: number): void;
  lua_toboolean(state: number, at: number): number;
  lua_tolstring(state: number, at: number, bytes: number): number;
  lua_tonumber(state: number, at: number): number;
  lua_type(state: number, at: number): number;
}

/** Lua's C functions, and what JavaScript adds to them. */
export interface LuaModule extends LuaExports {
  /** Lua's memory. It moves when it grows, so ask again after each call of Lua. */
  bytes(): Uint8Array;
  /** Makes a C function from a JavaScript one, which gets the Lua state and returns how many results it left on the stack. */
  addFunction(run: (state: number) => number): number;
}

/** Lua's numbers for its types, and where its registry lies. */
export const TYPE = { boolean: 1, number: 3, string: 4, table: 5 } as const;
export const REGISTRY = -10_000;

/** What C's longjmp throws, with which Lua leaves the frames of an error. */
const LONGJMP = Symbol("longjmp");

const PAGE_BYTES = 65_536;

/** Starts Lua from the package's WebAssembly. This takes some milliseconds, so a process does it once. */
export async function startLua(wasm: Uint8Array<ArrayBuffer>): Promise<LuaModule> {
  const compiled = await WebAssembly.compile(wasm);
  let lua: LuaExports | undefined;
  const started = (): LuaExports => lua as LuaExports;
  const instance = await WebAssembly.instantiate(compiled, importsOf(compiled, surroundings(started)));
  lua = instance.exports as unknown as LuaExports;
  lua.emscripten_stack_init();
  lua.__wasm_call_ctors();
  let view = new Uint8Array(lua.memory.buffer);
  return {
    ...lua,
    bytes() {
      if (view.buffer !== started().memory.buffer) view = new Uint8Array(started().memory.buffer);
      return view;
    },
    addFunction(run) {
      const table = started().__indirect_function_table;
      const at = table.grow(1);
      table.set(at, callable(run));
      return at;
    },
  };
}

/** A function for C; what it returns where C expects nothing is ignored. */
type Import = (...args: number[]) => unknown;

/** The functions that Emscripten's C library calls when Lua runs here. */
function surroundings(lua: () => LuaExports): Readonly<Record<string, Import>> {
  const view = () => new DataView(lua().memory.buffer);
  return {
    // Calls a function that may end by longjmp, as lua_pcall does.
    invoke_vii(run = 0, first = 0, second = 0) {
      const stack = lua().stackSave();
      try {
        lua().__indirect_function_table.get(run)(first, second);
      } catch (error) {
        lua().stackRestore(stack);
        if (error !== LONGJMP) throw error;
        lua().setThrew(1, 0);
      }
    },
    _emscripten_throw_longjmp() {
      throw LONGJMP;
    },
    emscripten_memcpy_js(to = 0, from = 0, bytes = 0) {
      new Uint8Array(lua().memory.buffer).copyWithin(to, from, from + bytes);
    },
    emscripten_resize_heap(bytes = 0) {
      const { memory } = lua();
      // More than is needed now, because each growth copies the whole memory.
      const wanted = Math.max(bytes >>> 0, 1.2 * memory.buffer.byteLength);
      try {
        memory.grow(Math.ceil((wanted - memory.buffer.byteLength) / PAGE_BYTES));
        return 1;
      } catch {
        return 0;
      }
    },
    environ_sizes_get(count = 0, bytes = 0) {
      view().setUint32(count, 0, true);
      view().setUint32(bytes, 0, true);
      return 0;
    },
    environ_get: () => 0,
  };
}

/** All imports of the module. One that is not given throws when Lua calls it. */
function importsOf(module: WebAssembly.Module, given: Readonly<Record<string, Import>>): WebAssembly.Imports {
  const imports: Record<string, Record<string, Import>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] =
      given[name] ??
      (() => {
        throw new Error(`Lua asks for ${name}, which it does not get here`);
      });
  }
  return imports;
}

/**
 * A module that hands on its one import, a function of an i32 to an i32, as an export: only functions of WebAssembly may stand in its tables.
 * Magic and version; types (i32) → i32; the import `e.f`; the export `f`.
 */
const HANDING_ON = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
]);

const callable = (run: (state: number) => number): unknown =>
  new WebAssembly.Instance(new WebAssembly.Module(HANDING_ON), { e: { f: run } }).exports.f;
