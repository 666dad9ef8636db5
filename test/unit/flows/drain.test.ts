import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import type { Budget } from "../../../src/flows/budget.ts";
import { type Drained, drainLedger, retryAfterMs } from "../../../src/flows/drain-ledger.ts";
import { startDrainLoop } from "../../../src/flows/drain-loop.ts";
import { drainForRun } from "../../../src/flows/drain-run.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { replayDeadLetter } from "../../../src/flows/replay-dead-letter.ts";
import type { RemediationWriter } from "../../../src/ports/remediation-writer.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { draft, fingerprint, NOTHING_ASIDE, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";

let bench: ReturnType<typeof openFlowBench>;
const post = (word: string) => bench.post(word);

describe("a round of the drain", () => {
  beforeEach(() => {
    bench = openFlowBench();
  });

  it("makes the requests that nobody confirmed, once", async () => {
    bench.writer.break("answers-lost");
    await post("x");
    bench.writer.break(null);
    bench.time.now += RULES.leaseMs;
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 1, nextInMs: RULES.leaseMs });
    expect(bench.writer.list()).toHaveLength(1);
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 0, nextInMs: null });
  });

  it("writes counts, and nothing more until they change", async () => {
    await post("x");
    await post("x");
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toMatchObject([{ occurrenceCount: 2 }]);
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 0, nextInMs: null });
  });

  it("raises what a request shows of its urgency, and leaves it at that where a proxy of the version before raises nothing", async () => {
    const urgent = { ...alertOf("x"), draft: draft("x") };
    const { spec } = urgent.draft;
    const repeat = { ...urgent, draft: { ...urgent.draft, spec: { ...spec, severity: "critical" as const, priority: "P1" as const } } };
    const old: RemediationWriter = {
      async perform(operations, timeoutMs) {
        const told = operations.map((each) => (each.kind === "record" ? { ...each, urgency: null } : each));
        const results = await bench.writer.perform(told, timeoutMs);
        return results.map((result) => ("state" in result ? { ...result, state: { ...result.state, urgency: null } } : result));
      },
    };
    const { send } = bench;
    await send([urgent]);
    await send([repeat]);
    await drainLedger({ ...bench.drainPorts, writer: old });
    expect(bench.writer.list()).toMatchObject([{ occurrenceCount: 2, urgency: { severity: "warning" } }]);
    bench.time.now += 5_000;
    expect(await drainLedger({ ...bench.drainPorts, writer: old })).toEqual({ leased: 0, nextInMs: null });
    await send([repeat]);
    const [{ uid, resourceVersion, name, namespace } = expect.fail("no request")] = bench.writer.list();
    const state = { namespace, name, uid, resourceVersion, intent: null, phase: "", ended: false, endedAtMs: null, session: null };
    const seen = { kind: "seen", subject: fingerprint("x"), shown: null, agoMs: null } as const;
    await bench.ports.ledger.fact([{ ...seen, state: { ...state, urgency: { severity: "warning", priority: "P2" } } }]);
    bench.time.now += 5_000;
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toMatchObject([{ urgency: { severity: "critical", priority: "P1" } }]);
    bench.time.now += 5_000;
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 0, nextInMs: null });
  });

  it("puts a failed intent off, longer each time, up to a minute", async () => {
    bench.writer.break("unreachable");
    await post("x");
    bench.time.now += RULES.leaseMs;
    await drainLedger(bench.drainPorts);
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 0, nextInMs: expect.any(Number) });
    expect(retryAfterMs(1, "forbidden", () => 0)).toBe(1_200);
    expect(retryAfterMs(2, "forbidden", () => 1)).toBe(2_250);
    expect(retryAfterMs(1_000, "forbidden", () => 1)).toBe(60_000);
  });

  it("tries again each 10 s at least as long as nobody answers, also where only some of many are made each time", async () => {
    bench.writer.break("unreachable");
    await post("x");
    for (let tries = 1; tries < 30; tries += 1) {
      bench.time.now += Math.max(RULES.leaseMs, 10_000);
      expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 1 });
    }
    for (const reason of ["timeout", "api-unreachable", "writer-unavailable", "not-reached"] as const)
      expect(retryAfterMs(1_000, reason, () => 1)).toBe(10_000);
  });

  it("tries again within 15 s of the end of what lasted 20 s, however the waits fall out", () => {
    const worst = (startedMs: number, tries: number): number => {
      if (startedMs >= 20_000) return startedMs;
      return Math.max(...[0, 0.5, 1].map((jitter) => worst(startedMs + retryAfterMs(tries, "admission-denied", () => jitter), tries + 1)));
    };
    // A sender that asked first holds its intent for some seconds.
    for (const firstMs of [0, 1_000, 2_500, 5_000, 7_000]) expect(worst(firstMs, 1)).toBeLessThan(34_000);
  });

  it("is followed by the next one as soon as a failed intent is due again, before its lease would have ended", async () => {
    bench.writer.break("unreachable");
    await post("x");
    bench.time.now += RULES.leaseMs;
    const { nextInMs } = await drainLedger({ ...bench.drainPorts, random: () => 0 });
    expect(nextInMs).toBe(retryAfterMs(2, "writer-unavailable", () => 0));
  });

  it("asks for consistent reads from an intent's second try on", async () => {
    bench.writer.break("unreachable");
    await post("x");
    bench.time.now += RULES.leaseMs;
    const retries: boolean[] = [];
    const perform: typeof bench.writer.perform = (operations, ms) => {
      for (const operation of operations) if (operation.kind === "ensure") retries.push(operation.retry);
      return bench.writer.perform(operations, ms);
    };
    await drainLedger({ ...bench.drainPorts, writer: { perform } });
    expect(retries).toEqual([true]);
  });

  it("gives up a count whose object is gone, and makes a new request where the alert fired after its end", async () => {
    await post("x");
    bench.time.now += 1_000;
    await post("x");
    bench.writer.remove(bench.writer.list()[0]?.uid as string);
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ nextInMs: 0 });
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toHaveLength(1);
    expect(await bench.ledger.counters()).toMatchObject({ counts_lost: 1, requests_created: 2 });
  });

  it("does not forget an end that it saw while it wrote a count, whichever call fails", async () => {
    await post("x");
    bench.writer.setPhase(bench.writer.list()[0]?.uid as string, "Completed", bench.time.now);
    bench.time.now += 1_000;
    await post("x");
    for (const broken of ["fact", "settle"] as const) {
      const lost = () => Promise.reject(new Failure("ledger-unavailable", "lost by the test", "none"));
      await expect(drainLedger({ ...bench.drainPorts, ledger: { ...bench.ledger, [broken]: lost } })).rejects.toThrow(Failure);
      bench.time.now += RULES.leaseMs;
    }
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list().filter(({ ended }) => !ended)).toHaveLength(1);
  });

  it("says at once that more waits when it handed out all it could", async () => {
    bench = openFlowBench({ intentsMax: 10_000 });
    bench.writer.break("unreachable");
    for (let index = 0; index < 101; index += 1) await post(`a${index}`);
    bench.writer.break(null);
    bench.time.now += RULES.leaseMs;
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 100, nextInMs: 0 });
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 1 });
  });
});

