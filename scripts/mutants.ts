// `npm run mutants`: changes the engine's Lua one line at a time, and tells which changes no contract and no simulated history notices.
// `--sample 10` tries so many of them, others every day; `--seed 2` makes another choice; `--file lib/time.lua` tries all of one file's.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bundled, readEngine } from "./engine-bundle.ts";
import { chosen, sampleOf } from "./mutants/choose.ts";
import { EQUIVALENT } from "./mutants/equivalent.ts";
import { type Mutant, mutantsOf } from "./mutants/mutate.ts";
import { tryAll } from "./mutants/pool.ts";
import type { Trial } from "./mutants/worker.ts";

const DAY_MS = 86_400_000;

const { values } = parseArgs({
  options: { sample: { type: "string" }, seed: { type: "string", default: "1" }, file: { type: "string" } },
});

const files = readEngine();
const original = textsOf(files);
const isEquivalent = (mutant: Mutant): boolean =>
  EQUIVALENT.some(({ path, before, after }) => path === mutant.path && before === mutant.before && after === mutant.after);

/** The texts of all commands; null: the bundler or the linter refuses them. */
function textsOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> | null {
  const { engine, problems } = bundled(texts);
  return engine && problems.length === 0 ? new Map(engine.commands.map(({ name, text }) => [name, text])) : null;
}

/** The commands that a mutant changes; null: it cannot run. */
function trialOf({ path, text }: Mutant): Trial | null {
  const texts = textsOf(new Map(files).set(path, text));
  return texts && Object.fromEntries([...texts].filter(([name, each]) => original?.get(name) !== each));
}

function stale(): readonly string[] {
  const all = [...files].flatMap(([path, text]) => mutantsOf(path, text));
  return EQUIVALENT.filter(
    (entry) => !all.some(({ path, before, after }) => path === entry.path && before === entry.before && after === entry.after),
  ).map(({ path, before }) => `${path}: listed as equivalent, and not there any more: ${before}`);
}

const usable = (mutant: Mutant): boolean => !isEquivalent(mutant) && trialOf(mutant) !== null;

function wanted(): readonly Mutant[] {
  if (values.file) return mutantsOf(values.file, files.get(values.file) ?? "").filter(usable);
  const seed = Number(values.seed);
  if (!values.sample) return chosen(files, seed, mutantsOf, usable);
  // To find out whether one is usable takes as long as to kill it, so only those of the sample are asked.
  const all = chosen(files, seed, mutantsOf, (mutant) => !isEquivalent(mutant));
  return sampleOf(all, Number(values.sample), Math.floor(Date.now() / DAY_MS), usable);
}

const placeOf = ({ path, line, kind, before, after }: Mutant): string => `${path}:${line} ${kind}\n  - ${before}\n  + ${after}`;

async function main(): Promise<void> {
  const problems = [...stale(), ...(original ? [] : ["the engine's Lua cannot be bundled: node scripts/engine-bundle.ts tells why"])];
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    process.exit(1);
  }
  const mutants = wanted();
  const survivors: Mutant[] = [];
  const started = Date.now();
  // First the engine as it is, beside the first mutants: where something fails without any change, no verdict means anything.
  await tryAll(
    [null, ...mutants],
    Math.min(2, availableParallelism()),
    (mutant) => (mutant && trialOf(mutant)) ?? {},
    (mutant, killedBy) => {
      if (mutant) console.log(`${killedBy ? "killed" : "SURVIVED"} ${placeOf(mutant)}${killedBy ? `\n  by ${killedBy}` : ""}`);
      if (mutant && !killedBy) survivors.push(mutant);
      if (!mutant && killedBy) problems.push(`without any change, this fails: ${killedBy}`);
    },
  );
  for (const problem of problems) console.error(problem);
  for (const survivor of survivors) console.error(`no test notices ${placeOf(survivor)}`);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${mutants.length} mutants, ${survivors.length} survived, ${EQUIVALENT.length} are listed as equivalent; ${seconds} s`);
  if (problems.length + survivors.length > 0 || mutants.length === 0) process.exitCode = 1;
}

await main();
