// `npm test`: what runs on a bare machine, and a line for each suite that it leaves out.
// `npm run test:all`: everything; a missing program or a skipped test fails the run. More arguments choose files.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startVitest, type TestModule, type Vitest } from "vitest/node";
import type {} from "../test/contract/ledger.test.ts";
import { isBuilt } from "../test/kube-apiserver/binary.ts";
import { writeEngine } from "./engine-bundle.ts";

const needsOfLeftOut: Readonly<Record<string, string>> = {
  "test/integration": "needs redis-server and a real Kubernetes API server",
  "test/attack": "needs the same",
  "test/e2e": "needs these and redis-sentinel, Prometheus, Alertmanager and Chromium",
};

/** A program of test:all and the Debian package that has it. */
const programs: Readonly<Record<string, string>> = {
  "redis-server": "redis-server",
  "redis-sentinel": "redis-sentinel",
  prometheus: "prometheus",
  promtool: "prometheus",
  jq: "jq",
  "prometheus-alertmanager": "prometheus-alertmanager",
  chromium: "chromium",
  kubectl: "kubernetes-client",
};

const isOnPath = (program: string): boolean => (process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, program)));

function missingPrograms(): string[] {
  const missing = Object.entries(programs).flatMap(([name, debian]) => (isOnPath(name) ? [] : [`${name} (Debian package ${debian})`]));
  const hasApiServer = process.env.KUBEBUILDER_ASSETS !== undefined || isBuilt() || isOnPath("go");
  return hasApiServer ? missing : [...missing, "go, to build the Kubernetes API server (or KUBEBUILDER_ASSETS)"];
}

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

function totalsOf(modules: readonly TestModule[]): Totals {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const unloaded = modules.filter((module) => module.errors().length > 0); // a file that could not be loaded has no tests
  return {
    passed: tests.filter((test) => test.result().state === "passed").length,
    failed: tests.filter((test) => test.result().state === "failed").length + unloaded.length,
    skipped: tests
      .filter((test) => test.result().state === "skipped")
      .map((test) => {
        const result = test.result();
        const reason = result.state === "skipped" && result.note ? `: ${result.note}` : "";
        return `${test.module.relativeModuleId} > ${test.fullName}${reason}`;
      }),
  };
}

/** A time limit is at least so many times as long as its test takes on a quiet machine. */
const LIMIT_TIMES = 5;

function shortLimits(modules: readonly TestModule[]): string[] {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return tests.flatMap((test) => {
    const [tookMs, limitMs] = [test.diagnostic()?.duration ?? 0, test.options.timeout ?? 0];
    if (limitMs === 0 || tookMs * LIMIT_TIMES <= limitMs) return [];
    return `${test.module.relativeModuleId} > ${test.fullName} took ${(tookMs / 1000).toFixed(1)} s of ${limitMs / 1000} s`;
  });
}

/** What the test of the engine's functions tells; empty: it was not run. */
const enginesReached = (modules: readonly TestModule[]) =>
  modules.flatMap((module) => [...module.children.allTests()].flatMap((test) => test.meta().engineFunctions ?? []));

async function run(project: string[], files: string[]): Promise<Vitest> {
  const vitest = await startVitest("test", files, { watch: false, project, passWithNoTests: true });
  await vitest.close();
  return vitest;
}

const all = process.argv.includes("--all");
const files = process.argv.slice(2).filter((argument) => argument !== "--all");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1)); // real parts end with this process

const broken = writeEngine();
if (broken.length > 0) {
  console.error(`the engine's Lua cannot be bundled:\n${broken.map((problem) => `  ${problem}`).join("\n")}`);
  process.exit(1);
}
const missing = all ? missingPrograms() : [];
if (missing.length > 0) {
  console.error(`test:all leaves nothing out and needs:\n${missing.map((program) => `  ${program}`).join("\n")}`);
  process.exit(1);
}
const vitest = await run(all ? ["bare", "real"] : ["bare"], files);
const { passed, failed, skipped } = totalsOf(vitest.state.getTestModules());
for (const test of skipped) console.log(`left out: ${test}`);
for (const test of shortLimits(vitest.state.getTestModules())) console.log(`near its time limit: ${test}`);
for (const { all: functions, reached } of enginesReached(vitest.state.getTestModules()))
  console.log(`${reached} of ${functions} functions of the engine's Lua reached by its contracts`);
if (!all) {
  for (const [suite, need] of Object.entries(needsOfLeftOut))
    if (existsSync(suite)) console.log(`left out: ${suite} (${need}); npm run test:all runs it`);
}
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
if (failed > 0 || passed === 0 || (all && skipped.length > 0)) process.exitCode = 1;
