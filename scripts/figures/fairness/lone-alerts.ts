import { expect } from "vitest";
import { requestsIn } from "../../../test/support/requests.ts";
import { fire } from "../../../test/support/sender.ts";
import { pause, sendEvenly } from "../bench.ts";

/** How long after the last of them a request is looked for; what has none by then has waited for ever. */
const GIVE_UP_MS = 60_000;
/** Between two looks, so a wait may look longer than it was by so much. */
const LOOK_EVERY_MS = 100;

/** Sends alerts of a name each, so that each stays alone, evenly; from each POST until the API server shows its request, ms. */
export async function waitsOfLone(to: Parameters<typeof fire>[0], namespace: string, count: number, perSecond: number): Promise<number[]> {
  const names = Array.from({ length: count }, (_, at) => `Lone${at}`);
  const sentMs = new Map<string, number>();
  const waitsMs = new Map<string, number>();
  const sending = sendEvenly(count, perSecond, async (at) => {
    const alertname = names[at] as string;
    sentMs.set(alertname, performance.now());
    expect((await fire(to, { namespace, alertname })).status).toBeLessThan(300);
  });
  const giveUpMs = performance.now() + (count * 1_000) / perSecond + GIVE_UP_MS;
  for (; waitsMs.size < count && performance.now() < giveUpMs; await pause(LOOK_EVERY_MS)) {
    for (const { spec } of await requestsIn(namespace)) {
      const [name, nowMs] = [String(spec.signalName), performance.now()];
      const startedMs = sentMs.get(name);
      if (startedMs !== undefined && !waitsMs.has(name)) waitsMs.set(name, nowMs - startedMs);
    }
  }
  await sending;
  return names.map((name) => waitsMs.get(name) ?? Number.POSITIVE_INFINITY);
}
