import type { Alert, IgnoredAlert } from "../../src/domain/alert.ts";
import { type IngestPorts, ingestAlerts, type Posted } from "../../src/flows/ingest-alerts.ts";
import { createLeases } from "../../src/flows/leases.ts";
import { createStrayOutcomes } from "../../src/flows/stray-outcomes.ts";
import type { LedgerRules } from "../../src/ports/ledger.ts";
import { openEmbeddedLedger } from "./embedded-ledger.ts";
import { draft, fingerprint, NOTHING_ASIDE, RULES, STORMS } from "./ledger-builders.ts";
import { createMemoryRemediationWriter } from "./memory-writer.ts";

export const alertOf = (word: string, over: Partial<Alert> = {}): Alert => ({
  kind: "alert",
  fingerprint: fingerprint(word),
  group: fingerprint(`storm ${word}`),
  instance: "a",
  status: "firing",
  startsAtMs: 1_000,
  start: "told",
  name: word,
  namespace: "shop",
  resource: { kind: "Pod", name: word },
  rule: "pod",
  explanation: null,
  severity: "warning",
  event: null,
  draft: draft(word),
  ...over,
});

/** An alert that asks for nothing. */
export const ignoredOf = (word: string): IgnoredAlert => {
  const { fingerprint, namespace, resource, rule, explanation } = alertOf(word);
  return { kind: "ignored", fingerprint, namespace, resource, rule, explanation, reason: "severity-none", watchdog: false };
};

/** The flows' ports on memory, with a clock to turn and a record of what was left to the background. */
export function openFlowBench(rules: Partial<LedgerRules> = {}) {
  const time = { now: 1_800_000_000_000 };
  const clock = { now: () => time.now };
  const ledger = openEmbeddedLedger({ ...RULES, ...rules }, clock.now);
  const writer = createMemoryRemediationWriter("kubernaut-system", clock);
  const left: Promise<unknown>[] = [];
  const warnings: string[] = [];
  const leases = createLeases(RULES.leaseMs, clock.now);
  let operations = 0;
  const ports: IngestPorts = {
    ledger,
    writer,
    background: { run: (work) => void left.push(work) },
    clock,
    log: { debug() {}, info() {}, error() {}, warn: (event) => void warnings.push(event) },
    pause: async () => {},
    newOperation: () => (++operations).toString(16).padStart(32, "0"),
    writerTimeoutMs: 4_000,
    storms: STORMS,
    strays: createStrayOutcomes(() => "0".repeat(32)),
    leases,
    rulesFor: () => null,
  };
  const drainPorts = { ...ports, random: () => 0.5 };
  let deliveries = 0;
  /** Alerts in a delivery of their own. */
  const send = (alerts: Posted["alerts"], over: Partial<IngestPorts> = {}) =>
    ingestAlerts({ ...ports, ...over }, { source: "s", delivery: (++deliveries).toString(16).padStart(32, "e"), alerts, ...NOTHING_ASIDE });
  /** One alert that fires. */
  const post = (word: string) => send([alertOf(word)]);
  return { time, ledger, writer, leases, ports, drainPorts, send, post, left, warnings };
}
