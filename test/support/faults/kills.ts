import type { Claims } from "../checker.ts";
import type { FaultBench } from "./bench.ts";
import { type Delivery, deliveriesOf, LOADS, sendAll, type Taken } from "./load.ts";
import { recover } from "./scenario.ts";

/** Kills a gateway as soon as it has answered 2xx, again and again, and judges what became of what it had acknowledged. */
export async function killAfterAnswers(bench: FaultBench, times: number, namespace: string, recoverMs: number) {
  const taken: Taken[] = [];
  const answersMs: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const gateway = bench.gateways[n % 2 === 0 ? 0 : 1];
    const [delivery] = deliveriesOf(LOADS[n % LOADS.length] ?? "new", namespace, 1) as [Delivery];
    const own = { ...delivery, key: `${delivery.key}-kill-${n}`, alerts: delivery.alerts.slice(0, 5) };
    const sent = await sendAll([own], { urls: [gateway.url], token: bench.installation.sourceToken, atOnce: 1 });
    await gateway.stop("SIGKILL");
    await gateway.start();
    taken.push(...sent.taken);
    answersMs.push(...sent.answersMs);
  }
  const claims: Claims = { namespace, taken, losses: new Set(), lostSinceMs: 0, lostUntilMs: 0, ledgerBroken: false };
  const acknowledged = taken.flatMap(({ results }) => results).length;
  const recovered = await recover(bench, claims, performance.now(), recoverMs);
  return { acknowledged, longestMs: Math.max(...answersMs), ...recovered };
}
