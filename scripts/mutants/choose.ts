// Chooses mutants: by a seed, spread over all Lua files and all kinds of change. Whether one can run at all, the caller tells.
import { drawn } from "../../test/simulator/random.ts";
import type { Mutant } from "./mutate.ts";

/** So many lines of a file get a mutant of their own, at least one a file. */
const LINES_PER_MUTANT = 25;

const linesOf = (text: string): number => text.split("\n").length;

/**
 * Mutants by the seed, each file's in turn. A change of one line changes the choice of that line only, as far as it can.
 * `usable`: false for what the linter refuses, or is listed as equivalent.
 */
export function chosen(
  files: ReadonlyMap<string, string>,
  seed: number,
  mutantsOf: (path: string, text: string) => readonly Mutant[],
  usable: (mutant: Mutant) => boolean,
): readonly Mutant[] {
  return [...files].flatMap(([path, text]) => {
    const picked: Mutant[] = [];
    const wanted = Math.ceil(linesOf(text) / LINES_PER_MUTANT);
    const fits = (mutant: Mutant) => picked.length < wanted && !picked.some(({ line }) => line === mutant.line) && usable(mutant);
    const order = shuffled(mutantsOf(path, text), seed);
    // Kinds that the file has none of first.
    for (const mutant of order) if (!picked.some(({ kind }) => kind === mutant.kind) && fits(mutant)) picked.push(mutant);
    for (const mutant of order) if (fits(mutant)) picked.push(mutant);
    return picked;
  });
}

const shuffled = (mutants: readonly Mutant[], seed: number): Mutant[] =>
  mutants
    .map((mutant) => ({ mutant, at: drawn(seed, `${mutant.path} ${mutant.before} ${mutant.after}`) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ mutant }) => mutant);

/**
 * So many of the chosen, evenly spread; which ones changes with `turn`, so that all have had their turn after some days. In place of one that
 * is not usable comes the next that is.
 */
export function sampleOf<Item>(items: readonly Item[], most: number, turn: number, usable: (item: Item) => boolean): readonly Item[] {
  const step = Math.max(1, items.length / most);
  const picked = new Set<Item>();
  for (let at = 0; at < Math.min(most, items.length); at += 1) {
    const from = Math.floor(at * step + (turn % Math.ceil(step)));
    const next = [...items.slice(from), ...items.slice(0, from)].find((item) => !picked.has(item) && usable(item));
    if (next !== undefined) picked.add(next);
  }
  return [...picked];
}
