// The ledger of a start without a Redis: the same scripts, run in this process. Nothing of it outlives the process.
import { openRedisInProcess } from "../adapters/redis/client.ts";
import { createRedisLedger, type RedisLedgerOptions } from "../adapters/redis/ledger.ts";
import type { ClusterPorts } from "../gateway.ts";
import { luaState } from "../ledger/embedded/lua-state.ts";
import { createEmbeddedRedis } from "../ledger/embedded/redis.ts";
import { readLuaWasm } from "./lua-wasm.ts";

/** Most alerts or members in one call. It takes some 10 ms, in which the process does nothing else. */
const CALL_MAX = 100;

/** Opens an empty ledger, which takes no more than 100 alerts or members in a call. */
export async function openEmbeddedLedger(options: RedisLedgerOptions): Promise<Pick<ClusterPorts, "ledger" | "admitMax">> {
  const { execute } = createEmbeddedRedis(await luaState(readLuaWasm), options.clock.now);
  const ledger = createRedisLedger({ redis: openRedisInProcess(execute), engine: "redis" }, options);
  const sweep: typeof ledger.sweep = (call) => ledger.sweep({ ...call, limit: Math.min(call.limit, CALL_MAX) });
  return { ledger: { ...ledger, sweep }, admitMax: CALL_MAX };
}
