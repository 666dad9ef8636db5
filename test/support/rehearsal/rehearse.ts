import { setTimeout as sleep } from "node:timers/promises";
import { runbooks } from "../../../scripts/monitoring/runbooks.ts";
import { FAULTS } from "./faults.ts";
import type { SeenAlert } from "./monitoring.ts";
import type { World } from "./world.ts";

/** How a rule and its runbook did. */
export interface Rehearsed {
  readonly alert: string;
  readonly firedMs: number;
  /** From the last command of the runbook's `Mend`. */
  readonly endedMs: number;
  readonly seen: SeenAlert;
}

const MS = 60_000;

/** Fires a rule by its fault, executes its runbook as it stands on the page, and sees it end. Throws with what went wrong. */
export async function rehearse(world: World, alert: string): Promise<Rehearsed> {
  const fault = FAULTS.find((one) => one.alert === alert);
  const runbook = runbooks().find((one) => one.alert === alert);
  if (!fault || !runbook) throw new Error(`${alert} has no ${fault ? "runbook" : "fault"}`);
  const { find, mend, over } = runbook;
  const { firesWithinMs = MS, endsWithinMs = MS } = fault;
  const firing = async () => (await world.monitoring.alerts(alert)).find(({ state }) => state === "firing");
  const until = async <Value>(what: string, withinMs: number, look: () => Promise<Value | undefined>): Promise<[Value, number]> => {
    const from = performance.now();
    while (performance.now() - from < withinMs) {
      const value = await look();
      if (value !== undefined) return [value, performance.now() - from];
      await sleep(250);
    }
    throw new Error(`${alert} ${what} within ${withinMs} ms`);
  };
  const run = async (part: string, commands: readonly string[], variables: Readonly<Record<string, string>>) => {
    for (const each of commands)
      await world.shell(each, variables).catch((error: unknown) => {
        const { stderr = "", stdout = "" } = error as { stderr?: string; stdout?: string };
        throw new Error(`${part} of ${alert} fails:\n${each}\n${stdout}\n${stderr}`);
      });
  };
  await until("was not quiet at first", MS, async () => ((await world.monitoring.alerts(alert)).length === 0 ? true : undefined));

  const variables = await fault.break(world);
  let loaded = true;
  const load = (async () => {
    for (let second = 0; loaded && fault.load; second += 1) {
      await fault.load(world, second).catch(() => {}); // what cannot be answered is part of the fault
      await sleep(1_000);
    }
  })();
  try {
    const [seen, firedMs] = await until("did not fire", firesWithinMs, firing);
    const texts = Object.values(seen.annotations).join(" ");
    if (/no value|error/.test(texts)) throw new Error(`${alert} says: ${texts}`);
    await run("Find", find, variables);
    if (!(await firing())) throw new Error(`${alert} has ended by itself`);
    await run("Mend", mend, variables);
    await world.workloads.settled();
    const [, endedMs] = await until("did not end", endsWithinMs, async () => ((await firing()) ? undefined : true));
    await run("Over", over, variables);
    return { alert, firedMs, endedMs, seen };
  } finally {
    loaded = false;
    await load;
  }
}
