// Mutants that no test can tell from the engine, each with the reason. A line that no mutant has any more fails the run.

export interface Equivalent {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** Tried, survived, and found to decide the same. */
export const EQUIVALENT: readonly Equivalent[] = [
  {
    path: "lib/episodes.lua",
    before: "record.buffered, record.window, record.target = '', '', ''",
    after: "record.buffered, record.window, record.target_ = '', '', ''",
    why: "A target is read of a member only, and joining sets it. It is cleared so that no record tells of a storm it has left.",
  },
  {
    path: "lib/never.lua",
    before: "local NEVER = 8.64e15",
    after: "local NEVER = 8640000000000001",
    why: "Any number far beyond every time would do. This one is the last that JavaScript can show.",
  },
  {
    path: "lib/storms.lua",
    before: "window.closedAt, window.dueAt = window.closedAt or now, nil",
    after: "window.closedAt, window.dueAt = window.closedAt_ or now, nil",
    why: "A closed storm is not due and is not pointed at, so nothing closes it again. If something did, its end would stay where it was.",
  },
  {
    path: "lib/collisions.lua",
    before: "episode.lost = known == 0 and uid or episode.lost .. ',' .. uid",
    after: "episode.lost = episode.lost .. ',' .. uid",
    why: "A comma before the first of a list is skipped by all that read it.",
  },
];
