import { expect, it } from "vitest";
import { chosen, sampleOf } from "../../../scripts/mutants/choose.ts";
import { mutantsOf } from "../../../scripts/mutants/mutate.ts";

const linesAfter = (text: string): string[] => mutantsOf("lib/a.lua", text).map(({ kind, after }) => `${kind}: ${after}`);

it.each([
  ["if a < 1 then b() end", "swap-comparison: if a <= 1 then b() end"],
  ["if (a.at) >= b then b() end", "swap-comparison: if (a.at) > b then b() end"],
  ["return a and b", "drop-side: return a"],
  ["return a and b", "drop-side: return b"],
  ["return not a", "drop-not: return a"],
  ["if a then b() end", "negate: if not (a) then b() end"],
  ["return a + 1", "next-number: return a + 2"],
  ["return a + 1", "swap-sign: return a - 1"],
  ["return true", "swap-boolean: return false"],
  ["return a == 'live'", "wrong-word: return a == 'live_'"],
  ["return a.count", "wrong-field: return a.count_"],
  ["return math.min(a, b)", "swap-bound: return math.max(a, b)"],
  ["if a then redis.call('ZREM', b) end", "drop-statement: if a then  end"],
  ["a.state = 'live'", "drop-statement: "],
])("of %j one mutant is %j", (text, mutant) => {
  expect(linesAfter(text)).toContain(mutant);
});

it("a mutant is the file with one line changed", () => {
  const [mutant] = mutantsOf("lib/a.lua", "local a = 1\nreturn a == 2\n").filter(({ kind }) => kind === "swap-comparison");
  expect(mutant).toMatchObject({ line: 2, before: "return a == 2", after: "return a ~= 2", text: "local a = 1\nreturn a ~= 2\n" });
});

it("a seed chooses the same mutants again, of every file, and leaves out what cannot be used", () => {
  const files = new Map(["a", "b", "c"].map((name) => [`lib/${name}.lua`, "x.a = y + 1\n".repeat(30)]));
  const choose = () => chosen(files, 7, mutantsOf, ({ kind }) => kind !== "swap-sign");
  expect(choose()).toEqual(choose());
  expect(choose().map(({ path }) => path)).toEqual(["a", "a", "b", "b", "c", "c"].map((name) => `lib/${name}.lua`));
  expect(choose().filter(({ kind }) => kind === "swap-sign")).toEqual([]);
});

it("samples of following days take in everything that can be used", () => {
  const items = Array.from({ length: 101 }, (_, at) => at);
  const all = () => true;
  const days = Array.from({ length: 11 }, (_, day) => sampleOf(items, 10, day, all));
  expect(days.every((sample) => new Set(sample).size === 10)).toBe(true);
  expect(new Set(days.flat()).size).toBe(101);
  expect(sampleOf(items, 200, 0, all)).toEqual(items);
  const isEven = (item: number) => item % 2 === 0;
  const even = Array.from({ length: 11 }, (_, day) => sampleOf(items, 10, day, isEven));
  expect(even.every((sample) => new Set(sample).size === 10 && sample.every(isEven))).toBe(true);
  expect(new Set(even.flat()).size).toBe(51);
});
