// Makes src/ledger/engine/bundle.ts from the Lua files beside it. With `--check` it changes nothing, and fails if that file is out of date.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as limits from "../src/domain/ledger-limits.ts";
import { bundle, type Engine } from "./engine/bundle.ts";
import { layoutProblems } from "./engine/layout.ts";
import { lint } from "./engine/lint.ts";
import { moduleOf } from "./engine/module.ts";
import { LuaError, readLua } from "./engine/source.ts";

const FOLDER = "src/ledger/engine";
const MODULE = join(FOLDER, "bundle.ts");

/** Names in Lua that stand for the numbers of src/domain/ledger-limits.ts. */
export const constants: ReadonlyMap<string, number> = new Map(Object.entries(limits));

/** Every Lua file of the engine: path from its folder → text. */
export const readEngine = (): ReadonlyMap<string, string> =>
  new Map(
    globSync("{commands,lib}/*.lua", { cwd: FOLDER })
      .map((path) => path.replaceAll("\\", "/"))
      .toSorted()
      .map((path) => [path, readFileSync(join(FOLDER, path), "utf8")]),
  );

/** Bundles Lua texts, or tells what is wrong with them. */
export function bundled(texts: ReadonlyMap<string, string>): { readonly engine: Engine | null; readonly problems: readonly string[] } {
  try {
    const engine = bundle([...texts].map(([path, text]) => readLua(path, text, constants)));
    return { engine, problems: [...lint(engine, constants), ...[...texts].flatMap(([path, text]) => layoutProblems(path, text))] };
  } catch (error) {
    if (error instanceof LuaError) return { engine: null, problems: [error.message] };
    throw error;
  }
}

/** The checked-in module as it should be; or what is wrong with the Lua. */
export function expectedModule(): { readonly text: string } | { readonly problems: readonly string[] } {
  const { engine, problems } = bundled(readEngine());
  if (!engine || problems.length > 0) return { problems };
  return { text: formatted(moduleOf(engine)) };
}

function formatted(text: string): string {
  const biome = spawnSync("node_modules/.bin/biome", ["format", `--stdin-file-path=${MODULE}`], { input: text, encoding: "utf8" });
  if (biome.status !== 0) throw new Error(`biome does not format ${MODULE}: ${biome.stderr}`);
  return biome.stdout;
}

/** What keeps the checked-in module from being what the Lua files make. */
export function engineProblems(): readonly string[] {
  const expected = expectedModule();
  if ("problems" in expected) return expected.problems;
  return readFileSync(MODULE, "utf8") === expected.text ? [] : [`${MODULE} is out of date: node scripts/engine-bundle.ts writes it`];
}

/** Writes the module; returns what is wrong with the Lua, and then leaves the module as it was. */
export function writeEngine(): readonly string[] {
  const expected = expectedModule();
  if ("problems" in expected) return expected.problems;
  writeFileSync(MODULE, expected.text);
  return [];
}

function main(): void {
  const problems = process.argv.includes("--check") ? engineProblems() : writeEngine();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
