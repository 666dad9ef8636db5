import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FEATURES } from "../../../src/domain/feature.ts";
import { featureOf, RULES } from "../../../src/domain/rule.ts";

it("the engine judges each feature by the rules that people read of it", () => {
  const lua = readFileSync("src/ledger/engine/lib/rules.lua", "utf8");
  const judged = [...lua.matchAll(/name = '([a-z-]+)', feature = (\d)/g)].map(([, name, feature]) => [name, FEATURES[Number(feature) - 1]]);
  expect(judged).toEqual(RULES.map((rule) => [rule, featureOf(rule)]));
});
