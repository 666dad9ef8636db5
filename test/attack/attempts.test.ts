import { expect, it } from "vitest";
import { PLATFORMS, platformsOf } from "./harness/attempt.ts";
import { KINDS } from "./kinds.ts";

const attempts = KINDS.flatMap(({ name, attempts }) => attempts.map((attempt) => ({ ...attempt, kind: name })));

it("makes at least 400 attempts, each with a name of its own", () => {
  const names = attempts.map(({ kind, name, at }) => `${kind}: ${name}, at the ${at}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(400);
});

it("makes each attempt somewhere, and has an honest call beside each kind", () => {
  expect(attempts.filter((attempt) => platformsOf(attempt).length === 0)).toEqual([]);
  expect(KINDS.filter(({ controls }) => controls.length === 0)).toEqual([]);
  for (const platform of PLATFORMS)
    expect(attempts.filter((attempt) => platformsOf(attempt).includes(platform)).length).toBeGreaterThan(150);
});
