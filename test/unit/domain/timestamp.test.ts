import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTimestamp } from "../../../src/domain/timestamp.ts";

const momentOf = (told: unknown) => new Date(parseTimestamp(told) ?? Number.NaN).toISOString();

describe("parseTimestamp", () => {
  it.each([
    ["2026-11-23T09:58:00Z", "2026-11-23T09:58:00.000Z"],
    ["2026-11-23t09:58:00.1z", "2026-11-23T09:58:00.100Z"],
    ["2026-11-23T09:58:00.123999999Z", "2026-11-23T09:58:00.123Z"],
    ["2026-11-23T09:58:00+05:30", "2026-11-23T04:28:00.000Z"],
    ["2026-11-23T09:58:00-08:00", "2026-11-23T17:58:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads RFC 3339: %s", (text, moment) => {
    expect(momentOf(text)).toBe(moment);
  });

  it.each([
    ["2026-11-27 02:00:00.5 +0000 UTC", "2026-11-27T02:00:00.500Z"],
    ["2026-11-27 02:00:00.5 +0000 UTC m=+0.000012", "2026-11-27T02:00:00.500Z"],
    ["2026-11-27 03:00:00.123456789 +0100 CET m=-3.5", "2026-11-27T02:00:00.123Z"],
    ["2026-11-27 05:30:00 +0330 +0330", "2026-11-27T02:00:00.000Z"],
    ["2026-11-26 23:00:00 -0300 -03", "2026-11-27T02:00:00.000Z"],
    ["0001-01-01 00:00:00 +0000 UTC", "0001-01-01T00:00:00.000Z"],
    ["2026-11-27 02:00:00.500000+00:00", "2026-11-27T02:00:00.500Z"],
    ["2026-11-27 02:00:00.5+00", "2026-11-27T02:00:00.500Z"],
    ["2026-11-27 02:00:00 UTC", "2026-11-27T02:00:00.000Z"],
    ["2026-11-27T03:00:00+01:00[Europe/Paris]", "2026-11-27T02:00:00.000Z"],
    ["2026-11-27T02:00:00Z[UTC]", "2026-11-27T02:00:00.000Z"],
  ])("reads what programs print: %s", (text, moment) => {
    expect(momentOf(text)).toBe(moment);
  });

  it.each([
    "2026-11-27T02:00:00",
    "2026-11-27 02:00:00",
    "2026-11-27  02:00",
    " 2026-11-27T02:00:00\n",
    "2026-11-27T02:00:00 Z",
    "2026-11-27T02:00:00,000Z",
    "2026-11-27T02:00:00+0000",
    "2026-11-27T02:00:00-00",
    "2026-11-27 03:00:00 UTC+1",
    "2026-11-27 03:00:00 GMT+0100",
    "2026/11/27 02:00:00",
    "2026.11.27 02:00:00",
    "20261127T020000Z",
    "Fri, 27 Nov 2026 02:00:00 GMT",
    "Fri, 27 Nov 2026 03:00:00 +0100",
    "27 Nov 2026 02:00 UT",
    "friday, 27-november-2026 02:00:00 utc",
    "FRI NOV 27 02:00:00 2026",
    "Fri Nov 27 02:00:00 UTC 2026",
    "Fri Nov 27 03:00:00 +0100 2026",
    "Fri Nov 27 2026 03:00:00 GMT+0100 (Central European Standard Time)",
    "Nov 27, 2026 02:00:00",
    1_795_744_800,
    1_795_744_800_000,
    1_795_744_800_000_000,
    1_795_744_800_000_000_000,
    1_795_744_800.0001,
    "1795744800",
    "1795744800000.4",
    "1795744800000000000",
    "1.7957448e+09",
  ])("reads %j as the moment that it is", (told) => {
    expect(momentOf(told)).toBe("2026-11-27T02:00:00.000Z");
  });

  it("keeps the milliseconds of numbers", () => {
    for (const told of [1_795_744_800.123, "1795744800.123", 1_795_744_800_123, 1_795_744_800_123_456, "1795744800123456789"])
      expect(momentOf(told)).toBe("2026-11-27T02:00:00.123Z");
  });

  it.each<[unknown, string]>([
    ["", "nothing"],
    ["yesterday", "a word"],
    ["2026-11-23", "a day without an hour"],
    ["01/02/2026 02:00:00", "a day of two readings"],
    ["2026-11-27 02:00:00 PM", "half a day"],
    ["2026-11-27 02:00:00 CST", "one of three zones"],
    ["2026-11-27T02:00:00[Europe/Paris]", "a region without an offset"],
    ["2026-02-30T00:00:00Z", "30 February"],
    ["2025-02-29T00:00:00Z", "29 February of a common year"],
    ["30 Feb 2026 00:00:00 GMT", "30 February in words"],
    ["27 Foo 2026 00:00:00 GMT", "a month that does not exist"],
    ["27 Ann 2026 00:00:00 GMT", "a piece of two months' names"],
    ["2026-11-23T24:00:00Z", "hour 24"],
    ["2026-11-23T09:58:60Z", "a leap second"],
    ["2026-11-23T09:58:00+24:00", "an offset of a day"],
    ["0000-01-01T00:00:00+01:00", "a moment before the year 0"],
    ["9999-12-31T23:59:59-01:00", "a moment after the year 9999"],
    ["+012026-11-23T09:58:00Z", "a year of six digits"],
    [`2026-11-27${" ".repeat(100)}02:00:00Z`, "a text of more than 100 characters"],
    [0, "no number of seconds"],
    [42, "a duration"],
    [-1_795_744_800, "a number below 0"],
    ["-1795744800", "the text of one"],
    [20_261_127_020_000, "digits of a date"],
    ["20261127020000", "the text of them"],
    [1e300, "a number out of range"],
    ["1e999", "the text of one"],
    [Number.NaN, "not a number"],
    [Number.POSITIVE_INFINITY, "infinity"],
    [true, "a boolean"],
    [["2026-11-27T02:00:00Z"], "an array"],
    [{ toString: 1, valueOf: 1 }, "an object"],
    [null, "null"],
    [undefined, "undefined"],
  ])("does not read %j: %s", (told) => {
    expect(parseTimestamp(told)).toBeNull();
  });

  it("reads every moment from what RFC 3339 writes of it", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0000-01-01T00:00:00.000Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
        (date) => {
          expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it("never throws, and reads its own answer again as the same", () => {
    const pieces = fc.constantFrom(
      "2026",
      "-",
      "11",
      "27",
      " ",
      "T",
      "02:00:00",
      ".5",
      "+01:00",
      "+0000",
      "Z",
      "UTC",
      "Nov",
      "Fri, ",
      "1795744800",
      "m=+1",
      "e9",
    );
    const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string(), fc.double(), fc.jsonValue()), (told) => {
        const ms = parseTimestamp(told);
        if (ms !== null) expect(parseTimestamp(new Date(ms).toISOString())).toBe(ms);
      }),
      { numRuns: 5_000 },
    );
  });
});
