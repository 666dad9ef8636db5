import fc from "fast-check";

/** How a call goes: as it should, never sent, or done with its reply lost. */
const fate = fc.constantFrom("works", "works", "works", "unsent", "unheard");
export type Fate = "works" | "unsent" | "unheard";

const word: fc.Arbitrary<string> = fc.constantFrom("x", "y");
/** As many as make a storm and one more. */
const manyWords: fc.Arbitrary<string> = fc.constantFrom("x", "y", "z", "v");
const alertOf = (words: fc.Arbitrary<string>) =>
  fc.record({
    word: words,
    instance: fc.constantFrom("a", "b"),
    status: fc.constantFrom("firing", "firing", "firing", "resolved"),
    startsAtMs: fc.constantFrom(1_000, 2_000),
  });
export const alert = alertOf(word);

/** `delivery` names one of a few, so that some come again; null: a delivery of its own. */
const post = fc.record({
  kind: fc.constant("post" as const),
  delivery: fc.option(fc.constantFrom("1", "2", "3"), { nil: null }),
  alerts: fc.array(alert, { minLength: 1, maxLength: 3 }),
  admit: fate,
  write: fate,
  confirm: fate,
});
const drain = fc.record({ kind: fc.constant("drain" as const), write: fate, confirm: fate });
const wait = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1, 1_000, 6_000, 31_000, 130_000) });
/** Two gateways at once, call by call in turn. */
const together = fc.record({
  kind: fc.constant("together" as const),
  steps: fc.array(fc.oneof(post, post, drain), { minLength: 2, maxLength: 3 }),
});
const end = fc.record({ kind: fc.constant("end" as const), word, phase: fc.constantFrom("Completed", "Failed") });
const remove = fc.record({ kind: fc.constant("remove" as const), word });

/** The same with alerts enough for storms. */
const swell = fc.record({
  ...{ kind: fc.constant("post" as const), delivery: fc.option(fc.constantFrom("1", "2", "3"), { nil: null }) },
  alerts: fc.array(alertOf(manyWords), { minLength: 1, maxLength: 5 }),
  ...{ admit: fate, write: fate, confirm: fate },
});
const endAny = fc.record({ kind: fc.constant("end" as const), word: manyWords, phase: fc.constantFrom("Completed", "Failed") });
const removeAny = fc.record({ kind: fc.constant("remove" as const), word: manyWords });
/** A drain that dies: after some calls nothing it sends gets anywhere, or the last one is done and never heard of. */
export const die = fc.record({
  kind: fc.constant("die" as const),
  calls: fc.integer({ min: 0, max: 6 }),
  last: fc.constantFrom("unsent", "unheard"),
});
/** A sweep of a part of what is due, sent once or twice. */
export const part = fc.record({ kind: fc.constant("part" as const), limit: fc.constantFrom(1, 2), twice: fc.boolean() });
/** A watch tells of all that there is and of what is gone, or once more what it told last. */
const look = fc.record({ kind: fc.constant("look" as const), again: fc.boolean() });
/** A controller writes the whole status of requests, and the watch tells of it. */
const erase = fc.record({ kind: fc.constant("erase" as const), word: manyWords });
/** The store loses all that it held. */
const lose = fc.record({ kind: fc.constant("lose" as const) });
/** Storms for nobody, or for all again. */
const flip = fc.record({ kind: fc.constant("flip" as const), isOn: fc.boolean() });
/** To the end of a window, and to that of a storm that nobody joins. */
const waitLong = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1, 6_000, 46_000, 130_000, 601_000) });

/** Kubernetes turns a request down for a while, for good or for now, and people deal with what became of it. */
const turnDown = fc.record({
  ...{ kind: fc.constant("turn-down" as const), word },
  how: fc.constantFrom("refused" as const, "refused" as const, "failed" as const, null),
});
const letter = fc.record({ kind: fc.constant("letter" as const), word, act: fc.constantFrom("replay" as const, "discard" as const) });
/** To the next try of a letter, and to the end of an intent's day; longer than an episode is remembered is for other histories. */
const waitDead = fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom<number>(1_000, 6_000, 130_000, 301_000) });
const day = fc.record({ kind: fc.constant("day" as const) });

export type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
export type Step = ValueOf<
  | typeof turnDown
  | typeof letter
  | typeof day
  | typeof swell
  | typeof drain
  | typeof waitLong
  | typeof togetherAny
  | typeof endAny
  | typeof removeAny
  | typeof die
  | typeof part
  | typeof look
  | typeof erase
  | typeof lose
  | typeof flip
>;
export type History = readonly Step[];

const always = [post, post, post, drain, wait];
/** One thing after the other. */
export const sequential: fc.Arbitrary<History> = fc.array(fc.oneof(...always, end, remove), { maxLength: 25 });
/** Requests live for ever, so every occurrence has one place to be counted. */
export const concurrent: fc.Arbitrary<History> = fc.array(fc.oneof(...always, together), { maxLength: 25 });
/** Requests end and are deleted meanwhile. */
export const mortal: fc.Arbitrary<History> = fc.array(fc.oneof(...always, together, end, remove), { maxLength: 25 });

const togetherAny = fc.record({
  kind: fc.constant("together" as const),
  steps: fc.array(fc.oneof(swell, swell, drain), { minLength: 2, maxLength: 3 }),
});
const storms = [swell, swell, swell, swell, drain, drain, waitLong, waitLong, part, die, look, endAny];
/** Storms, one thing after the other. */
export const stormy: fc.Arbitrary<History> = fc.array(fc.oneof(...storms, removeAny, erase, lose), { maxLength: 30 });
/** Storms, several gateways and drains at once. */
export const stormyTogether: fc.Arbitrary<History> = fc.array(fc.oneof(...storms, togetherAny, togetherAny, removeAny, erase, lose), {
  maxLength: 30,
});

/** The same, while storms are turned off and on. */
export const flippedStorms: fc.Arbitrary<History> = fc.array(fc.oneof(...storms, togetherAny, flip, flip, flip, removeAny, erase, lose), {
  maxLength: 30,
});

/** Requests that cannot be made for a while, one thing after the other, and with storms beside them. */
export const deadly: fc.Arbitrary<History> = fc.array(
  fc.oneof(...always, drain, waitDead, waitDead, turnDown, turnDown, letter, day, end),
  { maxLength: 30 },
);
export const deadlyStorms: fc.Arbitrary<History> = fc.array(
  fc.oneof(swell, swell, drain, drain, waitLong, waitDead, turnDown, letter, day, endAny),
  { maxLength: 30 },
);
