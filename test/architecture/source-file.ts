import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { normalize } from "node:path/posix";

/** A file of code; `path` is relative to the project's root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One import or re-export. `typeOnly` imports vanish before the code runs. */
export interface Import {
  /** A path from the project's root, or a package's or built-in's name as it is written. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Every TypeScript file under a folder of the project. */
export const readSources = (folder: string): SourceFile[] => readFiles(folder, ".ts");

/** Every Lua file under a folder of the project. */
export const readLuaFiles = (folder: string): SourceFile[] => readFiles(folder, ".lua");

function readFiles(folder: string, ending: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ path: join(folder, name).replaceAll("\\", "/"), text: readFileSync(join(folder, name), "utf8") }));
}

/** The file without comments, so that prose may name what code may not use. */
export const codeOf = ({ text }: SourceFile): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

const importing = /\b(?:import|export)\s+(type\s)?[^"';()]*?from\s*"([^"]+)"|\bimport\s*(?:\(\s*)?"([^"]+)"/g;

/** What a file imports, statically or not. */
export function importsOf(file: SourceFile): Import[] {
  return [...codeOf(file).matchAll(importing)].map(([, type, from, bare]) => {
    const specifier = from ?? bare ?? "";
    const target = specifier.startsWith(".") ? normalize(`${file.path}/../${specifier}`) : specifier;
    return { target, typeOnly: type !== undefined };
  });
}
