// The TypeScript module that the engine is shipped as. Each file's text is in it once, however many commands include it.
import type { Command, Engine } from "./bundle.ts";

/** The module's text, not yet formatted. */
export function moduleOf({ commands, library, shipped }: Engine): string {
  const reached = new Set(commands.flatMap(({ statements }) => statements.map(({ path }) => path)));
  const files = [...library.keys(), ...commands.map(({ file }) => file.path)].filter((path) => reached.has(path));
  return [
    "// Made from the Lua files of this folder by scripts/engine-bundle.ts, never by hand.",
    "",
    "/** What is left of each Lua file without comments and space, its variables under short names; each line where it was. */",
    `export const FILES = {${files.map((path) => `${JSON.stringify(path)}: ${JSON.stringify(trimmed(shipped.get(path) ?? []))},`).join("\n")}};`,
    "",
    "/** What each command consists of, in order: `<place of the file in FILES, from 0> <lines>`. */",
    `export const COMMANDS = {${commands.map((command) => `${JSON.stringify(command.name)}: ${JSON.stringify(planOf(command, files, shipped))},`).join("\n")}};`,
    "",
  ].join("\n");
}

const trimmed = (lines: readonly string[]): string => lines.join("\n").replace(/\n+$/, "");

/** Statements with nothing that is shipped between them are told as one part. */
function planOf({ statements }: Command, files: readonly string[], shipped: Engine["shipped"]): string {
  const runs: { path: string; parts: Part[] }[] = [];
  for (const { path, firstLine, lastLine } of statements) {
    if (runs.at(-1)?.path !== path) runs.push({ path, parts: [] });
    const parts = runs.at(-1)?.parts ?? [];
    const last = parts.at(-1);
    const between = shipped.get(path)?.slice(last?.lastLine ?? 0, firstLine - 1) ?? [];
    if (last && between.every((line) => line === "")) last.lastLine = lastLine;
    else parts.push({ firstLine, lastLine });
  }
  return runs.map(({ path, parts }) => `${files.indexOf(path)} ${parts.map(linesOf).join(",")}`).join(";");
}

interface Part {
  readonly firstLine: number;
  lastLine: number;
}

const linesOf = ({ firstLine, lastLine }: Part): string => (firstLine === lastLine ? `${firstLine}` : `${firstLine}-${lastLine}`);
