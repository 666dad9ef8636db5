import fc from "fast-check";
import { expect, it } from "vitest";
import { SortedSet } from "../../src/ledger/embedded/sorted-set.ts";

const member = fc.integer({ min: 0, max: 1_500 }).map((number) => `m${number}`);
const score = fc.integer({ min: -3, max: 3 });
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set" as const), member, score }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), member }) },
);

/** What the set has to be, by sorting all of it. */
const sorted = (scores: ReadonlyMap<string, number>) =>
  [...scores]
    .map(([name, at]) => ({ member: name, score: at }))
    .toSorted((one, other) => one.score - other.score || (one.member < other.member ? -1 : 1));

it("a sorted set is in order after any changes, also when it is long", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 0, maxLength: 3_000, size: "max" }), score, (changes, bound) => {
      const [set, scores] = [new SortedSet(), new Map<string, number>()];
      for (const one of changes) {
        if (one.kind === "set") {
          set.set(one.member, one.score);
          scores.set(one.member, one.score);
        } else expect(set.delete(one.member)).toBe(scores.delete(one.member));
      }
      const all = sorted(scores);
      expect(set.slice(0, set.size)).toEqual(all);
      expect(set.size).toBe(all.length);
      const below = all.filter((entry) => entry.score < bound).length;
      expect(set.rank((entry) => entry.score < bound)).toBe(below);
      expect(set.slice(below, below + 10)).toEqual(all.slice(below, below + 10));
      for (const { member: name, score: at } of all.slice(0, 20)) expect(set.score(name)).toBe(at);
    }),
    { numRuns: 60 },
  );
});
