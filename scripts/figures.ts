// `npm run -s figures -- SUITE [PART …]`: runs the measurements under scripts/figures/SUITE on real parts, all or the named ones, prints a line for
// each figure, and fails where a stated bar is missed. With --write, their section of docs/figures.md then holds the run.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { startVitest } from "vitest/node";
import { type Figure, isMissed, lineOf } from "./figures/figure.ts";
import { PAGE, withRun } from "./figures/page.ts";

const suites = globSync("scripts/figures/*/").map((folder) => folder.split(/[\\/]/).at(-1) ?? "");
const [suite = "", ...options] = process.argv.slice(2);
const write = options.includes("--write");
const partsOf = (name: string) => globSync(`scripts/figures/${name}/*.figures.ts`).map((path) => basename(path, ".figures.ts"));
const parts = options.filter((option) => option !== "--write");
if (!suites.includes(suite) || parts.some((part) => !partsOf(suite).includes(part))) {
  const known = suites.map((name) => `  ${name}: ${partsOf(name).join(", ")}`);
  console.error(`usage: npm run -s figures -- SUITE [PART …] [--write]\nsuites and their parts:\n${known.join("\n")}`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1)); // real parts end with this process

const vitest = await startVitest("test", [], {
  config: false,
  watch: false,
  include: (parts.length > 0 ? parts : ["*"]).map((part) => `scripts/figures/${suite}/${part}.figures.ts`),
  globalSetup: ["test/support/real-setup.ts"],
  reporters: [{}], // standard output holds figures only
  fileParallelism: false, // one measurement's load would be in another's times
  testTimeout: 300_000,
  hookTimeout: 120_000,
});
await vitest.close();
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const figures = tests.flatMap((test): readonly Figure[] => test.meta().figures ?? []);
for (const figure of figures) console.log(lineOf(figure));

const broken = [
  ...vitest.state.getUnhandledErrors().map((error) => (error as Error).message),
  ...modules.flatMap((module) => [...module.errors()].map(({ message }) => `${module.relativeModuleId}: ${message}`)),
  ...tests.filter((test) => !test.ok()).map((test) => `${test.fullName}: ${test.result().errors?.[0]?.message ?? "not measured"}`),
];
for (const problem of new Set(broken)) console.error(`not measured: ${problem}`);
const missed = figures.filter(isMissed);
if (missed.length > 0) console.error(`missed: ${missed.map(({ name }) => name).join(", ")}`);
if (write && broken.length === 0 && existsSync("docs"))
  writeFileSync(PAGE, withRun(readFileSync(PAGE, "utf8"), { command: [suite, ...parts].join(" "), suite, figures, at: new Date() }));
if (figures.length === 0 || broken.length > 0 || missed.length > 0) process.exitCode = 1;
