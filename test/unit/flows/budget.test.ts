import { beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../../../src/domain/alert.ts";
import { createBudget, REQUESTS } from "../../../src/flows/budget.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { drainForRun } from "../../../src/flows/drain-run.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { fingerprint, NOTHING_ASIDE, WINDOW_RULES } from "../../support/ledger-builders.ts";

const RUN_REQUESTS = 40;

let bench: ReturnType<typeof openFlowBench>;
beforeEach(() => {
  bench = openFlowBench({ windowAlertsMax: 10_000, intentsMax: 100_000, bufferedMax: { perNamespace: 20_000, total: 20_000 } });
});

/** Lone alerts of as many groups, in three waves as far apart as rounds, and storms that nobody could make a request for. */
async function fill(lone: number, storms: number, members: number): Promise<void> {
  let deliveries = 0;
  const post = (alerts: readonly Alert[]) =>
    ingestAlerts(
      { ...bench.ports, rulesFor: () => WINDOW_RULES },
      { source: "s", delivery: (++deliveries).toString(16).padStart(32, "e"), alerts, ...NOTHING_ASIDE },
    );
  const several = (length: number, one: (at: number) => Alert) => Array.from({ length }, (_, at) => one(at));
  bench.writer.break("unreachable");
  for (let storm = 0; storm < storms; storm += 1)
    await post(several(members, (at) => alertOf(`s${storm}-${at}`, { group: fingerprint(`storm ${storm}`) })));
  for (let wave = 0; wave < 3; wave += 1) {
    await post(several(lone / 3, (at) => alertOf(`l${wave}-${at}`)));
    bench.time.now += 5_000;
  }
  bench.writer.break(null);
  bench.time.now += WINDOW_RULES.firstRequestMs - 15_000;
}

/** The drain's ports, with the requests that each call may have cost. */
function counting() {
  let requests = 0;
  const { ledger, writer } = bench;
  const costing =
    <Args extends unknown[], Value>(cost: (...args: NoInfer<Args>) => number, method: (...args: Args) => Value) =>
    (...args: Args): Value => {
      requests += cost(...args);
      return method(...args);
    };
  const ports = {
    ...bench.drainPorts,
    writer: { perform: costing(() => 1, writer.perform) },
    ledger: {
      ...ledger,
      lease: costing(() => REQUESTS.lease, ledger.lease),
      sweep: costing(() => REQUESTS.sweep, ledger.sweep),
      crew: costing((...[, , after]) => (after === 0 ? REQUESTS.firstCrew : REQUESTS.crew), ledger.crew),
      drafts: costing(() => REQUESTS.drafts, ledger.drafts),
      fact: costing(() => 1, ledger.fact),
      settle: costing(() => 1, ledger.settle),
    },
  };
  return { ports, requests: () => requests };
}

/** A run of a cron trigger, and what it cost. */
async function run(): Promise<number> {
  const { ports, requests } = counting();
  let elapsed = 0;
  const clock = {
    elapsedMs: () => elapsed,
    rest: async (ms: number) => {
      elapsed += ms;
      bench.time.now += ms;
    },
  };
  await drainForRun((budget) => drainLedger(ports, budget), clock);
  bench.time.now += Math.max(0, 60_000 - elapsed);
  return requests();
}

describe("a run of a cron trigger never makes more than forty requests, and comes to an end of what waits in a few of them,", () => {
  it.each([
    ["3,600 lone alerts of as many groups, which are swept", 3_600, 0, 0, 8],
    ["12 storms, whose members are read", 0, 12, 3, 3],
    ["4 storms of 450 members, which are read in parts", 0, 4, 450, 3],
    ["all kinds", 120, 6, 210, 5],
  ])("%s", async (_, lone, storms, members, runs) => {
    await fill(lone, storms, members);
    for (let time = 0; time < runs; time += 1) expect(await run()).toBeLessThanOrEqual(RUN_REQUESTS);
    expect(bench.writer.list().filter(({ ended }) => !ended)).toHaveLength(lone + storms);
    expect(await bench.ledger.survey()).toMatchObject({ openIntents: 0, buffered: 0 });
  });
});

describe("a budget", () => {
  it("gives nothing where it has not enough, and takes back what was not needed", () => {
    const budget = createBudget(10);
    expect([budget.take(8), budget.take(3), budget.has(2), budget.take(2)]).toEqual([true, false, true, true]);
    budget.give(3);
    expect([budget.take(4), budget.take(3), budget.take(1)]).toEqual([false, true, false]);
  });
});
