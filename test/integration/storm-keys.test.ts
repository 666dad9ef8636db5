import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisInProcess, type Redis as ScriptRedis } from "../../src/adapters/redis/client.ts";
import * as commands from "../../src/adapters/redis/commands.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import type { Script } from "../../src/adapters/redis/script.ts";
import { RECOUNT_EVERY_MS } from "../../src/domain/ledger-limits.ts";
import { REQUESTS } from "../../src/flows/budget.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { deadly, mortal, stormy, stormyTogether } from "../property/ledger-steps.ts";
import { openWorld } from "../property/ledger-world.ts";
import { call, fingerprint, firing, invalid, RULES, resolved, WINDOW_RULES } from "../support/ledger-builders.ts";
import { freshName } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { shaOf } from "../support/script-sha.ts";

/** A Redis of the suite's own, which tells what is asked of it. */
let dir: string;
let server: RedisServer;
let redis: Redis;
let monitor: Redis;
let scripts: ReadonlyMap<string, string>;

/** Commands whose only key is their first argument. */
const ONE_KEY = new Set(
  ["DEL", "PERSIST", "PEXPIRE", "HGET", "HMGET", "HGETALL", "HKEYS", "HLEN", "HEXISTS", "HSET", "HSETNX", "HDEL", "HINCRBY"].concat([
    "ZADD",
    "ZCARD",
    "ZCOUNT",
    "ZRANGE",
    "ZLEXCOUNT",
    "ZRANGEBYLEX",
    "ZREVRANGEBYLEX",
    "ZRANGEBYSCORE",
    "ZREVRANGEBYSCORE",
    "ZREM",
    "ZREMRANGEBYSCORE",
    "ZSCORE",
  ]),
);
const NO_KEY = new Set(["TIME"]);

/** A script that ran, and the keys that it touched beside those that it had declared. */
interface Ran {
  readonly sha: string;
  readonly undeclared: string[];
}
const ran: Ran[] = [];
let declared: ReadonlySet<string> = new Set();

function hear(args: readonly string[], source: string): void {
  const [command = "", sha = "", count = "", ...rest] = args;
  const name = command.toUpperCase();
  if (source !== "lua") {
    if (name !== "EVALSHA" && name !== "EVAL") return;
    declared = new Set(rest.slice(0, Number(count)));
    ran.push({ sha, undeclared: [] });
    return;
  }
  if (NO_KEY.has(name)) return;
  const last = ran.at(-1);
  if (!ONE_KEY.has(name)) last?.undeclared.push(`all that ${name} may touch`);
  else if (!declared.has(sha)) last?.undeclared.push(`${name} ${sha}`);
}

/** Every script there is: the hash that it is called by, and its name. */
const findScripts = async (): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all(Object.entries<Script<unknown>>(commands).map(async ([name, script]) => [await shaOf(script), name] as const)));

let sent = 0;
/** Over a connection of the test's own; counts the scripts that are called. */
function openScripts(): ScriptRedis {
  return openRedisInProcess(async ([command = "", ...args]) => {
    if (command === "EVALSHA") sent += 1;
    try {
      return { result: await redis.call(command, ...args) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  });
}

const openLedger = (nowMs: () => number) =>
  createRedisLedger(
    { redis: openScripts(), engine: "redis" },
    { cluster: freshName("keys"), rules: RULES, clock: { now: nowMs }, virtualTime: true },
  );

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-keys-"));
  server = await startRedisServer(dir);
  redis = new Redis(server.url);
  monitor = await new Redis(server.url).monitor();
  monitor.on("monitor", (_time: string, args: string[], source: string) => hear(args, source));
  scripts = await findScripts();
});
afterAll(async () => {
  monitor?.disconnect();
  redis?.disconnect();
  await server?.stop();
  rmSync(dir, { recursive: true });
});

/** Waits until everything that Redis was asked before has been told. */
async function heardAll(): Promise<void> {
  const last = freshName("last");
  await redis.eval("return redis.call('HLEN', KEYS[1])", 1, last);
  await expect.poll(() => ran.at(-1)?.sha.startsWith("return") && declared.has(last), { timeout: 10_000, interval: 10 }).toBe(true);
}

const touchedUndeclared = () =>
  ran.flatMap(({ sha, undeclared }) => undeclared.map((what) => `${scripts.get(sha) ?? sha.slice(0, 80)}: ${what}`));

