import { describe, expect, it } from "vitest";
import { shippedLines } from "../../../scripts/engine/shipped.ts";
import { bundled } from "../../../scripts/engine-bundle.ts";

const HEADER = "-- Does.\n-- KEYS  none\n-- ARGV  none\n-- Reply nothing\n";
const LIB = "-- For a test.\n";

/** What the bundler makes of one command and files of the library, each without its opening comment. */
function make(command: string, library: Record<string, string> = {}) {
  const files = Object.entries(library).map(([name, text]): [string, string] => [`lib/${name}.lua`, `${LIB}${text}\n`]);
  return bundled(new Map([["commands/a.lua", `${HEADER}${command}\n`], ...files]));
}

const include = (name: string) => `--- @include "lib/${name}.lua"\n`;
const textOf = ({ engine, problems }: ReturnType<typeof make>) => [engine?.commands[0]?.text, problems];

describe("the bundle of a command", () => {
  it("has each included file once, before what needs it, without comments and space", () => {
    const made = make(`${include("b")}${include("c")}return b() + c() -- both`, {
      b: `${include("c")}-- Why.\nlocal function b()\n  return c()\nend`,
      c: "local function c() return 1 end",
    });
    expect(textOf(made)).toEqual(["local function a()return 1 end\nlocal function b()\nreturn a()\nend\nreturn b()+a()", []]);
  });

  it("leaves out what it does not reach, and keeps what prepares a name that it reaches", () => {
    const library = {
      b: "local used, other = {}, {}\nlocal unused = {}\nfor i = 1, 3 do used[i] = i end\nfor i = 1, 3 do unused[i] = i end",
    };
    const { engine } = make(`${include("b")}return { #used, #other }`, library);
    expect(engine?.commands[0]?.text).toBe("local b,c={},{}\nfor a=1,3 do b[a]=a end\nreturn{#b,#c}");
  });

  it.each([
    ["a - -1", "a- -1"],
    ["a[ [=[b]=] ]", "a[ [=[b]=]]"],
    ["1 .. a", "1 ..a"],
    ["x1 .. '  -- b'", "x1..'  -- b'"],
    ["not a and b", "not a and b"],
  ])("keeps the space that %s needs", (text, shipped) => {
    expect(shippedLines(text)).toEqual([shipped]);
  });

  it("shortens variables alike in all files, and neither fields nor what is given", () => {
    const library = { b: "local function countOf(list) return { count = #list, redis = KEYS[1] } end" };
    expect(textOf(make(`${include("b")}local list = { 1 }\nreturn countOf(list).count`, library))).toEqual([
      "local function b(a)return{count=#a,redis=KEYS[1]}end\nlocal a={1}\nreturn b(a).count",
      [],
    ]);
  });

  it("has the numbers of ledger-limits.ts for their names, but not in strings", () => {
    expect(textOf(make("return { LOST_MAX, 'LOST_MAX' }"))).toEqual(["return{16,'LOST_MAX'}", []]);
  });
});

const locals = (count: number) => Array.from({ length: count }, (_, at) => `local a${at} = ${at}`).join("\n");
const sum = (count: number) => Array.from({ length: count }, (_, at) => `a${at}`).join(" + ");

