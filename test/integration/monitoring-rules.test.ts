import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isAlert } from "../../scripts/monitoring/rule.ts";
import { ruleGroups } from "../../scripts/monitoring/rules.ts";
import { CASES } from "./rules/cases.ts";
import { OLD_COUNTS, ONE_BAD_EVENT, QUIET, TEN_OF_TEN } from "./rules/nights.ts";
import { promtoolTest } from "./rules/promtool.ts";
import { testsOf } from "./rules/rule-case.ts";
import { level } from "./rules/timeline.ts";

it("promtool takes the file of rules, and finds nothing to object to", () => {
  const printed = execFileSync("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "deploy/monitoring/rules.yaml"], {
    encoding: "utf8",
  });
  expect(printed).toContain("SUCCESS");
});

it("each rule has its cases, at least four", () => {
  for (const { name, rules } of ruleGroups()) {
    const told = CASES[name]?.map(({ alert, severity, who }) => [alert, severity, who.window]);
    expect(told).toEqual(rules.filter(isAlert).map(({ alert, severity, labels }) => [alert, severity, labels?.window]));
    for (const each of CASES[name] ?? []) expect([each.alert, testsOf(each).length >= 4]).toEqual([each.alert, true]);
  }
});

/** Rules that look back for days are judged less often here: to judge them takes long. */
const STEPS: Readonly<Record<string, string>> = { "1d": "2m", "3d": "2m" };

describe.each(Object.entries(CASES))("%s: fires, not just below, not while idle, and is over again:", (group, cases) => {
  it.each(cases.map((one) => [one.alert, one.who.window ?? one.severity, one] as const))("%s %s", { timeout: 60_000 }, (_, __, one) => {
    promtoolTest(testsOf(one), { groups: [group], step: STEPS[one.who.window ?? ""] ?? "1m" });
  });
});

describe("nobody is told of anything", () => {
  it("where Prometheus knows no Breakwater", () => {
    promtoolTest([{ name: "nothing", series: { 'up{job="other"}': [[60, level(1)]] }, looks: [{ minute: 60, of: {}, fire: [] }] }]);
  });

  it("of what a gateway counted before it was read, or while it could not be", () => promtoolTest([OLD_COUNTS], { step: "2m" }));

  it("by an installation to which nothing comes", () => promtoolTest([QUIET], { step: "5m" }));
});

it.each(ONE_BAD_EVENT.map((night) => [night.name, night] as const))("nobody is woken by one bad event in a quiet night: %s", (_, night) =>
  promtoolTest([night], { step: "2m" }),
);

it.each(TEN_OF_TEN.map((night) => [night.name, night] as const))("somebody is woken within ten minutes by ten of ten: %s", (_, night) =>
  promtoolTest([night]),
);
