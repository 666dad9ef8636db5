// Writes docs/requirements.md from scripts/requirements and the figures of docs/figures.md; with `--check` only compares. Fails where a figure was not
// measured, misses its bar, or a test is not there.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CHAPTERS, type Held, type Requirement } from "./requirements/requirements.ts";

const PAGE = "docs/requirements.md";

const HEAD = `# Requirements

What was asked for, and what shows that it is so. Tests run in CI. Figures are of the runs in
[figures.md](figures.md), which two commands make anew and which fail where a criterion is missed:

- \`npm run -s figures -- criteria\`: ten minutes as in production, with a failover of Redis and an API
  server that throttles; and then nine faults, each of which has to break the criteria that are there
  to show it.
- \`npm run -s figures -- storm sizes\`: storms of 2 to 5,000 alerts.

<!-- Made by \`node scripts/requirements-docs.ts\` from scripts/requirements; do not edit. -->
`;

const figures = readFileSync("docs/figures.md", "utf8");
const problems: string[] = [];

/** Value and unit, as the last run had them. */
function measured(name: string): string {
  const line = new RegExp(`^${name} (\\S+) (\\S+)(.*)$`, "m").exec(figures);
  if (!line) problems.push(`${name} was not measured: see above, with --write`);
  if (line?.[3]?.includes("missed")) problems.push(`${name} misses its bar`);
  return line ? `${line[1]} ${line[2]}` : "";
}

function shown([file, title]: Held): string {
  if (!existsSync(file) || !readFileSync(file, "utf8").includes(title)) problems.push(`${file} has no test "${title}"`);
  return `[${file.replace(/^test\//, "")}](../${file})`;
}

const row = ({ what, figures: names = [], held }: Requirement): string =>
  `| ${what} | ${names.map((name) => `${measured(name)} (\`${name}\`)`).join(", ")} | ${[...new Set(held.map(shown))].join(", ")} |`;

const chapters = CHAPTERS.map(({ title, requirements }) =>
  [`## ${title}`, "", "| Asked for | Measured | Held by |", "|---|---|---|", ...requirements.map(row), ""].join("\n"),
);
const page = [HEAD, ...chapters].join("\n");

if (!process.argv.includes("--check")) writeFileSync(PAGE, page);
else if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page)
  problems.push(`${PAGE} is out of date: run node scripts/requirements-docs.ts`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
