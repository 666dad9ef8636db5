import { describe, expect, it } from "vitest";
import { boundsInTheEngine, limitsInTheEngine, reasonsInTheEngine, statesInTheEngine } from "./deciding.ts";
import { directions, packages, platform, type Rule } from "./rules.ts";
import { docstrings, fileLengths } from "./shape.ts";
import { readLuaFiles, readSources } from "./source-file.ts";

const files = [...readSources("src"), ...readSources("scripts"), ...readSources("test")];

const lua = readLuaFiles("src");

const promises: readonly (readonly [promise: string, rule: Rule])[] = [
  ["imports only inwards", directions],
  ["knows runtime, environment and clock only where a process starts", platform],
  ["imports a library only at its home", packages],
  ["leaves bounds to the engine", boundsInTheEngine],
  ["leaves the ledger's limits to the engine", limitsInTheEngine],
  ["leaves reasons to the engine", reasonsInTheEngine(lua)],
  ["leaves states to the engine", statesInTheEngine(lua)],
  ["keeps its files short", fileLengths],
  ["documents what src exports", docstrings],
];

describe("the project's code", () => {
  it.each(promises)("%s", (_, rule) => {
    expect(rule(files)).toEqual([]);
  });

  it("keeps its Lua files short; its Lua functions the bundler keeps short", () => {
    expect(lua.length).toBeGreaterThan(20);
    expect(fileLengths(lua)).toEqual([]);
  });
});
