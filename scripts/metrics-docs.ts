import { readFileSync, writeFileSync } from "node:fs";
import { METRICS, type Row } from "../src/metrics/table.ts";

/** Fills the tables of docs/metrics.md from the table in the code; with `--check` only compares, and fails where the page is out of date. */
const PAGE = new URL("../docs/metrics.md", import.meta.url);

const START = "<!-- from the code -->\n";
const END = "<!-- end -->";

const valuesOf = ([label, values]: [string, string | readonly string[]]): string =>
  `\`${label}\`: ${typeof values === "string" ? values : values.map((value) => `\`${value}\``).join(", ")}`;

const row = ({ name, type, unit, labels, help, movedBy }: Row): string =>
  `| ${[`\`${name}\``, type, unit, Object.entries(labels).map(valuesOf).join("; "), help, movedBy].join(" | ")} |`;

const section = (title: string, metrics: readonly Row[]): string =>
  [`## ${title}`, "", "| Metric | Type | Unit | Labels | Meaning | Moved by |", "|---|---|---|---|---|---|", ...metrics.map(row), ""].join(
    "\n",
  );

const groups = new Map<string, Row[]>();
for (const metric of METRICS) {
  const title = metric.roles.length > 2 ? "Every role" : `Role${metric.roles.length > 1 ? "s" : ""} ${metric.roles.join(", ")}`;
  groups.set(title, [...(groups.get(title) ?? []), metric]);
}

const page = readFileSync(PAGE, "utf8");
const [before = "", after = ""] = [page.slice(0, page.indexOf(START)), page.slice(page.indexOf(END))];
const filled = before + START + [...groups].map(([title, metrics]) => section(title, metrics)).join("\n") + after;

if (!process.argv.includes("--check")) writeFileSync(PAGE, filled);
else if (page !== filled) {
  console.error("docs/metrics.md is out of date: run node scripts/metrics-docs.ts");
  process.exitCode = 1;
}
