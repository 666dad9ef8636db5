// The package wasmoon-lua5.1 by its C functions only: its own conversions cut strings at NUL and alter half characters.

/** Of the package's Emscripten module what is used here. Pointers and Lua states are numbers. */
export interface LuaModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  addFunction(run: (state: number) => number, signature: "ii"): number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _luaL_newstate(): number;
  _luaL_openlibs(state: number): void;
  _luaL_loadbuffer(state: number, text: number, bytes: number, name: number): number;
  _luaL_ref(state: number, table: number): number;
  _lua_checkstack(state: number, slots: number): number;
  _lua_createtable(state: number, items: number, fields: number): void;
  _lua_error(state: number): number;
  _lua_gettop(state: number): number;
  _lua_objlen(state: number, at: number): number;
  _lua_pcall(state: number, args: number, results: number, handler: number): number;
  _lua_pushboolean(state: number, value: number): void;
  _lua_pushcclosure(state: number, run: number, upvalues: number): void;
  _lua_pushlstring(state: number, text: number, bytes: number): void;
  _lua_pushnil(state: number): void;
  _lua_pushnumber(state: number, value: number): void;
  _lua_rawget(state: number, at: number): void;
  _lua_rawgeti(state: number, at: number, index: number): void;
  _lua_rawset(state: number, at: number): void;
  _lua_rawseti(state: number, at: number, index: number): void;
  _lua_settop(state: number, top: number): void;
  _lua_toboolean(state: number, at: number): number;
  _lua_tolstring(state: number, at: number, bytes: number): number;
  _lua_tonumber(state: number, at: number): number;
  _lua_type(state: number, at: number): number;
}

/** Loads Lua. It takes some 15 ms, so once a process. */
export async function loadLua(): Promise<LuaModule> {
  // Loaded late, so that whoever has a Redis does not load it at all.
  const { LuaApi } = await import("wasmoon-lua5.1");
  return (await LuaApi.initialize()).module as unknown as LuaModule;
}

/** Lua's numbers for its types, and where its registry lies. */
export const TYPE = { boolean: 1, number: 3, string: 4, table: 5 } as const;
export const REGISTRY = -10_000;