describe("a storm whose member got a request of its own while the ledger could not be heard", () => {
  it("leaves it there: the member's next alert counts on its own request", async () => {
    bench = openFlowBench();
    const group = fingerprint("one storm");
    const rulesFor = () => WINDOW_RULES;
    let turn = 0;
    const storm = (word: string) => {
      turn += 1;
      const delivery = turn.toString(16).padStart(32, "b");
      const alerts = [alertOf(word, { group })];
      return ingestAlerts({ ...bench.ports, rulesFor }, { source: "s", delivery, alerts, ...NOTHING_ASIDE });
    };
    for (const word of ["a", "b", "c"]) await storm(word);
    await drainLedger(bench.drainPorts);
    bench.time.now += 10_000;
    // The ledger took it in, which nobody heard of; so it was decided without the ledger.
    await storm("x");
    await bench.writer.perform([{ kind: "count", intent: "direct", draft: draft("x") }], 1_000);
    await drainLedger(bench.drainPorts);
    const [stormRequest, own] = bench.writer.list();
    expect(stormRequest?.members).toHaveLength(3);
    expect(await storm("x")).toMatchObject({ results: [{ outcome: "duplicate", remediationRequest: { name: own?.name } }] });
    bench.time.now += 10_000;
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toHaveLength(2);
  });
});

