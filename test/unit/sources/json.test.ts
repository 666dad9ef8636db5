import { describe, expect, it } from "vitest";
import { JSON_DEPTH_MAX, parseJson } from "../../../src/sources/json.ts";

const parse = (text: string) => parseJson(new TextEncoder().encode(text));
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("parseJson", () => {
  it.each([
    ["an object", '{"a":{"b":[1,"two",null,true]}}'],
    ["punctuation inside of strings", '{"a:{[":"}]:,\\"{"}'],
    ["a backslash before a closing quote", '{"a\\\\":"\\\\","b":1}'],
    ["one name in two objects", '{"a":{"a":1},"b":{"a":2},"c":[{"a":3},{"a":4}]}'],
    ["a bare value", "42"],
    ["the deepest nesting", nested(JSON_DEPTH_MAX)],
    ["names of JavaScript's own", '{"__proto__":{"polluted":true},"constructor":1,"toString":2}'],
  ])("reads %s as JSON.parse does", (_, text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it.each([
    ["nothing", "", "empty"],
    ["white space", " \r\n\t", "empty"],
    ["text", "hello", "json-invalid"],
    ["cut JSON", '{"alerts":[{"a', "json-invalid"],
    ["two values", "{}{}", "json-invalid"],
    ["NaN", "NaN", "json-invalid"],
    ["a name twice", '{"a":1,"a":1}', "duplicate-key"],
    ["a name twice, escaped", '{"a":1,"\\u0061":2}', "duplicate-key"],
    ["a name twice, deep inside", '[{"x":[{"status":"firing","y":1,"status":"resolved"}]}]', "duplicate-key"],
    ["a name twice, the first hiding others", '{"a":{"b":1,"c":2},"a":3}', "duplicate-key"],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}', "duplicate-key"],
    ["nesting beyond the bound", nested(JSON_DEPTH_MAX + 1), "too-deep"],
    ["nesting without an end", "[".repeat(1_000_000), "too-deep"],
  ])("refuses %s", (_, text, reason) => {
    expect(parse(text)).toEqual({ ok: false, reason });
  });

  it.each([
    ["a stray continuation byte", [0x22, 0x80, 0x22]],
    ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])("refuses %s", (_, bytes) => {
    expect(parseJson(new Uint8Array(bytes))).toEqual({ ok: false, reason: "utf8-invalid" });
  });
});
