import { openRedisInProcess, type Redis } from "../../src/adapters/redis/client.ts";
import { type Keys, keysOf } from "../../src/adapters/redis/keys.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { readLuaWasm } from "../../src/entry/lua-wasm.ts";
import { type LuaState, luaState } from "../../src/ledger/embedded/lua-state.ts";
import { createEmbeddedRedis, type EmbeddedRedis } from "../../src/ledger/embedded/redis.ts";
import type { Ledger, LedgerRules } from "../../src/ports/ledger.ts";

/** This process' Lua. */
export const lua = await luaState(readLuaWasm);

/** A Redis of its own in this process, empty, which takes its time from `nowMs`. */
export const openEmbeddedRedis = (nowMs: () => number): EmbeddedRedis => createEmbeddedRedis(lua, nowMs);

const asIs = (redis: Redis): Redis => redis;

/** The engine over a Redis of its own in this process, empty, which takes its time from `nowMs`. `around`: what stands before that Redis. */
export function openEmbeddedLedger(rules: LedgerRules, nowMs: () => number, around = asIs, state: LuaState = lua): Ledger {
  const { execute } = createEmbeddedRedis(state, nowMs);
  const client = { redis: around(openRedisInProcess(execute)), engine: "redis" } as const;
  return createRedisLedger(client, { cluster: "embedded", rules, clock: { now: nowMs }, virtualTime: true });
}

/** A ledger, and the Redis behind it. */
export interface LedgerStore {
  readonly ledger: Ledger;
  readonly keys: Keys;
  readonly cluster: string;
  /** Another gateway's ledger on the same Redis. */
  beside(rules: LedgerRules): Ledger;
  /** Runs a command of Redis. */
  run(...command: string[]): Promise<unknown>;
}

/** As openEmbeddedLedger, with a clock of the callers' of its own: time is what the Redis tells. */
export function openEmbeddedStore(rules: LedgerRules, nowMs: () => number, around = asIs, state: LuaState = lua): LedgerStore {
  const { execute } = createEmbeddedRedis(state, nowMs);
  const client = { redis: around(openRedisInProcess(execute)), engine: "redis" } as const;
  const beside = (others: LedgerRules) => createRedisLedger(client, { cluster: "store", rules: others, clock: { now: () => 1_000 } });
  const run = async (...command: string[]) => {
    const answer = await execute(command);
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  };
  return { ledger: beside(rules), cluster: "store", keys: keysOf("store"), beside, run };
}
