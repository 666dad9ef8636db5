import { openRedis } from "../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { ledgerContract } from "../contract/ledger.contract.ts";
import { freshName, realParts } from "../support/real-parts.ts";

ledgerContract("Redis 7 through the bridge", async (rules, nowMs) => {
  const { bridgeUrl, bridgeToken } = realParts();
  const redis = openRedis({ url: bridgeUrl, token: bridgeToken, timeoutMs: 5_000, autoPipelining: false });
  return createRedisLedger({ redis, engine: "redis" }, { cluster: freshName("ledger"), rules, clock: { now: nowMs }, virtualTime: true });
});
