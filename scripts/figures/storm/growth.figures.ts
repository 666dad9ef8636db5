import { expect, it } from "vitest";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { percentile, report } from "../figure.ts";
import { type FlowParts, openFlows, openWindows } from "./flow-parts.ts";
import { useOwnLedgers } from "./own-ledgers.ts";

const WINDOWS = 10_000;

/** Storms on each side, and alerts in each. */
const STORMS = 60;
const ALERTS = 15;

/** Not measured: they load the scripts. */
const WARMING = 5;

/** The time stands still, so that no window is due. */
const clock = { now: () => 1_800_000_000_000 };

const parts = useOwnLedgers();

interface Cost {
  /** Those that scripts call included. */
  readonly commands: number;
  readonly scriptUs: number;
}

/** What the server has done since its start, but for telling of it. */
async function spent(): Promise<Cost> {
  let [commands, scriptUs] = [0, 0];
  for (const [, name, calls, us] of (await parts.own.redis.info("commandstats")).matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)) {
    if (name !== "info") commands += Number(calls);
    if (name === "evalsha") scriptUs += Number(us);
  }
  return { commands, scriptUs };
}

/** One storm and a round of the drain, per alert. */
async function storm(flows: FlowParts, name: string): Promise<Cost> {
  const before = await spent();
  for (let at = 0; at < ALERTS; at += 1) await flows.send(`${name} ${at}`, name);
  await drainLedger(flows.ports);
  const after = await spent();
  return { commands: (after.commands - before.commands) / ALERTS, scriptUs: (after.scriptUs - before.scriptUs) / ALERTS };
}

it("a storm's alerts with many windows open, and with its own alone, in turn", async (context) => {
  const many = openFlows(parts.ledgers, clock);
  await openWindows(many, WINDOWS);
  expect((await many.ledger.windows(0, 1)).total).toBe(WINDOWS);
  const [beside, alone]: [Cost[], Cost[]] = [[], []];
  for (let at = -WARMING; at < STORMS; at += 1) {
    const sides = [
      { flows: many, costs: beside },
      { flows: openFlows(parts.ledgers, clock), costs: alone },
    ];
    for (const { flows, costs } of at % 2 === 0 ? sides : sides.reverse()) {
      const cost = await storm(flows, `s${at + WARMING}`);
      if (at >= 0) costs.push(cost);
    }
  }
  const middle = (costs: readonly Cost[], of: (cost: Cost) => number) => percentile(costs.map(of), 0.5);
  const commands = [beside, alone].map((costs) => middle(costs, (cost) => cost.commands)) as [number, number];
  const scriptUs = [beside, alone].map((costs) => middle(costs, (cost) => cost.scriptUs)) as [number, number];
  report(context, [
    { name: "with-1-window-redis-commands-per-alert", value: commands[1], unit: "commands" },
    { name: `with-${WINDOWS}-windows-redis-commands-per-alert`, value: commands[0], unit: "commands" },
    { name: `with-${WINDOWS}-windows-redis-commands`, value: commands[0] / commands[1], unit: "times", bar: { atMost: 1.2 } },
    { name: "with-1-window-script-time-per-alert", value: scriptUs[1], unit: "µs" },
    { name: `with-${WINDOWS}-windows-script-time-per-alert`, value: scriptUs[0], unit: "µs" },
    { name: `with-${WINDOWS}-windows-script-time`, value: scriptUs[0] / scriptUs[1], unit: "times", bar: { atMost: 1.2 } },
  ]);
});
