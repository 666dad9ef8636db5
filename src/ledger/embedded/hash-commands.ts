// Redis' commands on hashes, as far as the engine uses them. Counts are exact up to 2^53.
import type { Command } from "./commands.ts";
import { CommandError, integerOf, NOT_AN_INTEGER } from "./values.ts";

/** By name. */
export const hashCommands: Readonly<Record<string, Command>> = {
  HGET: { least: 2, most: 2, run: (keyspace, [key = "", field = ""]) => keyspace.hash(key).get(field) ?? null },
  HMGET: {
    least: 2,
    most: null,
    run(keyspace, [key = "", ...fields]) {
      const hash = keyspace.hash(key);
      return fields.map((field) => hash.get(field) ?? null);
    },
  },
  HEXISTS: { least: 2, most: 2, run: (keyspace, [key = "", field = ""]) => (keyspace.hash(key).has(field) ? 1 : 0) },
  HKEYS: { least: 1, most: 1, run: (keyspace, [key = ""]) => [...keyspace.hash(key).keys()] },
  HGETALL: { least: 1, most: 1, run: (keyspace, [key = ""]) => [...keyspace.hash(key)].flat() },
  HSET: {
    least: 3,
    most: null,
    run(keyspace, [key = "", ...pairs]) {
      if (pairs.length % 2 === 1) throw new CommandError("ERR wrong number of arguments for 'hset' command");
      const hash = keyspace.hash(key);
      const before = hash.size;
      for (let at = 0; at < pairs.length; at += 2) hash.set(pairs[at] as string, pairs[at + 1] as string);
      keyspace.keep(key, hash);
      return hash.size - before;
    },
  },
  HDEL: {
    least: 2,
    most: null,
    run(keyspace, [key = "", ...fields]) {
      const hash = keyspace.hash(key);
      const deleted = fields.filter((field) => hash.delete(field)).length;
      keyspace.keep(key, hash);
      return deleted;
    },
  },
  HINCRBY: {
    least: 3,
    most: 3,
    run(keyspace, [key = "", field = "", by = ""]) {
      const step = integerOf(by, NOT_AN_INTEGER);
      const hash = keyspace.hash(key);
      const value = integerOf(hash.get(field) ?? "0", "ERR hash value is not an integer") + step;
      if (Math.abs(value) >= 2 ** 63) throw new CommandError("ERR increment or decrement would overflow");
      hash.set(field, String(value));
      keyspace.keep(key, hash);
      return value;
    },
  },
};
