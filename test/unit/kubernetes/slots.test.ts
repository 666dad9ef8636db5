import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { raise, regain, SLOTS_MAX } from "../../../src/adapters/kubernetes/slots.ts";
import { OCCURRENCES_MAX } from "../../../src/domain/ledger-limits.ts";
import { type Slots, sumBeside, sumOf } from "../../../src/domain/slots.ts";

const writers = (count: number) => Array.from({ length: count }, (_, index) => `writer-${index}`);
const raiseAll = (slots: Slots, names: readonly string[], count: number) =>
  names.reduce((raised, name) => raise(raised, name, count, "creator"), slots);
const counting = (slots: Slots) => Object.entries(slots).filter(([name, count]) => name !== "earlier" && count > 0);

describe("slots", () => {
  it("hold the most their writer told, in whatever order", () => {
    const told = fc.array(fc.record({ slot: fc.constantFrom("a", "b", "c"), count: fc.integer({ min: 1, max: 9 }) }));
    fc.assert(
      fc.property(told, (calls) => {
        const after = calls.reduce<Slots>((slots, { slot, count }) => raise(slots, slot, count, null), {});
        const expected = new Map<string, number>();
        for (const { slot, count } of calls) expected.set(slot, Math.max(expected.get(slot) ?? 0, count));
        expect(after).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it("keep the sum when the smallest beyond 16 fold, and never fold the one that is written", () => {
    const slots = raise(raiseAll({ creator: 3 }, writers(20), 5), "late", 1, "creator");
    expect(sumOf(slots)).toBe(3 + 20 * 5 + 1);
    expect(counting(slots)).toHaveLength(SLOTS_MAX);
    expect(slots).toMatchObject({ creator: 0, late: 1 });
  });

  it("saturate when counts from anywhere are summed or folded", () => {
    const slots = raiseAll({ creator: OCCURRENCES_MAX }, writers(20), OCCURRENCES_MAX);
    expect(sumOf(slots)).toBe(OCCURRENCES_MAX);
    expect(sumBeside(slots, "writer-0")).toBe(OCCURRENCES_MAX);
    expect(Object.values(slots).every((count) => count <= OCCURRENCES_MAX)).toBe(true);
    expect(slots.earlier).toBe(OCCURRENCES_MAX);
  });

  it("count a folded writer that comes back no second time", () => {
    const slots = raiseAll({ creator: 3 }, writers(20), 5);
    const folded = Object.keys(slots).filter((name) => slots[name] === 0);
    expect(folded).toContain("creator");
    expect(sumOf(raiseAll(slots, folded, 9))).toBe(sumOf(slots));
  });

  it("stay few, and never forget that the creator was counted", () => {
    const slots = raiseAll({ creator: 3 }, writers(200), 5);
    expect(Object.keys(slots).length).toBeLessThanOrEqual(64);
    expect(slots.creator).toBe(0);
    expect(sumOf(slots)).toBe(3 + 200 * 5);
  });

  it("take a name of JavaScript's own for an ordinary one", () => {
    expect(sumBeside({ a: 2 }, "constructor")).toBe(2);
    expect(raise({ a: 2 }, "constructor", 4, null)).toEqual({ a: 2, constructor: 4 });
  });

  it("are regained whole after all were erased, and whatever was written meanwhile", () => {
    const known = { creator: 3, a: 5, b: 2 };
    expect(regain(known, { creator: 1 })).toEqual(known);
    expect(regain(known, { creator: 1, a: 7, c: 1 })).toEqual({ creator: 3, a: 7, b: 2, c: 1 });
  });

  it("regain nothing twice that has folded, seen or not", () => {
    const before = raiseAll({ creator: 3 }, writers(15), 5);
    const after = raiseAll(before, ["late-1", "late-2", "late-3"], 9);
    expect(regain(before, after)).toEqual(after);
    expect(sumOf(regain(after, { creator: 1 }))).toBe(sumOf(after));
    expect(sumOf(regain(after, { creator: 3, "writer-0": 5 }))).toBe(sumOf(after));
    const forgotten = raiseAll(before, writers(200), 5);
    expect(sumOf(regain(before, forgotten))).toBe(sumOf(forgotten));
  });
});