describe("a round that finds more than it can hand out", () => {
  it("waits before the next where nothing got through", async () => {
    bench = openFlowBench({ intentsMax: 10_000 });
    bench.writer.break("unreachable");
    for (let index = 0; index < 101; index += 1) await post(`a${index}`);
    bench.time.now += RULES.leaseMs;
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 100, nextInMs: 1_000 });
  });
});

describe("a request that cannot be made", () => {
  const x = fingerprint("x");
  const drain = async (afterMs: number) => {
    bench.time.now += afterMs;
    await drainLedger(bench.drainPorts);
  };
  const letter = () => bench.ledger.deadLetter(x);
  const DAY = 24 * 3_600_000;
  beforeEach(async () => {
    bench = openFlowBench();
  });

  it("is a dead letter at once where Kubernetes refuses it", async () => {
    bench.writer.turnDown(x, "refused");
    await post("x");
    await drain(RULES.leaseMs);
    expect(await letter()).toMatchObject({ kind: "refused", reason: "invalid" });
    expect(await drainLedger(bench.drainPorts)).toEqual({ leased: 0, nextInMs: null });
  });

  it("is tried for a day, then a dead letter; each try is counted by its reason, also where nobody answers", async () => {
    bench.writer.turnDown(x, "failed");
    await post("x");
    await drain(RULES.leaseMs);
    bench.writer.break("unreachable");
    await drain(60_000);
    bench.writer.break(null);
    await drain(DAY - 60_000 - RULES.leaseMs - 1);
    expect(await letter()).toBeNull();
    await drain(60_000);
    expect(await letter()).toMatchObject({ kind: "exhausted", reason: "forbidden" });
    expect((await bench.ledger.survey()).failures).toEqual([
      { reason: "forbidden", count: 3 },
      { reason: "writer-unavailable", count: 1 },
    ]);
  });

  it("is made when its alert comes after the cause was mended, and the letter is gone", async () => {
    bench.writer.turnDown(x, "refused");
    await post("x");
    await drain(RULES.leaseMs);
    bench.writer.turnDown(x, null);
    expect(await post("x")).toMatchObject({ results: [{ outcome: "quarantined", reason: "request-refused", occurrenceCount: 2 }] });
    bench.time.now += 300_000;
    const retries: boolean[] = [];
    const { perform } = bench.writer;
    bench.writer.perform = (operations, ms) => {
      for (const operation of operations) if (operation.kind === "ensure") retries.push(operation.retry);
      return perform(operations, ms);
    };
    expect(await post("x")).toMatchObject({ results: [{ outcome: "created", reason: "request-retried", occurrenceCount: 3 }] });
    expect(retries).toEqual([true]);
    await drain(5_000);
    expect([await letter(), bench.writer.list()]).toMatchObject([null, [{ occurrenceCount: 3 }]]);
  });

  it("is made when it is replayed after the cause was mended", async () => {
    bench.writer.turnDown(x, "refused");
    await post("x");
    await drain(RULES.leaseMs);
    expect(await replayDeadLetter(bench.ports, x, async () => null)).toEqual({ kind: "opened" });
    await drain(0);
    expect(await letter()).toMatchObject({ kind: "refused", retrying: false });
    bench.writer.turnDown(x, null);
    await replayDeadLetter(bench.ports, x, async () => null);
    await drain(0);
    expect([await letter(), bench.writer.list()]).toMatchObject([null, [{ occurrenceCount: 1 }]]);
  });
});

