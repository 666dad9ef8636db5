import { beforeEach, describe, expect, it } from "vitest";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { createLeases } from "../../../src/flows/leases.ts";
import type { Settlement } from "../../../src/ports/ledger.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { fingerprint, NOTHING_ASIDE, RULES } from "../../support/ledger-builders.ts";

let bench: ReturnType<typeof openFlowBench>;
let deliveries = 0;
beforeEach(() => {
  bench = openFlowBench();
});
const post = (...words: readonly string[]) =>
  ingestAlerts(bench.ports, {
    ...{ source: "s", delivery: (++deliveries).toString(16).padStart(32, "c"), ...NOTHING_ASIDE },
    alerts: words.map((word) => alertOf(word)),
  });

describe("a process that ends", () => {
  it("hands back what it could not do, so that the next one goes on at once", async () => {
    bench.writer.break("unreachable");
    await post("x", "y");
    bench.writer.break(null);
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 0 });
    await bench.leases.giveBack(bench.ledger);
    expect(await drainLedger(bench.drainPorts)).toMatchObject({ leased: 2 });
    expect(bench.writer.list()).toHaveLength(2);
  });

  it("hands back nothing that is done", async () => {
    await post("x");
    const handed: (readonly Settlement[])[] = [];
    await bench.leases.giveBack({ settle: async (settlements) => void handed.push(settlements) });
    expect(handed).toEqual([]);
  });

  it("hands back nothing that is somebody else's by now", async () => {
    bench.writer.break("unreachable");
    await post("x");
    bench.time.now += RULES.leaseMs;
    const handed: (readonly Settlement[])[] = [];
    await bench.leases.giveBack({ settle: async (settlements) => void handed.push(settlements) });
    expect(handed).toEqual([]);
  });

  it("hands back what is made all the same without harm: it finds its own", async () => {
    bench.writer.break("answers-lost");
    await post("x");
    bench.writer.break(null);
    await bench.leases.giveBack(bench.ledger);
    await drainLedger(bench.drainPorts);
    expect(bench.writer.list()).toMatchObject([{ draft: { spec: { signalFingerprint: fingerprint("x") } }, occurrenceCount: 1 }]);
  });
});

it("keeps no lease that has ended", async () => {
  let nowMs = 0;
  const leases = createLeases(1_000, () => nowMs);
  const handed: Settlement[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    nowMs += 100;
    leases.take("subject", `intent-${n}`);
  }
  await leases.giveBack({ settle: async (settlements) => void handed.push(...settlements) });
  expect(handed).toHaveLength(10);
});
