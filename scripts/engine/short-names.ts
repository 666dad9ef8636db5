// Short names for the variables of the engine. A name is shortened alike in all files, so that whatever meant the same thing means it still; fields
// and globals keep their names.
import { type LuaFile, type Node, nodesOf } from "./source.ts";

const FIRST = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const NEXT = [...FIRST, ..."0123456789"];
const KEYWORDS = new Set(["do", "if", "in", "or"]);

const textOf = ({ name }: Node): string => String(name);

/** Identifiers that are names of variables: neither fields nor keys of a table. */
function variablesIn(node: unknown): Node[] {
  const all = [...nodesOf(node)];
  const fields = new Set(
    all.flatMap((each) => (each.type === "MemberExpression" ? [each.identifier] : each.type === "TableKeyString" ? [each.key] : [])),
  );
  return all.filter((each) => each.type === "Identifier" && !fields.has(each));
}

const bodyOf = ({ parts }: LuaFile): Node[] => parts.flatMap((part) => (part.kind === "statement" ? [part.node] : []));

/** Each variable's name and its short one, the most frequent the shortest. `kept`: names that stand for something outside. */
export function shortNames(files: readonly LuaFile[], kept: ReadonlySet<string>): ReadonlyMap<string, string> {
  const times = new Map<string, number>();
  for (const node of files.flatMap(bodyOf).flatMap(variablesIn)) times.set(textOf(node), (times.get(textOf(node)) ?? 0) + 1);
  const named = [...times]
    .filter(([name]) => !kept.has(name))
    .toSorted(([one, most], [other, more]) => more - most || (one < other ? -1 : 1));
  const taken = new Set([...kept, ...KEYWORDS]);
  const short = wordsBeside(taken);
  return new Map(named.map(([name]) => [name, short.next().value as string]));
}

function* wordsBeside(taken: ReadonlySet<string>): Generator<string> {
  for (const words of [FIRST, FIRST.flatMap((first) => NEXT.map((next) => first + next))])
    for (const word of words) if (!taken.has(word)) yield word;
}

/** What stands for each variable of a file, by its place in characters. */
export const renamed = (file: LuaFile, names: ReadonlyMap<string, string>): [number, string][] =>
  bodyOf(file)
    .flatMap(variablesIn)
    .flatMap((node) => {
      const name = names.get(textOf(node));
      return name === undefined ? [] : [[node.range[0], name] as [number, string]];
    });
