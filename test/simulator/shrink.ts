import type { Finding } from "./invariants.ts";
import type { Command, Plan } from "./plan.ts";
import type { Sabotage } from "./sabotage.ts";
import { type Run, simulate } from "./simulate.ts";

export interface Shrunk extends Run {
  readonly plan: Plan;
}

/** Takes out of a plan, part by part, all that its finding does not need: what happens, then which calls fare ill. */
export async function shrink(plan: Plan, { what }: Finding, sabotage: Sabotage | null): Promise<Shrunk> {
  const breaks = async (trial: Plan): Promise<boolean> =>
    (await simulate(trial, { sabotage })).findings.some((finding) => finding.what === what);
  let best = plan;
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before; ) {
    before = sizeOf(best);
    const commands = await fewest(best.commands, (left) => breaks({ ...best, commands: left }));
    best = { ...best, commands: await fewerAlerts(commands, (left) => breaks({ ...best, commands: left })) };
    const { faredIll } = await simulate(best, { sabotage });
    const calls = await fewest([...new Set(faredIll)], (left) => breaks({ ...best, mayFareIll: new Set(left) }));
    best = { ...best, mayFareIll: new Set(calls) };
  }
  return { plan: best, ...(await simulate(best, { sabotage, told: true })) };
}

const sizeOf = ({ commands, mayFareIll }: Plan): number => commands.length * 1_000 + (mayFareIll?.size ?? 999);

/** Delta debugging (Zeller, Hildebrandt 2002): a subset that still `breaks`, of which no single item can be left out. */
async function fewest<Item>(all: readonly Item[], breaks: (left: readonly Item[]) => Promise<boolean>): Promise<readonly Item[]> {
  if (await breaks([])) return [];
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const left = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (left.length < kept.length && (await breaks(left))) kept = left;
      else at += size;
    }
  }
  return kept;
}

/** One alert where a payload of several is not needed. */
async function fewerAlerts(
  commands: readonly Command[],
  breaks: (left: readonly Command[]) => Promise<boolean>,
): Promise<readonly Command[]> {
  let kept = commands;
  for (const [at, command] of commands.entries()) {
    if (command.kind !== "post") continue;
    const replaced = (alerts: typeof command.alerts) => kept.map((each, index) => (index === at ? { ...command, alerts } : each));
    if (command.alerts.length === 1) continue;
    kept = replaced(await fewest(command.alerts, (left) => (left.length === 0 ? Promise.resolve(false) : breaks(replaced(left)))));
  }
  return kept;
}
