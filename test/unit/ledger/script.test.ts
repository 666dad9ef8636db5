import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../../../scripts/engine/words.ts";
import { engineProblems } from "../../../scripts/engine-bundle.ts";
import { COMMANDS } from "../../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../../src/ledger/engine/script.ts";

const NAME = 8;
const NUMBER = 16;

/** The words of a line, but for its names and numbers: variables have short names in a bundle, and constants are numbers. */
const skeleton = (line: string): string =>
  wordsOf(line)
    .map(({ type, raw }) => (type === NAME || type === NUMBER ? "_" : raw))
    .join(" ");

describe("the engine's scripts", () => {
  it("are what the Lua files make", () => {
    expect(engineProblems()).toEqual([]);
  });

  it.each(Object.keys(COMMANDS) as CommandName[])("name the place of every line of %s", (command) => {
    const { text, placeOf } = engineScript(command);
    const lines = text.split("\n");
    const sources = lines.map((_, index) => {
      const [file = "", line = ""] = placeOf(index + 1)?.split(":") ?? [];
      return readFileSync(`src/ledger/engine/${file}`, "utf8").split("\n")[Number(line) - 1] ?? "no such line";
    });
    expect(lines.map(skeleton)).toEqual(sources.map(skeleton));
    expect([placeOf(0), placeOf(lines.length + 1)]).toEqual([null, null]);
  });
});
