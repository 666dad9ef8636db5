import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openRedis, openRedisInProcess, type Redis } from "../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { type Connection, connectRedis, executeCommand } from "../../src/bridge/connection.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import { ledgerContracts } from "../contract/ledger-contracts.ts";
import { accountsForEverything, agrees, caresForEverybody } from "../property/ledger-histories.ts";
import { concurrent, deadly, deadlyStorms, mortal, sequential, stormy, stormyTogether } from "../property/ledger-steps.ts";
import { openEmbeddedLedger } from "../support/embedded-ledger.ts";
import { RULES, WINDOW_RULES } from "../support/ledger-builders.ts";
import { freshName, realParts } from "../support/real-parts.ts";
import { accessTo } from "../support/redis-access.ts";
import { silentLog } from "../support/silent-log.ts";

const openOn = (redis: Redis, rules: LedgerRules, nowMs: () => number) =>
  createRedisLedger({ redis, engine: "redis" }, { cluster: freshName("ledger"), rules, clock: { now: nowMs }, virtualTime: true });

ledgerContracts("Redis 7 through the bridge", async (rules, nowMs) => {
  const { bridgeUrl, bridgeToken } = realParts();
  return openOn(openRedis({ url: bridgeUrl, token: bridgeToken, timeoutMs: 5_000, autoPipelining: false }), rules, nowMs);
});

/** A history is some 60 calls; the two cores may be shared with all other suites. */
const HISTORIES_MS = 300_000;

describe("histories with repeats, lost calls and replies, several gateways: Redis 7", { timeout: HISTORIES_MS }, () => {
  // Hundreds of thousands of calls, so without HTTP in between.
  let connection: Connection;
  beforeAll(() => {
    connection = connectRedis(accessTo(realParts().redisUrl), 5_000, silentLog);
    return connection.ready();
  });
  afterAll(() => connection.close());
  const open = (nowMs: () => number) =>
    openOn(
      openRedisInProcess((command) => executeCommand(connection, command)),
      RULES,
      nowMs,
    );
  const embedded = (nowMs: () => number) => openEmbeddedLedger(RULES, nowMs);

  it("get the answers of the engine in process", () =>
    fc.assert(
      fc.asyncProperty(sequential, (history) => agrees(history, embedded, open)),
      { numRuns: 600 },
    ));

  it("get the answers of the engine in process where alerts are folded into storms", () =>
    fc.assert(
      fc.asyncProperty(stormy, (history) => agrees(history, embedded, open, WINDOW_RULES)),
      { numRuns: 900 },
    ));

  it("get the answers of the engine in process where requests cannot be made for a while", () =>
    fc.assert(
      fc.asyncProperty(deadly, (history) => agrees(history, embedded, open)),
      { numRuns: 300 },
    ));

  it("get the answers of the engine in process where the requests of storms cannot be made for a while", () =>
    fc.assert(
      fc.asyncProperty(deadlyStorms, (history) => agrees(history, embedded, open, WINDOW_RULES)),
      { numRuns: 300 },
    ));

  it("care for everybody who fires, alone or in a storm", () =>
    fc.assert(
      fc.asyncProperty(stormyTogether, (history) => caresForEverybody(history, open)),
      { numRuns: 150 },
    ));

  it("count every answered delivery exactly once while requests live", () =>
    fc.assert(
      fc.asyncProperty(concurrent, (history) => accountsForEverything(history, open, true)),
      { numRuns: 200 },
    ));

  it("lose nothing and double nothing while requests end and are deleted", () =>
    fc.assert(
      fc.asyncProperty(mortal, (history) => accountsForEverything(history, open, false)),
      { numRuns: 200 },
    ));
});
