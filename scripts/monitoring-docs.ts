// Writes what scripts/monitoring holds into deploy/monitoring: rules as Prometheus reads them and as its operator does, and the dashboard as Grafana
// imports it; with `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { dashboard } from "./monitoring/dashboard/dashboard.ts";
import { ruleGroups, rulesFile } from "./monitoring/rules.ts";

const MADE = "# Made by `node scripts/monitoring-docs.ts` from scripts/monitoring; do not edit.\n";
const rules = rulesFile(ruleGroups());
const operators = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: "breakwater", labels: { "app.kubernetes.io/name": "breakwater" } },
  spec: rules,
};
const yaml = (value: object) => MADE + stringify(value, { lineWidth: 120, blockQuote: "folded" });
const files = {
  "deploy/monitoring/rules.yaml": yaml(rules),
  "deploy/monitoring/prometheus-rule.yaml": yaml(operators),
  "deploy/monitoring/dashboard.json": `${JSON.stringify(dashboard(), null, 1)}\n`,
};

for (const [path, text] of Object.entries(files)) {
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${path} is out of date: run node scripts/monitoring-docs.ts`);
    process.exitCode = 1;
  }
}
