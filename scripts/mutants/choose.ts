// Chooses mutants: by a seed, spread over all Lua files and all kinds of change. Whether one can run at all, the caller tells.
import { Draws } from "../../test/simulator/random.ts";
import type { Mutant } from "./mutate.ts";

/** So many lines of a file get a mutant of their own, at least one a file. */
const LINES_PER_MUTANT = 25;

const linesOf = (text: string): number => text.split("\n").length;

/** Mutants by the seed, each file's in turn. `usable`: false for what the linter refuses, or is listed as equivalent. */
export function chosen(
  files: ReadonlyMap<string, string>,
  seed: number,
  mutantsOf: (path: string, text: string) => readonly Mutant[],
  usable: (mutant: Mutant) => boolean,
): readonly Mutant[] {
  const timesOf = new Map<string, number>();
  return [...files].flatMap(([path, text]) => {
    const draws = new Draws(seed, path);
    const rest = shuffled(mutantsOf(path, text), draws);
    const picked: Mutant[] = [];
    const wanted = Math.ceil(linesOf(text) / LINES_PER_MUTANT);
    while (picked.length < wanted && rest.length > 0) {
      // The kind that was tried least so far; among those the shuffle decides.
      const next = rest.reduce((best, each) => ((timesOf.get(each.kind) ?? 0) < (timesOf.get(best.kind) ?? 0) ? each : best));
      rest.splice(rest.indexOf(next), 1);
      if (picked.some(({ line }) => line === next.line) || !usable(next)) continue;
      picked.push(next);
      timesOf.set(next.kind, (timesOf.get(next.kind) ?? 0) + 1);
    }
    return picked;
  });
}

function shuffled<Item>(items: readonly Item[], draws: Draws): Item[] {
  return items
    .map((item) => ({ item, at: draws.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** So many of the chosen, evenly spread; which ones changes with `turn`, so that all have had their turn after some days. */
export function sampleOf<Item>(items: readonly Item[], most: number, turn: number): readonly Item[] {
  if (items.length <= most) return items;
  const step = items.length / most;
  return Array.from({ length: most }, (_, at) => items[Math.floor(at * step + (turn % Math.ceil(step))) % items.length] as Item);
}
