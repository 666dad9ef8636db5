import { it } from "vitest";
import { FAULTS } from "../../../test/support/rehearsal/faults.ts";
import { DIVIDED_BY } from "../../../test/support/rehearsal/monitoring.ts";
import { type Rehearsed, rehearse } from "../../../test/support/rehearsal/rehearse.ts";
import { startWorld, type World } from "../../../test/support/rehearsal/world.ts";
import { isAlert } from "../../monitoring/rule.ts";
import { ruleGroups } from "../../monitoring/rules.ts";
import { report } from "../figure.ts";
import { tell } from "../progress.ts";

/** Mostly they wait, so some go on at once, each in a world of its own. */
const AT_ONCE = 3;

/** One rule alone, or some: `RUNBOOKS=BreakwaterRedisDown,…`. */
const ONLY = process.env.RUNBOOKS?.split(",");

const ALERTS = [...new Set(ruleGroups().flatMap(({ rules }) => rules.filter(isAlert).map(({ alert }) => alert)))];

const FAULT_OF = new Map(FAULTS.map((fault) => [fault.alert, fault]));

const lengthMs = (alert: string) => {
  const { firesWithinMs = 0, endsWithinMs = 0 } = FAULT_OF.get(alert) ?? {};
  return firesWithinMs + endsWithinMs;
};

/** In a fresh world a rule is fired by its fault, and ended by its runbook; null: it was not, and why has been told. */
async function rehearseAlone(alert: string): Promise<Rehearsed | null> {
  let world: World | undefined;
  try {
    world = await startWorld(FAULT_OF.get(alert));
    const rehearsed = await rehearse(world, alert);
    const { firedMs, endedMs, seen } = rehearsed;
    tell(`${alert} fired after ${firedMs.toFixed()} ms, ended after ${endedMs.toFixed()} ms: ${seen.annotations.summary}`);
    return rehearsed;
  } catch (error) {
    tell(`${alert}: ${(error as Error).message}`);
    return null;
  } finally {
    await world?.stop();
  }
}

it("each rule is fired by its real fault, and ended by the commands of its runbook", { timeout: 3_600_000 }, async (context) => {
  const wanted = ALERTS.filter((alert) => !ONLY || ONLY.includes(alert));
  const queue = [...wanted].sort((left, right) => lengthMs(right) - lengthMs(left));
  const done: Rehearsed[] = [];
  const work = async () => {
    for (let alert = queue.shift(); alert; alert = queue.shift()) {
      const rehearsed = await rehearseAlone(alert);
      if (rehearsed) done.push(rehearsed);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const told = wanted.flatMap((alert) => done.filter((one) => one.alert === alert));
  report(context, [
    { name: "runbooks-time-divided-by", value: DIVIDED_BY, unit: "times" },
    { name: "runbooks-of-rules", value: wanted.length, unit: "rules" },
    { name: "runbooks-that-ended-theirs", value: told.length, unit: "rules", bar: { atLeast: wanted.length } },
    ...told.flatMap(({ alert, firedMs, endedMs }) => [
      { name: `${alert}-fired-after`, value: firedMs / 1_000, unit: "s" },
      { name: `${alert}-ended-after`, value: endedMs / 1_000, unit: "s" },
    ]),
  ]);
});
