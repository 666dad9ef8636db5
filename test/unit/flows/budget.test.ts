import { beforeEach, describe, expect, it } from "vitest";
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

/** Lone alerts of as many groups, and storms that nobody could make a request for. */
async function fill(lone: number, storms: number, members: number): Promise<void> {
  bench.writer.break("unreachable");
  const post = (delivery: number, words: readonly string[], group: string) =>
    ingestAlerts(
      { ...bench.ports, rulesFor: () => WINDOW_RULES },
      {
        source: "s",
        delivery: delivery.toString(16).padStart(32, "e"),
        alerts: words.map((word) => alertOf(word, { group: fingerprint(group) })),
        ...NOTHING_ASIDE,
      },
    );
  for (let at = 0; at < lone; at += 1) await post(at, [`l${at}`], `group ${at}`);
  for (let at = 0; at < storms; at += 1)
    await post(
      lone + at,
      Array.from({ length: members }, (_, member) => `s${at}-${member}`),
      `storm ${at}`,
    );
  bench.writer.break(null);
  bench.time.now += WINDOW_RULES.firstRequestMs;
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
      crew: costing((_subject, _intent, after) => (after === 0 ? REQUESTS.firstCrew : REQUESTS.crew), ledger.crew),
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

describe("a run of a cron trigger never makes more than forty requests, and comes to an end of what waits in a few of them:", () => {
  it.each([
    ["500 lone alerts of as many groups, which are swept", 500, 0, 0],
    ["12 storms, whose members are read", 0, 12, 3],
    ["4 storms of 450 members, which are read in parts", 0, 4, 450],
    ["all kinds", 120, 6, 210],
  ])("%s", async (_, lone, storms, members) => {
    await fill(lone, storms, members);
    for (let runs = 0; runs < 6; runs += 1) expect(await run()).toBeLessThanOrEqual(RUN_REQUESTS);
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
