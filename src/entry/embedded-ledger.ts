// The ledger of a start without a Redis: the same scripts, run in this process. Nothing of it outlives the process.
import { openRedisInProcess } from "../adapters/redis/client.ts";
import { createRedisLedger, type RedisLedgerOptions } from "../adapters/redis/ledger.ts";
import { pause } from "../adapters/system/pause.ts";
import type { ClusterPorts } from "../gateway.ts";
import { luaState } from "../ledger/embedded/lua-state.ts";
import { createEmbeddedRedis } from "../ledger/embedded/redis.ts";
import { readLuaWasm } from "./lua-wasm.ts";

/** Most alerts or members in one call. It takes some 10 ms, in which the process does nothing else. */
const CALL_MAX = 100;

/** Scripts follow each other without a wait for anything, so what else is due has its turn after so long. */
const TURN_MS = 10;

/** Some 50 MB of memory. Each alert that is remembered has a key, and few others are there. */
const KEYS_MAX = 6_000;

/** An alert is remembered for two days, and one with a dead letter for much longer. */
const LETTER_FROM_MS = 3 * 24 * 3_600_000;

/** What is remembered of an alert whose request is made: without it, a repeat finds the request in Kubernetes. */
const isSpare = (key: string, lifeMs: number) => key.includes(":episode:") && lifeMs < LETTER_FROM_MS;

/**
 * Opens an empty ledger, which takes no more than 100 alerts or members in a call. It remembers 6,000 alerts or so: what nobody waits for goes first;
 * where all of them wait for their requests, or for the end of their storm's, no new one is taken.
 */
export async function openEmbeddedLedger(options: RedisLedgerOptions): Promise<Pick<ClusterPorts, "ledger" | "admitMax">> {
  const { execute, isOver } = createEmbeddedRedis(await luaState(readLuaWasm), options.clock.now, { keysMax: KEYS_MAX, isSpare });
  let turnMs = performance.now();
  const redis = openRedisInProcess(async (command) => {
    if (performance.now() - turnMs > TURN_MS) {
      await pause();
      turnMs = performance.now();
    }
    return execute(command);
  });
  const ledger = createRedisLedger({ redis, engine: "redis" }, options);
  const sweep: typeof ledger.sweep = (call) => ledger.sweep({ ...call, limit: Math.min(call.limit, CALL_MAX) });
  const admit: typeof ledger.admit = async (call) =>
    isOver() && call.alerts.some(({ kind }) => kind === "firing") ? call.alerts.map(() => ({ kind: "full" })) : ledger.admit(call);
  return { ledger: { ...ledger, admit, sweep }, admitMax: CALL_MAX };
}
