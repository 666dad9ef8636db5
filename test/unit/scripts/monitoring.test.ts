import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exprProblems, UNUSED_ON_PURPOSE } from "../../../scripts/monitoring/examine.ts";
import { type AlertRule, isAlert, RUNBOOKS, timeDividedBy } from "../../../scripts/monitoring/rule.ts";
import { ruleGroups } from "../../../scripts/monitoring/rules.ts";
import { runbooks, runbookWords } from "../../../scripts/monitoring/runbooks.ts";
import { selectorsOf } from "../../../scripts/monitoring/series.ts";
import { METRICS } from "../../../src/metrics/table.ts";
import { CASES } from "../../integration/rules/cases.ts";
import { FAULTS } from "../../support/rehearsal/faults.ts";

const rules = ruleGroups().flatMap((group) => group.rules);
const alerts = rules.filter(isAlert);
const recorded = new Set(rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])));

describe("the rules for Prometheus", () => {
  it("name only metrics, labels and values that exist, and take no gauge for a counter", () => {
    expect(rules.flatMap(({ expr }) => exprProblems(expr, recorded))).toEqual([]);
  });

  it("keep the job in every alert, so that two installations are told apart", () => {
    for (const cases of Object.values(CASES))
      for (const { alert, who } of cases) expect([alert, who]).toEqual([alert, expect.objectContaining({ job: "breakwater" })]);
  });

  it("tell in their texts of labels that their alerts have", () => {
    for (const { alert, who } of Object.values(CASES).flat()) {
      const texts = alerts.filter((rule) => rule.alert === alert).flatMap(({ summary, description }) => [summary, description]);
      const told = texts.flatMap((text) => [...text.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label = ""]) => label));
      expect([alert, told.filter((label) => !(label in who))]).toEqual([alert, []]);
    }
  });

  it("compare, or look for what is missing: an alert that is true of every series would always fire", () => {
    for (const { alert, expr } of alerts) expect([alert, expr]).toEqual([alert, expect.stringMatching(/ (unless|==|>|>=) /)]);
  });

  it("look back far enough for a scrape each minute", () => {
    const seconds = (text: string) => timeDividedBy(1).seconds(text);
    for (const { expr } of rules)
      for (const [, range = ""] of expr.matchAll(/\[(\w+)\]/g)) expect([expr, seconds(range) >= 300]).toEqual([expr, true]);
  });

  it("stand each once under its name, severity and window, in sentences", () => {
    const names = alerts.map(({ alert, severity, labels }) => [alert, severity, labels?.window].join());
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBeGreaterThanOrEqual(20);
    for (const { alert, summary, description } of alerts) {
      expect([alert, summary]).toEqual([alert, expect.stringMatching(/^[A-Z0-9{].*\.$/)]);
      expect([alert, description]).toEqual([alert, expect.stringMatching(/^[A-Z0-9{].*\.$/)]);
    }
  });

  it("stand in both files as they are here, each with the address of its runbook", () => {
    const plain = parse(readFileSync("deploy/monitoring/rules.yaml", "utf8")) as {
      groups: { rules: (AlertRule & { annotations: { runbook_url: string } })[] }[];
    };
    const operators = parse(readFileSync("deploy/monitoring/prometheus-rule.yaml", "utf8")) as { spec: object };
    expect(operators.spec).toEqual(plain);
    for (const { alert, annotations } of plain.groups.flatMap((group) => group.rules).filter(isAlert) as (typeof plain.groups)[0]["rules"])
      expect(annotations.runbook_url).toBe(`${RUNBOOKS}#${alert.toLowerCase()}`);
  });
});

describe("the runbooks", () => {
  it("are one for each rule, in the same order within the page, and none for anything else", () => {
    expect(
      runbooks()
        .map(({ alert }) => alert)
        .sort(),
    ).toEqual([...new Set(alerts.map(({ alert }) => alert))].sort());
  });

  it("tell by commands how to find the cause, how to mend it, and how to see that it is over", () => {
    for (const { alert, find, mend, over } of runbooks())
      expect([alert, [find, mend, over].every((part) => part.length > 0)]).toEqual([alert, true]);
  });

  it("are rehearsed by a real fault each, of every rule", () => {
    const names = (all: readonly { readonly alert: string }[]) => [...new Set(all.map(({ alert }) => alert))].sort();
    expect(names(FAULTS)).toEqual(names(alerts));
  });

  it("look at metrics that exist, by the words of the page's head", () => {
    expect(runbookWords()).toMatch(/^metrics\(\) [\s\S]*^admin\(\) /m);
    for (const { alert, find, over } of runbooks())
      for (const [, pattern = ""] of [...find, ...over].join("").matchAll(/^!? ?metrics '?([\w|()]+)/gm)) {
        const names = pattern.replace(/\(.*/, "").split("|");
        const unknown = names.filter((name) => !METRICS.some((metric) => metric.name.startsWith(name.replace(/_(bucket|count)?$/, ""))));
        expect([alert, unknown]).toEqual([alert, []]);
      }
  });
});

describe("the examination of what rules and panels name", () => {
  it.each([
    ["gateway_dead_letter > 0", ["there is no metric gateway_dead_letter"]],
    ['gateway_dead_letters{kind="lost"}', ["no kind of gateway_dead_letters is lost"]],
    ['gateway_dead_letters{kind=~"in.*"}', []],
    ['gateway_dead_letters{kinds="invalid"}', ["gateway_dead_letters has no label kinds"]],
    ["rate(gateway_dead_letters[5m])", ["gateway_dead_letters is a gauge, and no counter"]],
    ['sum by (le) (rate(gateway_request_duration_seconds_bucket{le="5"}[5m]))', []],
    ["gateway_request_duration_seconds", ["there is no metric gateway_request_duration_seconds"]],
    ["up == 0", []],
    ["node_load1", ["there is no metric node_load1"]],
  ])("finds in %s: %s", (expr, problems) => expect(exprProblems(expr)).toEqual(problems));

  it("refuses what is no PromQL", () => expect(() => selectorsOf("sum by (")).toThrow("no PromQL"));

  it("leaves out on purpose only what there is", () => {
    expect(Object.keys(UNUSED_ON_PURPOSE).filter((name) => !METRICS.some((metric) => metric.name === name))).toEqual([]);
  });
});
