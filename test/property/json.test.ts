import fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson } from "../../src/sources/json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it("reads every JSON text as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 10, stringUnit: "binary" }), (text) => {
      expect(parseJson(bytes(text))).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

it("never throws on any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void parseJson(any)));
});

it("finds a repeated name wherever an object holds it", () => {
  const name = fc.string({ unit: "binary", maxLength: 5 }).map((text) => text.toWellFormed());
  fc.assert(
    fc.property(name, fc.jsonValue(), fc.jsonValue(), fc.array(fc.constantFrom("[", '{"in":')), (repeated, first, second, around) => {
      const inner = `{${[first, second].map((value) => `${JSON.stringify(repeated)}:${JSON.stringify(value)}`).join(",")}}`;
      const text = around.reduce((held, opener) => opener + held + (opener === "[" ? "]" : "}"), inner);
      expect(parseJson(bytes(text))).toEqual({ ok: false, reason: "duplicate-key" });
    }),
  );
});
