// Redis' commands on sorted sets, as far as the engine uses them.
import type { Command, Run } from "./commands.ts";
import type { SortedSet } from "./sorted-set.ts";
import { CommandError, integerOf, numberText, type Reply, scoreOf } from "./values.ts";

const SYNTAX = "ERR syntax error";

/** An end of a range: how many members come before it where it begins a range, and where it ends one. */
interface Bound {
  readonly first: number;
  readonly end: number;
}

/** `1`, `(1`, `-inf`. */
function scoreBound(set: SortedSet, text: string): Bound {
  const open = text.startsWith("(");
  const bound = scoreOf(open ? text.slice(1) : text, "ERR min or max is not a float");
  const below = () => set.rank(({ score }) => score < bound);
  const through = () => set.rank(({ score }) => score <= bound);
  return open ? { first: through(), end: below() } : { first: below(), end: through() };
}

/** `[a`, `(a`, `-`, `+`; all members have one score, else Redis promises nothing either. */
function textBound(set: SortedSet, text: string): Bound {
  if (text === "-") return { first: 0, end: 0 };
  if (text === "+") return { first: set.size, end: set.size };
  const bound = text.slice(1);
  const below = () => set.rank(({ member }) => member < bound);
  const through = () => set.rank(({ member }) => member <= bound);
  if (text.startsWith("(")) return { first: through(), end: below() };
  if (text.startsWith("[")) return { first: below(), end: through() };
  throw new CommandError("ERR min or max not valid string range item");
}

type BoundOf = (set: SortedSet, text: string) => Bound;

/** `<key> <one end> <other end> [LIMIT <offset> <count>]`; a count below 0 is any. */
const rangeBy =
  (boundOf: BoundOf, reversed = false): Run =>
  (keyspace, [key = "", one = "", other = "", ...options]) => {
    const [offset, count] = limitOf(options);
    const set = keyspace.sortedSet(key);
    const [min, max] = reversed ? [other, one] : [one, other];
    const first = boundOf(set, min).first;
    const end = Math.max(first, boundOf(set, max).end);
    const size = Math.max(0, end - first - offset);
    const wanted = count < 0 ? size : Math.min(size, count);
    if (offset < 0 || wanted === 0) return [];
    if (!reversed) return set.slice(first + offset, first + offset + wanted).map(({ member }) => member);
    return set
      .slice(end - offset - wanted, end - offset)
      .map(({ member }) => member)
      .toReversed();
  };

function limitOf(options: readonly string[]): [offset: number, count: number] {
  if (options.length === 0) return [0, -1];
  const [word = "", offset = "", count = ""] = options;
  if (options.length !== 3 || word.toUpperCase() !== "LIMIT") throw new CommandError(SYNTAX);
  return [integerOf(offset), integerOf(count)];
}

/** `<key> <first rank> <last rank> [WITHSCORES]`; ranks below 0 count from the end. */
const range: Run = (keyspace, [key = "", first = "", last = "", ...options]) => {
  const withScores = options[0]?.toUpperCase() === "WITHSCORES";
  if (options.length > (withScores ? 1 : 0)) throw new CommandError(SYNTAX);
  const ranks = [integerOf(first), integerOf(last)] as const;
  const set = keyspace.sortedSet(key);
  const [from, to] = ranks.map((rank) => (rank < 0 ? Math.max(0, set.size + rank) : rank)) as [number, number];
  const end = ranks[1] < -set.size ? 0 : to + 1;
  return set.slice(from, end).flatMap(({ member, score }): Reply[] => (withScores ? [member, numberText(score)] : [member]));
};

/** `<key> [NX | XX] [LT] [CH] <score> <member> …` */
const add: Run = (keyspace, [key = "", ...rest]) => {
  const flags = new Set<string>();
  while (["NX", "XX", "LT", "CH"].includes(rest[0]?.toUpperCase() ?? "")) flags.add((rest.shift() as string).toUpperCase());
  if (rest.length === 0 || rest.length % 2 === 1) throw new CommandError(SYNTAX);
  if (flags.has("NX") && flags.has("LT")) throw new CommandError("ERR GT, LT, and/or NX options at the same time are not compatible");
  if (flags.has("NX") && flags.has("XX")) throw new CommandError("ERR XX and NX options at the same time are not compatible");
  const pairs = Array.from({ length: rest.length / 2 }, (_, at) => [scoreOf(rest[2 * at] as string), rest[2 * at + 1] as string] as const);
  const set = keyspace.sortedSet(key);
  let added = 0;
  let moved = 0;
  for (const [score, member] of pairs) {
    const known = set.score(member);
    if (known === undefined ? flags.has("XX") : flags.has("NX") || (flags.has("LT") && score >= known)) continue;
    if (known === undefined) added++;
    else if (known !== score) moved++;
    if (known !== score) set.set(member, score);
  }
  keyspace.keep(key, set);
  return flags.has("CH") ? added + moved : added;
};

/** By name. */
export const sortedSetCommands: Readonly<Record<string, Command>> = {
  ZADD: { least: 3, most: null, run: add },
  ZREM: {
    least: 2,
    most: null,
    run(keyspace, [key = "", ...members]) {
      const set = keyspace.sortedSet(key);
      const removed = members.filter((member) => set.delete(member)).length;
      keyspace.keep(key, set);
      return removed;
    },
  },
  ZSCORE: {
    least: 2,
    most: 2,
    run(keyspace, [key = "", member = ""]) {
      const score = keyspace.sortedSet(key).score(member);
      return score === undefined ? null : numberText(score);
    },
  },
  ZCARD: { least: 1, most: 1, run: (keyspace, [key = ""]) => keyspace.sortedSet(key).size },
  ZRANGE: { least: 3, most: null, run: range },
  ZRANGEBYSCORE: { least: 3, most: null, run: rangeBy(scoreBound) },
  ZRANGEBYLEX: { least: 3, most: null, run: rangeBy(textBound) },
  ZREVRANGEBYLEX: { least: 3, most: null, run: rangeBy(textBound, true) },
  ZLEXCOUNT: {
    least: 3,
    most: 3,
    run(keyspace, [key = "", min = "", max = ""]) {
      const set = keyspace.sortedSet(key);
      return Math.max(0, textBound(set, max).end - textBound(set, min).first);
    },
  },
};
