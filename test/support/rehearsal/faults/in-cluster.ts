import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { alerts, killRedis, redis, withoutRights, withoutWriting } from "./hands.ts";

export const inCluster: readonly Fault[] = [
  { alert: "BreakwaterWatchDisconnected", break: async (world) => withoutRights(world) },
  {
    alert: "BreakwaterKubernetesFails",
    break: async (world) => withoutRights(world),
    load: ({ send }, second) => (second < 20 ? send(...alerts(`failing-${second}`, 2)) : Promise.resolve()),
    endsWithinMs: 90_000,
  },
  {
    alert: "BreakwaterDirectCountsWaiting",
    firesWithinMs: 90_000,
    async break(world) {
      await world.send(...alerts("unwritten", 5));
      withoutWriting(world);
      await killRedis(world);
      await sleep(1_000);
      await world.send(...alerts("unwritten", 5));
      return {};
    },
  },
  { alert: "BreakwaterRedisDown", break: killRedis },
  {
    alert: "BreakwaterRedisMemory",
    async break(world) {
      const used = Number(/used_memory:(\d+)/.exec(await redis(world, "info memory"))?.[1]);
      await redis(world, `config set maxmemory ${Math.round(used / 0.95)}`);
      return {};
    },
  },
  {
    alert: "BreakwaterRedisEvicts",
    async break(world) {
      await redis(world, "config set maxmemory-policy allkeys-lru");
      return {};
    },
  },
];
