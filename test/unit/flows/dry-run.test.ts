import { describe, expect, it, vi } from "vitest";
import type { Alert, ParsedAlert } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { type StormPolicy, windowRulesBy } from "../../../src/domain/storm-rules.ts";
import { dryPorts, dryResultOf } from "../../../src/flows/dry-run.ts";
import { ingestAlerts } from "../../../src/flows/ingest-alerts.ts";
import { alertOf, ignoredOf, openFlowBench } from "../../support/flow-bench.ts";
import { NOTHING_ASIDE, RULES } from "../../support/ledger-builders.ts";

const DEFAULTS = { threshold: 3, firstRequestMs: 45_000, joinMs: 600_000 };
const ANY = { namespace: null, alertname: null, severity: null };
const BYPASS = { name: "fast", match: { ...ANY, alertname: "Fast*" }, windowRules: null };
const POLICY: StormPolicy = { enabled: true, defaults: DEFAULTS, rules: [BYPASS] };

const fast = (over: Partial<Alert> = {}) => alertOf("web", { name: "FastCpu", ...over });

function openBench() {
  const bench = openFlowBench();
  const ports = { ...bench.ports, rulesFor: windowRulesBy(POLICY) };
  const posted = (alerts: readonly ParsedAlert[], delivery: string) => ({ source: "s", delivery, alerts, ...NOTHING_ASIDE });
  let deliveries = 0;
  return {
    ...bench,
    dry: async (alerts: readonly ParsedAlert[], delivery = `d${deliveries++}`) => {
      const ingested = await ingestAlerts(dryPorts(ports), posted(alerts, delivery));
      return ingested.kind === "decided" ? ingested.results.map(({ outcome, reason }) => `${outcome} ${reason}`) : ingested.kind;
    },
    live: (alerts: readonly ParsedAlert[], delivery = `d${deliveries++}`) => ingestAlerts(ports, posted(alerts, delivery)),
  };
}

describe("a dry run", () => {
  it("names what the ledger would decide of each alert of a delivery, and writes nothing", async () => {
    const { dry, ledger, writer } = openBench();
    const { group } = alertOf("web");
    const words = ["a", "b", "c", "d"].map((word) => alertOf(word, { group }));
    const before = [await ledger.counters(), await ledger.survey()];
    expect(await dry([...words, fast(), ignoredOf("i"), fast({ status: "resolved", instance: "b" })])).toEqual([
      "buffered window-opened",
      "buffered window-joined",
      "aggregated threshold-reached",
      "appended storm-joined",
      "accepted new",
      "ignored severity-none",
      "ignored other-instances-firing",
    ]);
    expect([await ledger.counters(), await ledger.survey()]).toEqual(before);
    expect(writer.list()).toEqual([]);
  });

  it("looks at a request whose state is stale, and counts nothing on it", async () => {
    const { dry, live, time, writer } = openBench();
    await live([fast()]);
    const [request] = writer.list();
    time.now += RULES.stateTtlMs;
    expect(await dry([fast()])).toEqual(["duplicate request-live"]);
    writer.setPhase(request?.uid as string, "Completed", time.now);
    time.now += 1;
    expect(await dry([fast(), alertOf("other", { name: "FastCpu" })])).toEqual(["accepted request-ended", "accepted new"]);
    expect(writer.list()).toHaveLength(1);
  });

  it("tells of a delivery that was answered already that it gets its first answer", async () => {
    const { dry, live, writer } = openBench();
    await live([fast()], "same");
    const [request] = writer.list();
    expect(await dry([fast()], "same")).toEqual(["created new"]);
    expect(writer.list()).toEqual([request]);
  });

  it("asks nothing of Kubernetes but looks, also where no ledger can be reached", async () => {
    const { ports } = openBench();
    const perform = vi.fn(ports.writer.perform);
    const foresee = () => Promise.reject(new Failure("ledger-unavailable", "gone", "none"));
    const broken = dryPorts({ ...ports, ledger: { ...ports.ledger, foresee }, writer: { perform } });
    await expect(ingestAlerts(broken, { source: "s", delivery: "d", alerts: [fast()], ...NOTHING_ASIDE })).rejects.toThrow(Failure);
    expect(perform).not.toHaveBeenCalled();
  });

  it("names the storm rule that decides, and why the target is what it is", () => {
    const result = { outcome: "accepted", reason: "new", rung: "cache", occurrenceCount: 1, remediationRequest: null } as const;
    const told = (alert: ParsedAlert) => dryResultOf(alert, { ...result, fingerprint: alert.fingerprint }, POLICY);
    const explanation = { used: { pod: "web" }, aside: [] } as unknown as Alert["explanation"];
    expect(told(fast({ explanation }))).toMatchObject({
      stormRule: "fast",
      explain: { rule: "pod", target: { kind: "Pod", name: "web" } },
    });
    expect(told(fast({ status: "resolved" }))).toMatchObject({ stormRule: null, explain: null });
    expect(told(alertOf("web")).stormRule).toBeNull();
  });
});
