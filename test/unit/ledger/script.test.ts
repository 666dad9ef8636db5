import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { constants, engineProblems } from "../../../scripts/engine-bundle.ts";
import { COMMANDS } from "../../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../../src/ledger/engine/script.ts";

/** A line of a Lua file as a bundle has it: without comment and indentation, constants as numbers. */
const shipped = (line: string): string =>
  line
    .replace(/(^|\s)--.*$/, "$1")
    .replace(/\b[A-Z][A-Z_]+\b/g, (name) => String(constants.get(name) ?? name))
    .trim();

describe("the engine's scripts", () => {
  it("are what the Lua files make", () => {
    expect(engineProblems()).toEqual([]);
  });

  it.each(Object.keys(COMMANDS) as CommandName[])("name the place of every line of %s", (command) => {
    const { text, placeOf } = engineScript(command);
    const lines = text.split("\n");
    const sources = lines.map((_, index) => {
      const [file = "", line = ""] = placeOf(index + 1)?.split(":") ?? [];
      return shipped(readFileSync(`src/ledger/engine/${file}`, "utf8").split("\n")[Number(line) - 1] ?? "no such line");
    });
    expect(lines).toEqual(sources);
    expect([placeOf(0), placeOf(lines.length + 1)]).toEqual([null, null]);
  });
});
