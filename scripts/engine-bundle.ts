// Makes src/ledger/engine/bundle.ts from the Lua files beside it, and embedded/sandbox.ts from its own. With `--check` it changes nothing,
// and fails if one of them is out of date.
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
const SANDBOX = "src/ledger/embedded/sandbox";

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

/** What a script finds around it in process. The engine's rules for names are not its own: it is what they are about. */
function sandboxOf(text: string): { readonly module: string; readonly problems: readonly string[] } {
  const path = `${SANDBOX}.lua`;
  const module = [
    "// Made from sandbox.lua by scripts/engine-bundle.ts, never by hand.",
    "",
    "/** Lua that builds what a script finds around it; sandbox.lua says how it is called. */",
    `export const SANDBOX = ${JSON.stringify(text)};`,
    "",
  ].join("\n");
  try {
    readLua(path, text, new Map());
    return { module, problems: layoutProblems(path, text) };
  } catch (error) {
    if (error instanceof LuaError) return { module, problems: [error.message] };
    throw error;
  }
}

/** The checked-in modules as they should be, by path; or what is wrong with the Lua. */
export function expectedModules(): { readonly modules: ReadonlyMap<string, string> } | { readonly problems: readonly string[] } {
  const { engine, problems: ofEngine } = bundled(readEngine());
  const { module, problems: ofSandbox } = sandboxOf(readFileSync(`${SANDBOX}.lua`, "utf8"));
  const problems = [...ofEngine, ...ofSandbox];
  if (!engine || problems.length > 0) return { problems };
  const made = [[MODULE, moduleOf(engine)] as const, [`${SANDBOX}.ts`, module] as const];
  return { modules: new Map(made.map(([path, text]) => [path, formatted(path, text)])) };
}

function formatted(path: string, text: string): string {
  const biome = spawnSync("node_modules/.bin/biome", ["format", `--stdin-file-path=${path}`], { input: text, encoding: "utf8" });
  if (biome.status !== 0) throw new Error(`biome does not format ${path}: ${biome.stderr}`);
  return biome.stdout;
}

/** What keeps the checked-in modules from being what the Lua files make. */
export function engineProblems(): readonly string[] {
  const expected = expectedModules();
  if ("problems" in expected) return expected.problems;
  return [...expected.modules]
    .filter(([path, text]) => readFileSync(path, "utf8") !== text)
    .map(([path]) => `${path} is out of date: node scripts/engine-bundle.ts writes it`);
}

/** Writes the modules; returns what is wrong with the Lua, and then leaves them as they were. */
export function writeEngine(): readonly string[] {
  const expected = expectedModules();
  if ("problems" in expected) return expected.problems;
  for (const [path, text] of expected.modules) writeFileSync(path, text);
  return [];
}

function main(): void {
  const problems = process.argv.includes("--check") ? engineProblems() : writeEngine();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
