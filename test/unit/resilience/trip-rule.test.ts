import { beforeEach, describe, expect, it } from "vitest";
import { createTripRule, type TripRule } from "../../../src/resilience/trip-rule.ts";

describe("a dependency counts as down", () => {
  let nowMs: number;
  let rule: TripRule;
  const succeed = (times: number) => {
    for (let time = 0; time < times; time += 1) rule.success();
  };
  /** Whether any of these failures made it count as down. */
  const fail = (times: number) => Array.from({ length: times }, () => rule.failure()).some((trips) => trips);
  const open = (percent: number) => {
    rule = createTripRule(percent, () => nowMs);
  };
  beforeEach(() => {
    nowMs = 1_800_000_000_000;
    open(5);
  });

  it("once 5 of at least 20 calls within 30 s have failed", () => {
    succeed(15);
    expect(fail(4)).toBe(false);
    expect(fail(1)).toBe(true);
  });

  it("not for one lost call in twenty, nor for four in thirty", () => {
    for (let minute = 0; minute < 10; minute += 1) {
      succeed(19);
      expect(fail(1)).toBe(false);
      nowMs += 30_000;
    }
    succeed(26);
    expect(fail(4)).toBe(false);
  });

  it("not before 20 calls were made, whatever share of them failed", () => {
    expect(fail(19)).toBe(false);
    expect(fail(1)).toBe(true);
  });

  it("not while the failed ones are less than the set share", () => {
    succeed(196);
    expect(fail(10)).toBe(false);
    expect(fail(1)).toBe(true);
    open(50);
    succeed(30);
    expect(fail(29)).toBe(false);
    expect(fail(1)).toBe(true);
  });

  it("by the calls of the last 30 s only", () => {
    succeed(15);
    expect(fail(4)).toBe(false);
    nowMs += 31_000;
    expect(fail(4)).toBe(false);
    succeed(15);
    expect(fail(1)).toBe(true);
  });

  it("anew from nothing after it has counted as down once", () => {
    expect(fail(20)).toBe(true);
    expect(fail(19)).toBe(false);
    expect(fail(1)).toBe(true);
  });

  it("also by a clock that was put back: what it had noted for later says nothing", () => {
    succeed(15);
    expect(fail(4)).toBe(false);
    nowMs -= 3_600_000;
    expect(fail(1)).toBe(false);
    succeed(15);
    expect(fail(4)).toBe(true);
  });
});
