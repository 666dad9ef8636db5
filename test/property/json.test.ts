import fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson } from "../../src/sources/json.ts";
import { plain } from "../../src/sources/json-piece.ts";

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

it("a long array in pieces is what JSON.parse makes of it, wherever it stands, and what is wrong with it shows", () => {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const item = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant('a,b]}[{:\\"'), fc.constant([1, [2, { a: ["]"] }]]));
  const items = fc.array(item, { minLength: 501, maxLength: 520 });
  const beside = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true });
  return fc.assert(
    fc.property(items, beside, beside, fc.boolean(), (long, before, after, isTop) => {
      const value = isTop ? long : { ...before, alerts: long, ...after, alerts2: 1 };
      const parsed = parseJson(json(value), { inPieces: true });
      const found = (isTop ? parsed.ok && parsed.value : parsed.ok && (parsed.value as { alerts: unknown }).alerts) as unknown[];
      const wanted = JSON.parse(JSON.stringify(value));
      expect(found.map(plain)).toEqual(isTop ? wanted : wanted.alerts);
      if (!isTop) expect({ ...(parsed.ok && (parsed.value as object)), alerts: 0 }).toEqual({ ...wanted, alerts: 0 });
    }),
    { numRuns: 100 },
  );
});
