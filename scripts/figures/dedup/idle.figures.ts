import { afterEach, beforeEach, it, vi } from "vitest";
import { openRedisInProcess } from "../../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../../src/adapters/redis/ledger.ts";
import { randomId } from "../../../src/adapters/system/random.ts";
import { readLuaWasm } from "../../../src/entry/lua-wasm.ts";
import type { Budget } from "../../../src/flows/budget.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { startDrainLoop } from "../../../src/flows/drain-loop.ts";
import { drainForRun } from "../../../src/flows/drain-run.ts";
import { startRelay } from "../../../src/flows/relay-changes.ts";
import { luaState } from "../../../src/ledger/embedded/lua-state.ts";
import { createEmbeddedRedis } from "../../../src/ledger/embedded/redis.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { RULES, STORMS } from "../../../test/support/ledger-builders.ts";
import { report } from "../figure.ts";

const MONTH_MS = 30 * 24 * 3_600_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const immediately = setImmediate;

const virtual = { now: () => Date.UTC(2026, 0, 1) + performance.now() };

/** The engine in process, empty at first, behind a client that counts what it is sent. */
async function openCounted() {
  let commands = 0;
  const { execute } = createEmbeddedRedis(await luaState(readLuaWasm), virtual.now);
  const redis = openRedisInProcess(async (command) => {
    commands += 1;
    return execute(command);
  });
  const ledger = createRedisLedger({ redis, engine: "redis" }, { cluster: "idle", rules: RULES, clock: virtual });
  return { ledger, commands: () => commands };
}

/** Lets the month pass, timer by timer, with all that each sets off. */
async function passMonth(): Promise<void> {
  while (performance.now() < MONTH_MS) {
    if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
    await new Promise((resolve) => immediately(resolve));
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], now: 0 }));
afterEach(() => void vi.useRealTimers());

const drainOf = (ledger: Ledger) => (budget?: Budget) =>
  drainLedger(
    {
      ledger,
      writer: { perform: async () => [] },
      clock: virtual,
      log: quiet,
      random: Math.random,
      newOperation: randomId,
      writerTimeoutMs: 4_000,
      storms: STORMS,
    },
    budget,
  );

it("a month of an idle gateway in a process, and of a relay", async (context) => {
  const [gateway, proxy] = [await openCounted(), await openCounted()];
  const loop = startDrainLoop(drainOf(gateway.ledger));
  const relay = startRelay({ ledger: proxy.ledger, session: () => "session", log: quiet });
  await passMonth();
  const [drained, beaten] = [gateway.commands(), proxy.commands()];
  await Promise.all([loop.stop(), relay.stop()]);
  report(context, [
    { name: "idle-month-redis-commands-of-gateway", value: drained, unit: "commands" },
    { name: "idle-month-redis-commands-of-relay", value: beaten, unit: "commands" },
    { name: "idle-month-redis-commands", value: drained + beaten, unit: "commands", bar: { atMost: 250_000 } },
  ]);
});

it("a month of an idle Worker's cron trigger", async (context) => {
  const { ledger, commands } = await openCounted();
  const trigger = () => {
    setTimeout(trigger, 60_000);
    void drainForRun(drainOf(ledger));
  };
  trigger();
  await passMonth();
  report(context, [{ name: "idle-month-redis-commands-of-worker", value: commands(), unit: "commands" }]);
});