describe("the drain loop of a process", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const loopOver = (nextInMs: number | null, leased = 0) => {
    let rounds = 0;
    const loop = startDrainLoop(async (): Promise<Drained> => {
      rounds += 1;
      return { leased, nextInMs };
    });
    return { loop, rounds: () => rounds };
  };

  it("sleeps to the next deadline, 22 seconds at most", async () => {
    const { loop, rounds } = loopOver(null);
    await vi.advanceTimersByTimeAsync(21_999);
    expect(rounds()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(rounds()).toBe(2);
    await loop.stop();
    const soon = loopOver(3_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(soon.rounds()).toBe(2);
    await soon.loop.stop();
  });

  it("is woken within a second, however often it is called, and runs no more than one round a second", async () => {
    const { loop, rounds } = loopOver(null);
    await vi.advanceTimersByTimeAsync(5_000);
    for (let call = 0; call < 100; call += 1) loop.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(rounds()).toBe(2);
    await loop.stop();
    const busy = loopOver(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(busy.rounds()).toBeLessThanOrEqual(11);
    await busy.loop.stop();
  });

  it("goes on at once while there is more than a round hands out, and no longer", async () => {
    let left = 50;
    const loop = startDrainLoop(async (): Promise<Drained> => {
      left -= 1;
      return { leased: 100, nextInMs: left > 0 ? 0 : null };
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(left).toBe(0);
    await loop.stop();
    const idle = loopOver(500, 100);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(idle.rounds()).toBeLessThanOrEqual(11);
    await idle.loop.stop();
  });

  it("ends with its round when it is stopped", async () => {
    const { loop, rounds } = loopOver(null);
    await vi.advanceTimersByTimeAsync(1);
    await loop.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rounds()).toBe(1);
  });
});

describe("the drain of a cron run", () => {
  const runOver = async (drained: Drained, requests = drained.leased > 0 ? 5 : 2) => {
    let elapsed = 0;
    let rounds = 0;
    const drain = async (budget: Budget) => {
      expect(budget.take(requests)).toBe(true);
      rounds += 1;
      return drained;
    };
    await drainForRun(drain, {
      elapsedMs: () => elapsed,
      rest: async (ms) => {
        elapsed += ms;
      },
    });
    return { rounds, elapsed };
  };

  it("begins no round that forty requests have no room for where there is always something to do, and spends them evenly", async () => {
    const busy = { leased: 100, nextInMs: 0 };
    expect(await runOver(busy)).toEqual({ rounds: 8, elapsed: 7 * 8_000 });
    expect(await runOver(busy, 18)).toEqual({ rounds: 2, elapsed: 28_800 });
  });

  it("looks each twenty seconds while nothing waits, and ends before the next run has long begun", async () => {
    expect(await runOver({ leased: 0, nextInMs: null })).toEqual({ rounds: 3, elapsed: 40_000 });
  });

  it("rests five seconds at least, however soon something is due", async () => {
    expect((await runOver({ leased: 1, nextInMs: 0 }, 2)).elapsed).toBe(75_000);
    expect((await runOver({ leased: 1, nextInMs: 0 }, 2)).rounds).toBe(16);
  });

  it("stays for what is known to be due within its time, and leaves what is due later to the next run", async () => {
    expect(await runOver({ leased: 0, nextInMs: 30_000 })).toEqual({ rounds: 4, elapsed: 60_000 });
    expect(await runOver({ leased: 0, nextInMs: 80_000 })).toEqual({ rounds: 3, elapsed: 40_000 });
  });
});
