// `npm run -s figures -- SUITE`: runs the measurements under scripts/figures/SUITE on real parts, prints a line for each figure,
// and fails where a stated bar is missed. With --write, docs/figures.md then holds the run. Without a suite, names those there are.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { startVitest } from "vitest/node";
import { type Figure, isMissed, lineOf } from "./figures/figure.ts";
import { pageWith, sectionOf } from "./figures/page.ts";

const PAGE = "docs/figures.md";
const suites = globSync("scripts/figures/*/").map((folder) => folder.split(/[\\/]/).at(-1) ?? "");
const [suite = "", ...options] = process.argv.slice(2);
const write = options.includes("--write");
if (!suites.includes(suite) || options.some((option) => option !== "--write")) {
  console.error(`usage: npm run -s figures -- SUITE [--write]\nsuites: ${suites.join(", ")}`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1)); // real parts end with this process

const vitest = await startVitest("test", [], {
  config: false,
  watch: false,
  include: [`scripts/figures/${suite}/*.figures.ts`],
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
if (write && broken.length === 0) {
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  writeFileSync(PAGE, pageWith(page, suite, sectionOf(suite, figures, new Date())));
}
if (figures.length === 0 || broken.length > 0 || missed.length > 0) process.exitCode = 1;
