import fc from "fast-check";

/** A few keys, fields and members, so that commands meet; among them bytes that sort differently as text. */
const hash = fc.constantFrom("h1", "h2");
const set = fc.constantFrom("z1", "z2");
/** All of one score: Redis promises ranges by text of no other. */
const flat = fc.constantFrom("l1", "l2");
const any = fc.oneof(hash, set, flat);
const word = fc.constantFrom("", "a", "b", "ab", "é", "~", "\uffff", "\u{10000}", "a:1", "a:2");
const words = fc.array(word, { minLength: 1, maxLength: 4 });
const score = fc.constantFrom("0", "-1", "1", "2", "1.5", "1e20", "0.1", "-inf", "+inf", "8640000000000000", "x");
const rank = fc.integer({ min: -4, max: 4 }).map(String);
const scoreEnd = fc.oneof(score, fc.constantFrom("(1", "(0.1", "(-inf"));
const textEnd = fc.oneof(
  fc.constantFrom("-", "+", "a"),
  word.map((text) => `[${text}`),
  word.map((text) => `(${text}`),
);
const limit = fc.oneof(fc.constant([]), fc.tuple(fc.constant("LIMIT"), rank, rank));

const command = (name: string, ...args: fc.Arbitrary<string | readonly string[]>[]): fc.Arbitrary<string[]> =>
  fc.tuple(...args).map((given) => [name, ...given.flat()]);

const pairs = (one: fc.Arbitrary<string>, other: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(one, other), { minLength: 1, maxLength: 3 }).map((list) => list.flat());
const flags = fc.constantFrom([], [], ["NX"], ["XX"], ["CH"], ["XX", "CH"], ["NX", "CH"], ["LT"], ["LT", "CH"], ["XX", "LT"], ["NX", "LT"]);

const writes = fc.oneof(
  command("HSET", hash, pairs(word, fc.oneof(word, fc.constantFrom("1", "12", "-3", "01", "9007199254740")))),
  command("HDEL", hash, words),
  command("HINCRBY", hash, word, fc.constantFrom("1", "-1", "100", "x", "1.5")),
  command("ZADD", set, flags, pairs(score, word)),
  command("ZADD", flat, flags, pairs(fc.constant("0"), word)),
  command("ZREM", fc.oneof(set, flat), words),
  command("DEL", fc.array(any, { minLength: 1, maxLength: 2 })),
  command("PEXPIRE", any, fc.constantFrom("100000", "0", "-5", "x")),
  command("PERSIST", any),
);

const reads = fc.oneof(
  command("HGET", any, word),
  command("HMGET", hash, words),
  command("HEXISTS", hash, word),
  command("ZSCORE", any, word),
  command("ZCARD", any),
  command("ZRANGE", set, rank, rank, fc.constantFrom([], ["WITHSCORES"], ["x"])),
  command("ZRANGEBYSCORE", set, scoreEnd, scoreEnd, limit),
  command("ZRANGEBYLEX", flat, textEnd, textEnd, limit),
  command("ZREVRANGEBYLEX", flat, textEnd, textEnd, limit),
  command("ZLEXCOUNT", flat, textEnd, textEnd),
  command("EXISTS", fc.array(any, { minLength: 1, maxLength: 3 })),
);

/** Commands of the engine in any order, right and wrong ones. */
export const redisCommands = fc.array(fc.oneof({ weight: 3, arbitrary: writes }, { weight: 2, arbitrary: reads }), {
  minLength: 1,
  maxLength: 60,
  size: "max",
});