/** Everything that people ask of a ledger, while windows of every kind are there. */
async function readAll(ledger: Ledger): Promise<void> {
  await ledger.heartbeat("session");
  await ledger.foresee(call([firing("x", { windowRules: WINDOW_RULES }), resolved("y")]));
  await ledger.recall(call([]).delivery, [firing("x")], null);
  for (const { subject } of (await ledger.windows(0, 10)).windows) {
    await ledger.window(subject, 0, 10);
    await ledger.flush(subject);
  }
  for (const word of ["x", "y", "z", "v"]) await ledger.receipt({ fingerprint: fingerprint(word) });
  for (const { id } of (await ledger.deadLetters(0, 10)).letters) {
    await ledger.deadLetter(id);
    await ledger.replay(id);
    await ledger.discard(id);
  }
  await ledger.counters();
  await ledger.survey();
  await ledger.flags();
  await ledger.setFlag({ feature: "storm-buffering", percent: null, by: "", reason: "", operation: freshName("flag") });
}

describe("a script touches no key that its call has not declared", () => {
  it("is what this suite would notice", async () => {
    await redis.eval("redis.call('HSET', KEYS[1], 'a', '1') return redis.call('HGET', 'other', 'a')", 1, "named");
    await heardAll();
    expect(touchedUndeclared()).toEqual([expect.stringMatching(/: HGET other$/)]);
    ran.length = 0;
  });

  it("in histories of every kind, in which every script runs", { timeout: 120_000 }, async () => {
    const seed = { seed: 20_260_801 };
    const worlds = [
      ...fc.sample(stormyTogether, { numRuns: 150, ...seed }).map((history) => ({ history, rules: WINDOW_RULES })),
      ...fc.sample(stormy, { numRuns: 150, ...seed }).map((history) => ({ history, rules: WINDOW_RULES })),
      ...fc.sample(mortal, { numRuns: 100, ...seed }).map((history) => ({ history, rules: null })),
      ...fc.sample(deadly, { numRuns: 50, ...seed }).map((history) => ({ history, rules: null })),
    ];
    for (const { history, rules } of worlds) {
      const world = openWorld(openLedger, rules);
      for (const one of history) await world.step(one);
      await readAll(world.ledger());
      await world.settle();
      await world.ledger().admit(call([invalid("bad")]));
      const { ids } = await world.ledger().findLetters({ source: "test" }, 10);
      await world.ledger().discardLetters(ids, { kind: "refused" });
      await readAll(world.ledger());
    }
    let nowMs = 1_800_000_000_000;
    const hourly = openLedger(() => nowMs);
    await hourly.admit(call([firing("x", { windowRules: WINDOW_RULES })]));
    await hourly.lease(10);
    nowMs += RECOUNT_EVERY_MS;
    await hourly.lease(10);
    await heardAll();
    expect(touchedUndeclared()).toEqual([]);
    const seen = new Set(ran.map(({ sha }) => sha));
    expect([...scripts].filter(([sha]) => !seen.has(sha)).map(([, name]) => name)).toEqual([]);
  });
});

describe("a call of the ledger makes no more requests than a budget sets aside for it", () => {
  it("in histories with storms", async () => {
    const made = new Map<string, number>();
    let turn: Promise<unknown> = Promise.resolve();
    // One at a time, so that each is known by what it made.
    const counting =
      <Args extends unknown[], Value>(name: string, method: (...args: Args) => Promise<Value>) =>
      (...args: Args): Promise<Value> => {
        const mine = turn.then(async () => {
          const before = sent;
          const value = await method(...args);
          made.set(name, Math.max(made.get(name) ?? 0, sent - before));
          return value;
        });
        turn = mine;
        return mine;
      };
    const open = (nowMs: () => number): Ledger => {
      const ledger = openLedger(nowMs);
      const { lease, sweep, crew, fact, settle } = ledger;
      const first = counting("firstCrew", crew);
      const later = counting("crew", crew);
      return {
        ...ledger,
        lease: counting("lease", lease),
        sweep: counting("sweep", sweep),
        async crew(...args) {
          const read = await first(...args);
          if (read) await later(args[0], args[1], 1, 10);
          return read;
        },
        fact: counting("fact", fact),
        settle: counting("settle", settle),
      };
    };
    for (const history of fc.sample(stormy, { numRuns: 60, seed: 20_260_802 })) {
      const world = openWorld(open, WINDOW_RULES);
      for (const one of history.filter(({ kind }) => kind !== "together")) await world.step(one);
      await world.settle();
    }
    const { lease, sweep, firstCrew, crew } = REQUESTS;
    expect(Object.fromEntries(made)).toEqual({ lease, sweep, firstCrew, crew, fact: 1, settle: 1 });
  });
});
