import { describe, expect, it } from "vitest";
import { type Figure, isMissed, lineOf, mostWithin, percentile } from "../../../scripts/figures/figure.ts";

const figure = (value: number, bar?: Figure["bar"]): Figure => ({ name: "reads", value, unit: "requests", ...(bar && { bar }) });

describe("a figure", () => {
  it("misses its bar on the wrong side of it only, and always where it is no number", () => {
    const missed = [
      figure(3, { atMost: 2 }),
      figure(1, { atLeast: 2 }),
      figure(Number.NaN, { atMost: 2 }),
      figure(Number.NaN, { atLeast: 2 }),
    ];
    expect(missed.map(isMissed)).toEqual([true, true, true, true]);
    const kept = [figure(2, { atMost: 2 }), figure(2, { atLeast: 2 }), figure(9)];
    expect(kept.map(isMissed)).toEqual([false, false, false]);
  });

  it("is a line of name, value and unit, with its bar", () => {
    expect([figure(1.234), figure(0, { atMost: 0 }), figure(1, { atLeast: 2 })].map(lineOf)).toEqual([
      "reads 1.23 requests",
      "reads 0 requests (at most 0)",
      "reads 1 requests (at least 2, missed)",
    ]);
  });
});

describe("of many measurements", () => {
  it("a percentile is one of them that so many do not pass", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.95), percentile([7], 0.95)]).toEqual([50, 95, 7]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it("the most within a stretch are found wherever it begins, its end left out", () => {
    expect(mostWithin([0, 4_000, 5_000, 8_999, 9_000], 5_000)).toBe(3);
    expect(mostWithin([0, 5_000, 10_000], 5_000)).toBe(1);
    expect(mostWithin([], 5_000)).toBe(0);
  });
});
