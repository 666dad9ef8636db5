// What is wrong with the engine's Lua, a sentence each with file and line. Layout is layout.ts's.
import type { Command, Engine } from "./bundle.ts";
import { GIVEN } from "./given.ts";
import { filesBehind } from "./includes.ts";
import { type Call, meaningOf, type Variable } from "./scope.ts";
import { type LuaFile, nodesOf, type Statement } from "./source.ts";

/** Redis takes larger ones; this keeps what travels after a restart, and what a reader looks a line up in, small. In bytes. */
const BUNDLE_MAX = 40 * 1024;

/** Lua 5.1 stops at 200 locals and 60 upvalues a function, at run time: so there is room to notice. */
const LOCALS_MAX = 180;
const UPVALUES_MAX = 50;

/** Every problem of the bundled commands and of the library's files. */
export function lint(engine: Engine, constants: ReadonlyMap<string, number>): string[] {
  return [
    ...new Set([
      ...engine.commands.flatMap((command) => [...commandProblems(command, constants), ...headerProblems(command)]),
      ...[...engine.library.values()].flatMap((file) => libraryProblems(file, engine, constants)),
      ...unusedProblems(engine),
    ]),
  ];
}

function commandProblems({ name, text, meaning, statements }: Command, constants: ReadonlyMap<string, number>): string[] {
  const bytes = Buffer.byteLength(text);
  return [
    ...(bytes > BUNDLE_MAX ? [`${name}: its bundle has ${bytes} bytes, at most ${BUNDLE_MAX}`] : []),
    ...meaning.globals
      .filter(({ name, written }) => written || !(GIVEN.has(name) || constants.has(name)))
      .map(({ name, path, line, written }) => `${path}:${line}: ${name} is ${written ? "a new global" : "not declared"}`),
    ...meaning.scopes.flatMap(({ localsMost, upvalues, path, line, parent }) => {
      const place = parent ? `${path}:${line}: a function` : `${name}: the bundle`;
      return [
        ...(localsMost > LOCALS_MAX ? [`${place} has ${localsMost} locals at a time, at most ${LOCALS_MAX}`] : []),
        ...(upvalues.size > UPVALUES_MAX ? [`${place} has ${upvalues.size} upvalues, at most ${UPVALUES_MAX}`] : []),
      ];
    }),
    ...meaning.calls
      .filter(isMiscounted)
      .map(({ path, line, target, given }) => `${path}:${line}: ${target.name} takes ${target.arity} arguments, not ${given}`),
    ...twiceDeclared(meaning.variables.filter(({ statement }) => statement)),
    ...statements.flatMap(longStrings),
  ];
}

const isMiscounted = ({ target: { arity }, given, open }: Call): boolean => arity !== null && (open ? given - 1 > arity : given !== arity);

function twiceDeclared(variables: readonly Variable[]): string[] {
  const first = new Map<string, Variable>();
  return variables.flatMap((variable) => {
    const known = first.get(variable.name);
    first.set(variable.name, known ?? variable);
    return known ? [`${variable.path}:${variable.line}: ${variable.name} is declared already, at ${known.path}:${known.line}`] : [];
  });
}

/** A string over several lines would lose its indentation, and the map of lines its count. */
const longStrings = ({ path, node }: Statement): string[] =>
  [...nodesOf(node)]
    .filter(({ type, raw }) => type === "StringLiteral" && !/^['"]/.test(String(raw)))
    .map(({ loc }) => `${path}:${loc.start.line}: a string in long brackets`);

/** A command opens with its effect, KEYS, ARGV and Reply. */
function headerProblems({ file: { path, text } }: Command): string[] {
  const header = text.slice(0, text.search(/^(?!--[^-])/m));
  const places = ["-- ", "-- KEYS  ", "-- ARGV  ", "-- Reply "].map((word) => header.search(new RegExp(`^${word}`, "m")));
  const isWhole = places.every((place, at) => place >= 0 && place >= (places[at - 1] ?? 0)) && !header.startsWith("-- KEYS");
  return isWhole ? [] : [`${path}:1: does not open with its effect, KEYS, ARGV and Reply`];
}

/** A file of the library names what it needs: files by @include, what commands set by @uses. */
function libraryProblems(file: LuaFile, engine: Engine, constants: ReadonlyMap<string, number>): string[] {
  const declared = new Set(filesBehind(file, engine.library).flatMap((behind) => [...declaredBy(behind)]));
  const free = meaningOf(file.parts.filter((part) => part.kind === "statement")).globals.filter(
    ({ name }) => !GIVEN.has(name) && !constants.has(name),
  );
  const own = new Set(free.map(({ name }) => name));
  return [
    ...free
      .filter(({ name }) => !declared.has(name) && !file.uses.includes(name))
      .map(({ path, line, name }) => `${path}:${line}: ${name} comes from no included file and is not under @uses`),
    ...file.uses.filter((name) => !own.has(name)).map((name) => `${file.path}: @uses ${name} and does not`),
    ...(/^-- \S/.test(file.text) ? [] : [`${file.path}:1: does not open with what it is for`]),
  ];
}

function declaredBy(file: LuaFile): Set<string> {
  const { variables } = meaningOf(file.parts.filter((part) => part.kind === "statement"));
  return new Set(variables.filter(({ statement }) => statement).map(({ name }) => name));
}

/** Names that are never read: in the command that declares them, or, of the library's top level, in any command. */
function unusedProblems({ commands, library }: Engine): string[] {
  const places = (variable: Variable) => `${variable.path}:${variable.line}: ${variable.name}`;
  const read = new Set<string>();
  const declared = new Map<string, Variable>();
  for (const { meaning } of commands) {
    for (const variable of meaning.variables) {
      if (variable.name.startsWith("_")) continue;
      declared.set(places(variable), variable);
      if (variable.reads > 0) read.add(places(variable));
    }
  }
  const shipped = new Set(commands.flatMap(({ statements }) => statements.map(({ path, firstLine }) => `${path}:${firstLine}`)));
  const inNoCommand = [...library.values()].flatMap(({ parts }) =>
    parts.filter((part) => part.kind === "statement").filter(({ path, firstLine }) => !shipped.has(`${path}:${firstLine}`)),
  );
  return [
    ...[...declared.keys()].filter((place) => !read.has(place)).map((place) => `${place} is never read`),
    ...inNoCommand.map(({ path, firstLine }) => `${path}:${firstLine}: no command reaches this`),
  ];
}
