import { afterEach, beforeEach, it, vi } from "vitest";
import type { Budget } from "../../../src/flows/budget.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { startDrainLoop } from "../../../src/flows/drain-loop.ts";
import { drainForRun } from "../../../src/flows/drain-run.ts";
import type { Operation } from "../../../src/ports/remediation-writer.ts";
import { fingerprint } from "../../../test/support/ledger-builders.ts";
import { type Figure, percentile, report } from "../figure.ts";
import { type FlowParts, openFlows } from "./flow-parts.ts";
import { useOwnLedgers } from "./own-ledgers.ts";

/** Alerts that stay alone, and storms; both begin at any moment of the time. */
interface Load {
  readonly lone: number;
  readonly storms: number;
}
const BUSY: Load = { lone: 300, storms: 60 };
const CALM: Load = { lone: 30, storms: 0 };
const LASTING_MS = 30 * 60_000;

/** Alerts of a storm, and within which time they come: some reach the threshold at once, some only just, some not within their window. */
const ALERTS = 15;
const SPREAD_MAX_MS = 200_000;

const BEGAN_MS = 1_800_000_000_000;
const immediately = setImmediate;

const parts = useOwnLedgers();
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], now: 0 }));
afterEach(() => void vi.useRealTimers());

/** A gateway's flows on a Redis, for which time passes only while nothing is under way. */
function openWorld() {
  const clock = { now: () => BEGAN_MS + Math.round(performance.now()) };
  const flows = openFlows(parts.ledgers, clock);
  const failures: unknown[] = [];
  let underWay = 0;
  const during = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    underWay += 1;
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      throw error;
    } finally {
      underWay -= 1;
    }
  };
  return {
    flows,
    during,
    /** A drain of its own; `asked` hears of each of its requests to Redis and the proxy. */
    drainOf(asked: () => void = () => {}) {
      const ledger = parts.ledgers.ledgerOf(flows.cluster, clock, asked);
      const perform = (operations: readonly Operation[]) => {
        asked();
        return flows.writer.perform(operations, 0);
      };
      return (budget?: Budget) => during(() => drainLedger({ ...flows.ports, ledger, writer: { perform } }, budget));
    },
    async passUntil(ms: number): Promise<void> {
      while (performance.now() < ms) {
        do await new Promise((resolve) => immediately(resolve));
        while (underWay > 0);
        if (failures.length > 0) throw failures[0];
        vi.advanceTimersToNextTimer();
      }
    },
  };
}

type World = ReturnType<typeof openWorld>;

/** The same numbers from 0 to 1 in every run. */
function sameRandom(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Sends what is to come at its time; of each group, when its first alert comes, ms. */
function schedule({ flows, during }: World, { lone, storms }: Load, sent: () => void = () => {}): ReadonlyMap<string, number> {
  const random = sameRandom();
  const firstMs = new Map<string, number>();
  const send = (word: string, group: string, atMs: number) => {
    firstMs.set(group, Math.min(firstMs.get(group) ?? atMs, atMs));
    setTimeout(() => void during(() => flows.send(word, group)).then(sent, () => {}), atMs);
  };
  for (let at = 0; at < lone; at += 1) send(`lone ${at}`, `lone ${at}`, Math.round(random() * LASTING_MS));
  for (let at = 0; at < storms; at += 1) {
    const [fromMs, spreadMs] = [random() * LASTING_MS, SPREAD_MAX_MS * (at / storms)];
    for (let alert = 0; alert < ALERTS; alert += 1) send(`s${at} ${alert}`, `storm ${at}`, Math.round(fromMs + random() * spreadMs));
  }
  return firstMs;
}

/** From a group's first alert to its first request, ms. */
function waits({ writer }: FlowParts, firstMs: ReadonlyMap<string, number>, kind: string): readonly number[] {
  const madeMs = new Map<string, number>();
  for (const { draft, createdAtMs } of writer.list()) {
    const { signalFingerprint, signalName } = draft.spec;
    const group = signalName.startsWith("lone") ? signalFingerprint : fingerprint(`storm ${/^s(\d+)/.exec(signalName)?.[1]}`);
    madeMs.set(group, Math.min(madeMs.get(group) ?? createdAtMs, createdAtMs));
  }
  const groups = [...firstMs].filter(([group]) => group.startsWith(kind));
  return groups.map(([group, atMs]) => (madeMs.get(fingerprint(group)) ?? Number.NaN) - BEGAN_MS - atMs);
}

function figuresOf(name: string, values: readonly number[], withinMs: number): Figure[] {
  const max = values.some(Number.isNaN) ? Number.NaN : Math.max(...values);
  return [
    { name: `${name}-p50`, value: percentile(values, 0.5) / 1_000, unit: "s" },
    { name: `${name}-p95`, value: percentile(values, 0.95) / 1_000, unit: "s", bar: { atMost: withinMs / 1_000 } },
    { name: `${name}-max`, value: max / 1_000, unit: "s" },
  ];
}

it("first requests of a gateway in a process", async (context) => {
  const world = openWorld();
  const loop = startDrainLoop(world.drainOf());
  const firstMs = schedule(world, BUSY, () => loop.wake());
  await world.passUntil(LASTING_MS + SPREAD_MAX_MS + 120_000);
  await loop.stop();
  report(context, [
    ...figuresOf("lone-alert-first-request", waits(world.flows, firstMs, "lone"), 50_000),
    ...figuresOf("storm-first-request", waits(world.flows, firstMs, "storm"), 50_000),
  ]);
});

/** Runs of a Worker, a minute apart; what each asked of Redis and the proxy. */
function startTrigger(world: World): readonly number[] {
  const asked: number[] = [];
  const trigger = () => {
    setTimeout(trigger, 60_000);
    const run = asked.push(0) - 1;
    const ask = () => (asked[run] = (asked[run] ?? 0) + 1);
    void drainForRun(world.drainOf(ask));
  };
  trigger();
  return asked;
}

it("first requests of a Worker, whose cron trigger drains, under the same load", async (context) => {
  const world = openWorld();
  const firstMs = schedule(world, BUSY);
  const asked = startTrigger(world);
  await world.passUntil(LASTING_MS + SPREAD_MAX_MS + 180_000);
  report(context, [
    ...figuresOf("edge-lone-alert-first-request", waits(world.flows, firstMs, "lone"), 60_000),
    ...figuresOf("edge-storm-first-request", waits(world.flows, firstMs, "storm"), 60_000),
    { name: "edge-requests-of-a-run", value: Math.max(...asked), unit: "requests", bar: { atMost: 50 } },
  ]);
});

it("first requests of a Worker with an alert a minute", async (context) => {
  const world = openWorld();
  const firstMs = schedule(world, CALM);
  startTrigger(world);
  await world.passUntil(LASTING_MS + 180_000);
  report(context, figuresOf("edge-calm-lone-alert-first-request", waits(world.flows, firstMs, "lone"), 55_000));
});
