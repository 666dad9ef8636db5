// `npm run check`: everything but the tests. Each check runs whatever became of the one before; a name as argument picks one.
import { globSync } from "node:fs";
import { checkPages } from "./documentation.ts";
import { engineProblems } from "./engine-bundle.ts";
import { checkLockfile } from "./lockfile.ts";
import { problemsOf } from "./run.ts";
import { checkWorkerBundle } from "./worker-bundle.ts";

/** A page that is made from code has a script `scripts/<page>-docs.ts`, which with `--check` fails when the page is out of date. */
const checkGeneratedPages = (): string[] => globSync("scripts/*-docs.ts").flatMap((script) => problemsOf("node", script, "--check"));

const checks: Readonly<Record<string, () => string[]>> = {
  types: () => problemsOf("tsc", "-p", "."),
  lint: () => problemsOf("biome", "ci", "--error-on-warnings", "."),
  architecture: () => problemsOf("vitest", "run", "--project", "bare", "test/architecture"),
  engine: () => [...engineProblems()],
  lockfile: checkLockfile,
  documentation: () => [...checkPages(), ...checkGeneratedPages()],
  worker: checkWorkerBundle,
};

const wanted = process.argv.slice(2);
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const problems = check();
  console.log(`${name}: ${problems.length === 0 ? "ok" : "failed"}`);
  for (const problem of problems) console.log(problem.replace(/^/gm, "  "));
  if (problems.length > 0) process.exitCode = 1;
}
