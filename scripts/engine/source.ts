// One Lua file of the engine, read for the bundler: its directives and its statements. Judges nothing.
import luaparse from "luaparse";

/** Where a node lies. luaparse gives every node both, and its types say that it may not. */
export interface Placed {
  readonly range: readonly [from: number, to: number];
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

/** A node of luaparse's tree, whatever its type; `type` tells which fields it has. */
export type Node = Placed & { readonly type: string } & Readonly<Record<string, unknown>>;

export interface LuaFile {
  /** From the engine's folder, such as `lib/time.lua`. */
  readonly path: string;
  readonly text: string;
  /** Statements and includes in the order in which they stand. */
  readonly parts: readonly Part[];
  /** Names that the including command has to set before. */
  readonly uses: readonly string[];
  /** Its constants: place in characters → the number. */
  readonly numbers: ReadonlyMap<number, string>;
}

export type Part = { readonly kind: "include"; readonly path: string } | Statement;

export interface Statement {
  readonly kind: "statement";
  readonly path: string;
  readonly node: Node;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A Lua file that cannot be bundled. The message begins with file and line. */
export class LuaError extends Error {}

const DIRECTIVE = /^--- @(\w+) (.*)$/;

/** Reads one file. `constants`: names that stand for numbers. Throws `LuaError` for what is not Lua 5.1. */
export function readLua(path: string, text: string, constants: ReadonlyMap<string, number>): LuaFile {
  const { body } = parse(path, text);
  const directives = directivesOf(path, text);
  const statements: Statement[] = body.map((node) => ({
    kind: "statement",
    path,
    node,
    firstLine: node.loc.start.line,
    lastLine: node.loc.end.line,
  }));
  const placed = [
    ...directives.includes.map(({ line, file }) => ({ line, part: { kind: "include", path: file } as const })),
    ...statements.map((part) => ({ line: part.firstLine, part })),
  ];
  return {
    path,
    text,
    parts: placed.toSorted((one, other) => one.line - other.line).map(({ part }) => part),
    uses: directives.uses,
    numbers: numbersIn(body, constants),
  };
}

/** The statements of a file. Throws `LuaError` for what is not Lua 5.1. */
export const statementsOf = (path: string, text: string): readonly Node[] => parse(path, text).body;

function parse(path: string, text: string): { body: Node[] } {
  try {
    const tree = luaparse.parse(text, { luaVersion: "5.1", comments: false, locations: true, ranges: true });
    return tree as unknown as { body: Node[] };
  } catch (error) {
    throw new LuaError(`${path}: ${(error as Error).message}`);
  }
}

function directivesOf(path: string, text: string) {
  const includes: { line: number; file: string }[] = [];
  const uses: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("---")) continue;
    const [, name = "", rest = ""] = DIRECTIVE.exec(line) ?? [];
    const file = /^"(lib\/[\w-]+\.lua)"$/.exec(rest)?.[1];
    if (name === "include" && file) includes.push({ line: index + 1, file });
    else if (name === "uses" && /^\w+(, \w+)*$/.test(rest)) uses.push(...rest.split(", "));
    else throw new LuaError(`${path}:${index + 1}: no directive of the bundler: ${line}`);
  }
  return { includes, uses };
}

/** Every node below this one, itself first. */
export function* nodesOf(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const item of node) yield* nodesOf(item);
  if (typeof node !== "object" || node === null || Array.isArray(node)) return;
  if ("type" in node) yield node as Node;
  for (const [name, value] of Object.entries(node)) if (name !== "loc" && name !== "range") yield* nodesOf(value);
}

function numbersIn(body: readonly Node[], constants: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  const named = [...nodesOf(body)].filter(({ type, name }) => type === "Identifier" && constants.has(String(name)));
  return new Map(named.map(({ range, name }) => [range[0], String(constants.get(String(name)))]));
}
