// Writes the rules of scripts/monitoring into deploy/monitoring, as Prometheus reads them and as its operator does; with `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { ruleGroups, rulesFile } from "./monitoring/rules.ts";

const MADE = "# Made by `node scripts/monitoring-docs.ts` from scripts/monitoring; do not edit.\n";
const rules = rulesFile(ruleGroups());
const operators = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: "breakwater", labels: { "app.kubernetes.io/name": "breakwater" } },
  spec: rules,
};
const files = { "deploy/monitoring/rules.yaml": rules, "deploy/monitoring/prometheus-rule.yaml": operators };

for (const [path, value] of Object.entries(files)) {
  const text = MADE + stringify(value, { lineWidth: 120, blockQuote: "folded" });
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${path} is out of date: run node scripts/monitoring-docs.ts`);
    process.exitCode = 1;
  }
}
