import { it, vi } from "vitest";
import { keysOf } from "../../../src/adapters/redis/keys.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { startDrainLoop } from "../../../src/flows/drain-loop.ts";
import type { Operation } from "../../../src/ports/remediation-writer.ts";
import { report } from "../figure.ts";
import { DEFAULTS, openFlows, openWindows } from "./flow-parts.ts";
import { useOwnLedgers } from "./own-ledgers.ts";

const WINDOWS = 5_000;

/** Each drains on its own, and neither knows of the other. */
const GATEWAYS = 2;

const parts = useOwnLedgers();

it("thousands of windows that are due at once", async (context) => {
  let aheadMs = 0;
  const flows = openFlows(parts.ledgers, { now: () => Date.now() + aheadMs });
  const intents = new Map<string, Set<string>>();
  const perform = async (operations: readonly Operation[]) => {
    for (const operation of operations) {
      if (operation.kind !== "ensure") continue;
      const { signalFingerprint } = operation.draft.spec;
      intents.set(signalFingerprint, (intents.get(signalFingerprint) ?? new Set()).add(operation.intent));
    }
    return flows.writer.perform(operations, 0);
  };
  await openWindows(flows, WINDOWS);
  aheadMs = DEFAULTS.storm.defaults.firstRequestMs;
  const startedMs = performance.now();
  const loops = Array.from({ length: GATEWAYS }, () => startDrainLoop(() => drainLedger({ ...flows.ports, writer: { perform } })));
  const keys = keysOf(flows.cluster);
  await vi.waitUntil(async () => (await parts.own.redis.zcard(keys.windows)) === 0, { timeout: 60_000, interval: 50 });
  const turnedMs = performance.now() - startedMs;
  await vi.waitUntil(() => intents.size === WINDOWS, { timeout: 120_000, interval: 50 });
  const madeMs = performance.now() - startedMs;
  await vi.waitUntil(async () => (await parts.own.owed(flows.cluster)) === 0, { timeout: 60_000, interval: 100 });
  await Promise.all(loops.map((loop) => loop.stop()));
  const twice = [...intents.values()].filter((all) => all.size > 1).length;
  report(context, [
    { name: `due-${WINDOWS}-windows-to-intents`, value: turnedMs / 1_000, unit: "s", bar: { atMost: 30 } },
    { name: `due-${WINDOWS}-windows-with-two-intents`, value: twice, unit: "windows", bar: { atMost: 0 } },
    { name: `due-${WINDOWS}-windows-requests`, value: flows.writer.list().length, unit: "requests", bar: { atMost: WINDOWS } },
    { name: `due-${WINDOWS}-windows-to-requests`, value: madeMs / 1_000, unit: "s" },
  ]);
});
