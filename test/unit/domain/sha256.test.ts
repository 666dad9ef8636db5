import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sha256Hex } from "../../../src/domain/sha256.ts";

const expected = (text: string): string => createHash("sha256").update(text).digest("hex");

it("hashes a text of every length around its blocks and its bound as SHA-256 does", async () => {
  const lengths = [...Array.from({ length: 200 }, (_, length) => length), ...[1_023, 1_024, 1_025, 5_000]];
  for (const length of lengths)
    for (const letter of ["a", "é", "€", "\ud800"]) {
      const text = letter.repeat(length);
      expect(await sha256Hex(text)).toBe(expected(text));
    }
});

it("hashes every text as SHA-256 does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 1_500 }), async (text) => {
      expect(await sha256Hex(text)).toBe(expected(text));
    }),
  );
});
