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
    path: "lib/flag-sights.lua",
    before: "if seenAt and tonumber(seenAt) > tonumber(changedAt or 0) then",
    after: "if seenAt and tonumber(seenAt) > tonumber(changedAt or 1) then",
    why: "No override was seen in the first ms of 1970.",
  },
  {
    path: "lib/flag-changes.lua",
    before: "local number = redis.call('HINCRBY', KEYS[15], 'changes', 1)",
    after: "local number = redis.call('HINCRBY', KEYS[15], 'changes_', 1)",
    why: "Nothing else asks how many changes there were.",
  },
  {
    path: "lib/flag-changes.lua",
    before: "for i = 0, FLAG_CHANGES_MAX - 1 do",
    after: "for i = 0, FLAG_CHANGES_MAX + 1 do",
    why: "There are no changes behind the last place.",
  },
  {
    path: "lib/episodes.lua",
    before: "record.buffered, record.window, record.answers, record.target = '', '', '', ''",
    after: "record.buffered, record.window, record.answers, record.target_ = '', '', '', ''",
    why: "A target is read of a member only, and joining sets it. It is cleared so that no record tells of a storm it has left.",
  },
  {
    path: "lib/episodes.lua",
    before: "record.resolvedAt, record.written, record.writtenResolvedAt, record.urgency, record.writtenUrgency = nil, 0, nil, nil, nil",
    after: "record.resolvedAt, record.written, record.writtenResolvedAt, record.urgency, record.writtenUrgency_ = nil, 0, nil, nil, nil",
    why: "It is read only where the episode has an object, and pointing at that sets it. It is cleared so that no record tells of another object.",
  },
  {
    path: "commands/due.lua",
    before: "for _, thing in ipairs(found) do known[thing] = true end",
    after: "for _, thing in ipairs(found) do known[thing] = false end",
    why: "What a lease hands out by its turn is not due any more where the same lease names it by its age. It is left out to name it once.",
  },
  {
    path: "lib/held-back.lua",
    before: "local isThere, isWithin = given.call('ZSCORE', key, member), member > first and member < last",
    after: "local isThere, isWithin = given.call('ZSCORE', key, member), member > first and member <= last",
    why: "The last text of a range is one that no member is: it ends at the character behind the one that parts a name.",
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
  {
    path: "commands/survey.lua",
    before: "local function overdue(index) return age(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2]) end",
    after: "local function overdue(index) return age(redis.call('ZRANGE', index, 0, 1, 'WITHSCORES')[2]) end",
    why: "Of two, too, the second value of the reply is the first one's score.",
  },
];
