import type { EngineScript } from "../../src/ledger/engine/script.ts";

/** A script of a test's own, whose lines come from no file. */
export const luaScript = (text: string): EngineScript => ({ text, placeOf: () => null });
