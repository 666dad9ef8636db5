// Makes each command one script: resolves its includes, leaves out what it does not reach, and shortens what is left. Whether the Lua is good, lint.ts says.
import { GIVEN } from "./given.ts";
import { includedStatements } from "./includes.ts";
import { type Meaning, meaningOf } from "./scope.ts";
import { shippedLines } from "./shipped.ts";
import { renamed, shortNames } from "./short-names.ts";
import type { LuaFile, Statement } from "./source.ts";

export interface Command {
  /** The file's name without its ending, such as `admit`. */
  readonly name: string;
  readonly file: LuaFile;
  /** What is shipped, in order. */
  readonly statements: readonly Statement[];
  readonly meaning: Meaning;
  readonly text: string;
}

export interface Engine {
  /** The lines of each file as they are shipped, each where it was. */
  readonly shipped: ReadonlyMap<string, readonly string[]>;
  readonly commands: readonly Command[];
  readonly library: ReadonlyMap<string, LuaFile>;
}

/** Bundles every command. Throws `LuaError` where an include leads nowhere or round in a circle. */
export function bundle(files: readonly LuaFile[]): Engine {
  const library = new Map(files.filter(({ path }) => path.startsWith("lib/")).map((file) => [file.path, file]));
  const names = shortNames(files, GIVEN);
  const shipped = new Map(files.map((file) => [file.path, shippedLines(file.text, new Map([...renamed(file, names), ...file.numbers]))]));
  const commands = files
    .filter(({ path }) => path.startsWith("commands/"))
    .map((file): Command => {
      const statements = reached(includedStatements(file, library), file);
      const lines = statements.flatMap(({ path, firstLine, lastLine }) => shipped.get(path)?.slice(firstLine - 1, lastLine) ?? []);
      return { name: nameOf(file), file, statements, meaning: meaningOf(statements), text: lines.filter((line) => line !== "").join("\n") };
    });
  return { commands, library, shipped };
}

const nameOf = ({ path }: LuaFile): string => path.replace(/^commands\/(.*)\.lua$/, "$1");

const declares = ({ node }: Statement): boolean => node.type === "LocalStatement" || node.type === "FunctionDeclaration";

/**
 * What the command's own statements need. A declaration of the library is needed by whatever names it; any other statement of the library
 * prepares names of its own file, and goes with them.
 */
function reached(statements: readonly Statement[], command: LuaFile): Statement[] {
  const { references } = meaningOf(statements);
  const needed = new Set<Statement>();
  const need = (statement: Statement) => {
    if (needed.has(statement)) return;
    needed.add(statement);
    for (const { statement: declaring } of references.get(statement) ?? []) if (declaring) need(declaring);
  };
  for (const statement of statements) if (statement.path === command.path) need(statement);
  const prepares = (statement: Statement) =>
    [...(references.get(statement) ?? [])].some(({ path, statement: by }) => path === statement.path && by && needed.has(by));
  for (let before = -1; before < needed.size; ) {
    before = needed.size;
    for (const statement of statements) if (!declares(statement) && prepares(statement)) need(statement);
  }
  return statements.filter((statement) => needed.has(statement));
}
