import { expect, it } from "vitest";
import { parseTimestamp } from "../../../src/domain/timestamp.ts";

it.each([
  ["2026-11-23T09:58:00Z", "2026-11-23T09:58:00.000Z"],
  ["2026-11-23t09:58:00.1z", "2026-11-23T09:58:00.100Z"],
  ["2026-11-23T09:58:00.123999999Z", "2026-11-23T09:58:00.123Z"],
  ["2026-11-23T09:58:00+05:30", "2026-11-23T04:28:00.000Z"],
  ["2026-11-23T09:58:00-08:00", "2026-11-23T17:58:00.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
])("reads %s as a moment", (text, moment) => {
  expect(new Date(parseTimestamp(text) ?? Number.NaN).toISOString()).toBe(moment);
});

it.each([
  "",
  "2026-11-23",
  "2026-11-23 09:58:00Z",
  "2026-11-23T09:58:00",
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2026-11-23T24:00:00Z",
  "2026-11-23T09:58:60Z",
  "2026-11-23T09:58:00+24:00",
  "0000-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  "+012026-11-23T09:58:00Z",
  "1763891880",
])("refuses %j, of which Kubernetes or another engine would make something else", (text) => {
  expect(parseTimestamp(text)).toBeNull();
});
