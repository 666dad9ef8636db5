import { describe, expect, it } from "vitest";
import { parseJsonLines } from "../../../src/sources/json-lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, linesMax = 100) => parseJsonLines(encode(text), linesMax);

describe("parseJsonLines", () => {
  it.each([
    ['{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['{"a":1}\r\n\r\n  \n\t{"a":2}\n\n', [{ a: 1 }, { a: 2 }]],
    ['\uFEFF{"a":1}', [{ a: 1 }]],
    ['[{"a":1},{"a":2}]\n7', [{ a: 1 }, { a: 2 }, 7]],
    ['{"a":"x\\ny"}', [{ a: "x\ny" }]],
  ])("gives the value of each line: %j", (text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
  });

  it.each([
    ["{", "json-invalid"],
    ['{"a":1,"a":2}', "duplicate-key"],
    ["[".repeat(65) + "]".repeat(65), "too-deep"],
  ])("lets a line that cannot be read cost no other, and gives its text: %j", (line, reason) => {
    expect(parse(`{"a":1}\n${line}\n{"a":2}`)).toEqual({ ok: true, value: [{ a: 1 }, line, { a: 2 }] });
    expect(parse(`${line}\n`)).toEqual({ ok: false, reason });
  });

  it("lets a line of broken UTF-8 cost no other", () => {
    expect(parseJsonLines(Uint8Array.of(...encode('{"a":1}\n"'), 0xff, ...encode('"\n{"a":2}')), 9)).toEqual({
      ok: true,
      value: [{ a: 1 }, '"\uFFFD"', { a: 2 }],
    });
  });

  it.each(["", "\n", " \r\n\t\n"])("is empty where no line holds anything: %j", (text) => {
    expect(parse(text)).toEqual({ ok: false, reason: "empty" });
  });

  it("reads as many lines as may be, blank ones apart, and no more", () => {
    expect(parse("1\n\n2\n\n3\n", 3)).toEqual({ ok: true, value: [1, 2, 3] });
    expect(parse("1\n2\n3\n4", 3)).toEqual({ ok: false, reason: "alerts-too-many" });
  });

  it("does no work for a body of blank lines", () => {
    const startedAt = performance.now();
    expect(parseJsonLines(new Uint8Array(8 * 1024 * 1024).fill(0x0a), 100)).toEqual({ ok: false, reason: "empty" });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
