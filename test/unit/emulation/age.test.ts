import { expect, it } from "vitest";
import { humanAge } from "../../../src/emulation/age.ts";

const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];

it.each([
  [-5 * s, "<invalid>"],
  [-1 * s, "0s"],
  [0, "0s"],
  [119.9 * s, "119s"],
  [2 * m, "2m"],
  [9 * m + 59 * s, "9m59s"],
  [10 * m + 59 * s, "10m"],
  [179 * m, "179m"],
  [3 * h, "3h"],
  [7 * h + 59 * m, "7h59m"],
  [8 * h + 59 * m, "8h"],
  [47 * h, "47h"],
  [2 * d, "2d"],
  [2 * d + 3 * h, "2d3h"],
  [8 * d + 3 * h, "8d"],
  [729 * d, "729d"],
  [730 * d, "2y"],
  [731 * d, "2y1d"],
  [9 * 365 * d, "9y"],
])("prints %d ms as kubectl does: %s", (milliseconds, text) => {
  expect(humanAge(milliseconds)).toBe(text);
});
