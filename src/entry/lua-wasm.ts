import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** Lua 5.1 in WebAssembly, as the package wasmoon-lua5.1 has it. */
export const readLuaWasm = async (): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(createRequire(import.meta.url).resolve("wasmoon-lua5.1/dist/liblua5.1.wasm")));
