import { describe, expect, it } from "vitest";
import { createBudget, REQUESTS } from "../../../src/flows/budget.ts";
import { drainLedger } from "../../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import type { Ledger } from "../../../src/ports/ledger.ts";
import { alertOf, openFlowBench } from "../../support/flow-bench.ts";
import { draft, fingerprint, NOTHING_ASIDE, RULES, WINDOW_RULES } from "../../support/ledger-builders.ts";

let bench: ReturnType<typeof openFlowBench>;
let deliveries = 0;

describe("a storm that alerts join", () => {
  const group = fingerprint("one storm");
  const open = async (rules: Parameters<typeof openFlowBench>[0] = {}) => {
    bench = openFlowBench(rules);
    await join("a", "b", "c");
    await drainLedger(bench.drainPorts);
    bench.time.now += 10_000;
  };
  const detailed = (word: string, text = "x") => ({
    ...draft(word),
    spec: { ...draft(word).spec, severity: "critical" as const, signalLabels: { word, text }, signalAnnotations: { summary: "Down." } },
  });
  const join = (...words: string[]) =>
    ingestAlerts(
      { ...bench.ports, rulesFor: () => WINDOW_RULES },
      {
        source: "s",
        delivery: (++deliveries).toString(16).padStart(32, "f"),
        alerts: words.map((word) => alertOf(word, { group, draft: detailed(word) })),
        ...NOTHING_ASIDE,
      },
    );

  it("tells in its object what those tell that came late", async () => {
    await open();
    await join("d", "e");
    await drainLedger(bench.drainPorts);
    const [request] = bench.writer.list();
    const told = (word: string) => ({
      ...{ id: fingerprint(word).slice(0, 16), severity: "critical", startsAt: "2026-01-01T00:00:00.000Z" },
      ...{ labels: { word, text: "x" }, annotations: { summary: "Down." } },
    });
    expect(request?.members).toHaveLength(5);
    expect(request?.details).toEqual(["d", "e"].map(told));
    expect(request?.urgency.severity).toBe("critical");
  });

  it("waits for a run that has requests left to read what they tell", async () => {
    await open();
    await join("d");
    await drainLedger(bench.drainPorts, createBudget(REQUESTS.lease + REQUESTS.rest));
    expect(bench.writer.list()[0]?.members).toHaveLength(3);
    bench.time.now += RULES.leaseMs;
    await drainLedger(bench.drainPorts, createBudget(REQUESTS.lease + REQUESTS.rest + REQUESTS.drafts));
    expect(bench.writer.list()[0]?.details).toHaveLength(1);
  });

  it("reads no more of them than an object has room for", async () => {
    await open({ windowAlertsMax: 10_000 });
    const words = Array.from({ length: 1_100 }, (_, at) => `m${at}`);
    for (let at = 0; at < words.length; at += 500) await join(...words.slice(at, at + 500));
    const read: number[] = [];
    const drafts: Ledger["drafts"] = (fingerprints) => {
      read.push(fingerprints.length);
      return bench.ledger.drafts(fingerprints);
    };
    await drainLedger({ ...bench.drainPorts, ledger: { ...bench.ledger, drafts } });
    expect(read).toEqual([200, 200, 200, 200, 197]);
    expect(bench.writer.list()[0]?.members).toHaveLength(1_103);
  });
});
