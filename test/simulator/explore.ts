import type { Finding } from "./invariants.ts";
import { planOf, type Theme } from "./plan.ts";
import type { Sabotage } from "./sabotage.ts";
import { simulate } from "./simulate.ts";

/** A seed whose history breaks a promise. */
export interface Broken {
  readonly seed: number;
  readonly finding: Finding;
}

export interface Exploration {
  readonly sabotage?: Sabotage | null;
  /** Histories of this theme only. */
  readonly theme?: Theme;
  /** Stops at so many. */
  readonly most?: number;
}

/** Runs the histories of `count` seeds from `first` on, and tells which break a promise, with the first that each breaks. */
export async function explore(
  first: number,
  count: number,
  { sabotage = null, theme, most = count }: Exploration = {},
): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  for (let seed = first; seed < first + count && broken.length < most; seed++) {
    const [finding] = (await simulate(planOf(seed, theme), { sabotage })).findings;
    if (finding) broken.push({ seed, finding });
  }
  return broken;
}
