import { setTimeout as sleep } from "node:timers/promises";
import { type Claims, checkReadouts, isClean, judge, objectsIn, type Verdict } from "../checker.ts";
import type { FaultBench } from "./bench.ts";
import { KILLED_AFTER_MS, type Loss, NAMED_FAULTS, type NamedFault, PAIRS } from "./faults.ts";
import { endRequests, type Lives, livesIn } from "./lives.ts";
import { deliveriesOf, LOADS, type Load, type Sender, type Sent, sendAll, type Volume } from "./load.ts";

export interface Scenario {
  readonly name: string;
  readonly faults: readonly NamedFault[];
  readonly load: Load;
}

const withLoads = (faults: readonly NamedFault[], loads: readonly Load[]): Scenario[] =>
  loads.map((load) => ({ name: `${faults.map(({ name }) => name).join("+")} ${load}`, faults, load }));

const faultOf = (name: string): NamedFault => NAMED_FAULTS.get(name) as NamedFault;

/** Every fault with every load, and pairs of faults with one load in turn. */
export const SCENARIOS: readonly Scenario[] = [
  ...[...NAMED_FAULTS.values()].flatMap((fault) => withLoads([fault], LOADS)),
  ...PAIRS.flatMap(([one, other], n) => withLoads([faultOf(one), faultOf(other)], [LOADS[n % LOADS.length] as Load])),
];

export interface Pace {
  readonly volume: Volume;
  /** How many alerts are resolved meanwhile, how many requests end whose alerts fire again, and how many events recur. */
  readonly lives: number;
  /** How long the fault lasts. */
  readonly faultMs: number;
  /** How long everything may take to be right after it is over. */
  readonly recoverMs: number;
}

export interface Outcome {
  readonly scenario: string;
  readonly alerts: number;
  readonly acknowledged: number;
  readonly direct: number;
  /** Resolves and events that were acknowledged, and requests that ended. */
  readonly resolves: number;
  readonly events: number;
  readonly ended: number;
  readonly refused: number;
  readonly longestMs: number;
  /** From the end of the fault until everything was right; null: it never was. */
  readonly recoveredMs: number | null;
  readonly verdict: Verdict;
  /** What read-outs beside the objects have wrong. */
  readonly problems: readonly string[];
}

const LOOK_EVERY_MS = 500;
const AT_ONCE = 8;

/** What a Redis may lose that writes to its disk each second. */
const TAIL_MS = 2_000;

/** Breaks something while alerts come in, mends it, and judges what became of every alert that was acknowledged. */
export async function runScenario(bench: FaultBench, scenario: Scenario, pace: Pace, namespace: string): Promise<Outcome> {
  const { faults, load } = scenario;
  const deliveries = deliveriesOf(load, namespace, pace.volume[load]);
  const first = Math.ceil(deliveries.length / 4);
  const sender = { urls: bench.gateways.map(({ url }) => url), token: bench.installation.sourceToken, atOnce: AT_ONCE };
  const lives = livesIn(namespace, pace.lives);
  const before = await sendAll([...lives.before, ...deliveries.slice(0, first)], sender);
  const during = sendAll(deliveries.slice(first), sender);
  let lostUntilMs = performance.now();
  let going: ReturnType<typeof goOn> | undefined;
  let mendingMs = lostUntilMs;
  try {
    await Promise.all(faults.map((fault) => fault.strike(bench)));
    lostUntilMs = performance.now();
    going = goOn(bench, lives, namespace, before, sender);
    await sleep(pace.faultMs);
  } finally {
    mendingMs = performance.now();
    await Promise.all(faults.map((fault) => fault.mend(bench)));
  }
  const mendedMs = performance.now();
  const { ended, sent } = await going;
  const all = [before, await during, ...sent];
  const losses = lossesOf(faults);
  const claims: Claims = {
    namespace,
    taken: all.flatMap(({ taken }) => taken),
    losses,
    lostSinceMs: losses.has("redis-tail") ? mendingMs + KILLED_AFTER_MS - TAIL_MS : 0,
    lostUntilMs: losses.has("direct-counts") || losses.has("redis-tail") ? mendedMs : lostUntilMs,
    ledgerBroken: faults.some(({ name }) => /^(redis|bridge)-(?!without)/.test(name)),
    ended,
  };
  const { verdict, recoveredMs } = await recover(bench, claims, mendedMs, pace.recoverMs);
  const problems = recoveredMs === null ? ["not at rest"] : await checkReadouts(bench, claims);
  return { scenario: scenario.name, ...sumUp(all, claims), ended: ended.size, recoveredMs, verdict, problems };
}

/** What becomes of what fired before, while something is broken. */
async function goOn(bench: FaultBench, lives: Lives, namespace: string, before: Sent, sender: Sender) {
  const first = before.taken.filter(({ delivery }) => delivery === lives.ending);
  const fingerprints = first.flatMap(({ results }) => results.map(({ fingerprint }) => fingerprint));
  const resolves = sendAll(lives.resolves, sender);
  const events = sendAll(lives.events, { ...sender, atOnce: 1 });
  const ended = await endRequests(bench, namespace, fingerprints);
  const again = sendAll(lives.again, sender);
  return { ended, sent: await Promise.all([resolves, events, again]) };
}

const lossesOf = (faults: readonly NamedFault[]): ReadonlySet<Loss> => new Set(faults.flatMap(({ loses }) => loses ?? []));

/** Waits until all is at rest and right, at most `recoverMs` from `mendedMs` on. */
export async function recover(bench: FaultBench, claims: Claims, mendedMs: number, recoverMs: number) {
  for (;;) {
    const [rests, objects] = await Promise.all([bench.isAtRest(), objectsIn(bench, claims.namespace).catch(() => [])]);
    const verdict = judge(claims, objects);
    const tookMs = performance.now() - mendedMs;
    if (rests && isClean(verdict)) return { verdict, recoveredMs: tookMs };
    if (tookMs > recoverMs) return { verdict, recoveredMs: rests ? tookMs : null };
    await sleep(LOOK_EVERY_MS);
  }
}

function sumUp(sent: readonly Sent[], { taken }: Claims) {
  const results = taken.flatMap((one) => one.results);
  return {
    alerts: results.length,
    acknowledged: results.length,
    resolves: results.filter(({ outcome }) => outcome === "resolved" || outcome === "cancelled").length,
    events: taken.reduce((sum, { delivery, results }) => sum + (delivery.path ? results.length : 0), 0),
    direct: results.filter(({ rung }) => rung === "direct").length,
    refused: sent.reduce((sum, { refused }) => sum + refused, 0),
    longestMs: Math.max(0, ...sent.flatMap(({ answersMs }) => answersMs)),
  };
}
