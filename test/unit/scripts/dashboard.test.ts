import { describe, expect, it } from "vitest";
import { dashboard } from "../../../scripts/monitoring/dashboard/dashboard.ts";
import { filledIn } from "../../../scripts/monitoring/dashboard/panel.ts";
import { ROWS } from "../../../scripts/monitoring/dashboard/rows.ts";
import { exprProblems, unusedMetrics } from "../../../scripts/monitoring/examine.ts";
import { ruleGroups } from "../../../scripts/monitoring/rules.ts";

const panels = ROWS.flatMap((row) => row.panels);
const exprs = panels.flatMap(({ queries }) => queries.map(({ expr }) => filledIn(expr, { rateInterval: "5m", range: "3h" })));

describe("the dashboard", () => {
  it("names only metrics and labels that exist", () => {
    expect(exprs.flatMap((expr) => exprProblems(expr))).toEqual([]);
  });

  it("compares series of one cluster only, so that what is well in one hides nothing of another", () => {
    const matched = exprs.flatMap((expr) => [...expr.matchAll(/ on \(([^)]*)\)/g)].map(([, labels = ""]) => labels.split(", ")));
    expect(matched.length).toBeGreaterThan(0);
    for (const labels of matched) expect(labels).toContain("cluster");
  });

  it("and the rules use every metric", () => {
    expect(unusedMetrics([...exprs, ...ruleGroups().flatMap(({ rules }) => rules.map(({ expr }) => expr))])).toEqual([]);
  });

  it("has each panel under a title of its own, with what its metrics mean", () => {
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const shown = dashboard().panels?.filter(({ type }) => type !== "row") ?? [];
    expect(shown).toHaveLength(panels.length);
    for (const panel of shown)
      expect(panel).toMatchObject({ description: expect.stringMatching(/^`\w+`: ./), datasource: { uid: "$datasource" } });
  });
});
