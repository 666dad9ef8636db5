import type { Fault } from "../fault.ts";
import { alerts, apart, killRedis, redis, set } from "./hands.ts";

export const dependencies: readonly Fault[] = [
  { alert: "BreakwaterBreakerOpen", break: killRedis, load: ({ send }, second) => send(...alerts(`broken-${second}`, 1)) },
  {
    alert: "BreakwaterDirectMode",
    break: killRedis,
    load: ({ send }, second) => send(...alerts(`direct-${second}`, 1)),
    endsWithinMs: 90_000,
  },
  {
    alert: "BreakwaterRelaySilent",
    firesWithinMs: 90_000,
    async break({ workloads }) {
      await workloads.of.proxy.kill();
      return {};
    },
  },
  {
    alert: "BreakwaterBufferNearlyFull",
    async break(world) {
      await set(world, "STORM_FIRST_REQUEST_SECONDS=300", "STORM_MAX_PER_NAMESPACE=20");
      await world.send(...apart("waits", 19));
      return {};
    },
  },
  {
    alert: "BreakwaterBufferBypassed",
    endsWithinMs: 90_000,
    async break(world) {
      await set(world, "STORM_FIRST_REQUEST_SECONDS=300", "STORM_MAX_PER_NAMESPACE=20");
      return {};
    },
    load: ({ send }, second) => send(...apart(`passes-${second}`, 3)),
  },
  {
    alert: "BreakwaterRedisTrouble",
    async break(world) {
      await redis(world, "acl setuser breakwater -zadd");
      return {};
    },
  },
];