describe("the bundler refuses", () => {
  it("a circle of includes, and reports the way round it", () => {
    const made = make(`${include("b")}return b`, { b: `${include("c")}local b = c`, c: `${include("b")}local c = b` });
    expect(made.problems).toEqual(["a circle of includes: commands/a.lua → lib/b.lua → lib/c.lua → lib/b.lua"]);
  });

  it.each<[string, string, Record<string, string>, string]>([
    ["a file that is not there", `${include("b")}return 1`, {}, "commands/a.lua: includes lib/b.lua, which is not there"],
    ["what is not Lua", "return (", {}, "commands/a.lua: [6:0] <expression> expected near '<eof>'"],
    ["what is not Lua 5.1", "goto out", {}, "commands/a.lua: [5:5] '=' expected near 'out'"],
    ["an unknown directive", "--- @import x\nreturn 1", {}, "commands/a.lua:5: no directive of the bundler: --- @import x"],
    ["a name that is not declared", "return missing", {}, "commands/a.lua:5: missing is not declared"],
    [
      "a name that is declared later",
      "local function b() return c() end\nlocal function c() return b() end\nreturn c()",
      {},
      "commands/a.lua:5: c is not declared",
    ],
    ["a new global", "b = 1\nreturn 1", {}, "commands/a.lua:5: b is a new global"],
    ["a function that would be global", "function b() return 1 end\nreturn 1", {}, "commands/a.lua:5: b is a new global"],
    ["a local that nobody reads", "local b = 1\nreturn 1", {}, "commands/a.lua:5: b is never read"],
    ["a parameter that nobody reads", "local function b(c) return 1 end\nreturn b(2)", {}, "commands/a.lua:5: c is never read"],
    ["an argument too few", "local function b(c, d) return c + d end\nreturn b(1)", {}, "commands/a.lua:6: b takes 2 arguments, not 1"],
    ["an argument too many", "local function b(c) return c end\nreturn b(1, 2)", {}, "commands/a.lua:6: b takes 1 arguments, not 2"],
    ["a name declared twice", "local b = 1\nlocal b = b\nreturn b", {}, "commands/a.lua:6: b is declared already, at commands/a.lua:5"],
    ["181 locals", `${locals(181)}\nreturn ${sum(181)}`, {}, "a: the bundle has 181 locals at a time, at most 180"],
    [
      "51 upvalues",
      `${locals(51)}\nreturn (function()\n  return ${sum(51).replaceAll(/(\+ a\d*0) /g, "$1\n    ")}\nend)()`,
      {},
      "commands/a.lua:56: a function has 51 upvalues, at most 50",
    ],
    ["what no command reaches", `${include("b")}return 1`, { b: "local b = 1" }, "lib/b.lua:2: no command reaches this"],
    [
      "a need that is not named",
      `local c = 1\n${include("b")}return b()`,
      { b: "local function b() return c end" },
      "lib/b.lua:2: c comes from no included file and is not under @uses",
    ],
    [
      "a need that is none",
      `local c = 1\n${include("b")}return b + c`,
      { b: "--- @uses c\nlocal b = 1" },
      "lib/b.lua: @uses c and does not",
    ],
    ["a string in long brackets", "return [[a]]", {}, "commands/a.lua:5: a string in long brackets"],
    ["more than 40 KB", `return { ${`'${"x".repeat(120)}',\n  `.repeat(350)}}`, {}, "a: its bundle has 43408 bytes, at most 40960"],
  ])("%s", (_, command, library, problem) => {
    expect(make(command, library).problems).toContain(problem);
  });

  it("a command whose opening leaves something out", () => {
    const opening = (text: string) => bundled(new Map([["commands/a.lua", `${text}return 1\n`]])).problems;
    expect(opening(HEADER)).toEqual([]);
    for (const line of HEADER.trim().split("\n")) expect(opening(HEADER.replace(`${line}\n`, ""))).toHaveLength(1);
  });

  it("no call whose last argument may be several", () => {
    expect(make("local function b(c, d) return c + d end\nreturn b(unpack({ 1, 2 }))").problems).toEqual([]);
  });
});

describe("the layout of Lua is refused for", () => {
  it.each([
    ["a wrong indentation", "if ARGV[1] then\n   return 1\nend", 6],
    ["an end that is not below its beginning", "if ARGV[1] then\n  return 1\n  end", 7],
    ["a tab", "return\t1", 5],
    ["a space at the end", "return 1 ", 5],
    ["double quotes", 'return "a"', 5],
    ["two empty lines", "local b = 1\n\n\nreturn b", 6],
    ["a line of 141 characters", `return '${"x".repeat(132)}'`, 5],
    ["a function of 61 lines", `return (function()\n${"  redis.call('A')\n".repeat(59)}end)()`, 5],
  ])("%s", (_, command, line) => {
    expect(make(command).problems).toEqual([expect.stringMatching(new RegExp(`^commands/a\\.lua:${line}: `))]);
  });

  it.each([
    ["a function of 60 lines", `return (function()\n${"  redis.call('A')\n".repeat(58)}end)()`],
    ["a table over several lines", "return {\n  1,\n  2,\n}"],
    ["a chain", "if ARGV[1] then return 1\nelseif ARGV[2] then return 2\nelse return 3 end"],
  ])("not for %s", (_, command) => {
    expect(make(command).problems).toEqual([]);
  });
});
