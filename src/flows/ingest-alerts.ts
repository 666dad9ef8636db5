import type { Alert, IgnoredAlert, ParsedAlert } from "../domain/alert.ts";
import { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/outcome.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import type { Background } from "../ports/background.ts";
import type { Clock } from "../ports/clock.ts";
import type { Aside, Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { RemediationWriter } from "../ports/remediation-writer.ts";
import { admitChunks } from "./admit-chunks.ts";
import { decideChunk, type Patience } from "./decide-chunk.ts";
import type { StormOptions } from "./ensure-operations.ts";
import type { Leases } from "./leases.ts";
import type { StrayOutcomes } from "./stray-outcomes.ts";

/** No answer later than 10 s: a sender gives up at 15 s, and what is left is for the answer itself. */
const ANSWER_WITHIN_MS = 8_000;

/** How long a caller waits for Kubernetes once its alert is durable. */
const WRITER_WAIT_MS = 2_000;

export interface IngestPorts {
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
  readonly background: Background;
  readonly clock: Clock;
  readonly log: Log;
  /** 32 hex, new at each call. */
  readonly newOperation: () => string;
  readonly writerTimeoutMs: number;
  readonly storms: StormOptions;
  readonly strays: StrayOutcomes;
  /** Most alerts in one call of the ledger, where that is less than ADMIT_MAX. */
  readonly admitMax?: number;
  /** Kept where a process can hand back what it holds when it ends. */
  readonly leases?: Leases;
  /** The rules under which an alert opens a window; null: it passes at once. */
  readonly rulesFor: (alert: Alert) => WindowRules | null;
}

export interface Posted {
  readonly source: string;
  /** 32 hex: the same for two POSTs of one delivery. */
  readonly delivery: string;
  readonly alerts: readonly ParsedAlert[];
  readonly truncatedAlerts: number;
  readonly unknownSeverities: number;
  readonly unreadableTimes: number;
}

/** `overloaded`: some alerts found no room; the rest is durable, and sending the whole payload again finishes it. */
export type Ingested = { readonly kind: "decided"; readonly results: readonly Result[] } | { readonly kind: "overloaded" };

/**
 * Decides every alert of a delivery and sees to it that what needs a request gets one. Results in the order of the alerts.
 * Throws `Failure` when the ledger cannot be reached in time: nothing may be answered then, and the same delivery can be sent again.
 */
export async function ingestAlerts(ports: IngestPorts, posted: Posted): Promise<Ingested> {
  const { source, delivery, alerts } = posted;
  const startedMs = ports.clock.now();
  const patience: Patience = { endsMs: startedMs + ANSWER_WITHIN_MS, writerMs: WRITER_WAIT_MS, ledgerFailure: null };
  const results: (Result | null)[] = alerts.map((alert) => (alert.kind === "ignored" ? ignored(alert) : null));
  let full = false;
  let aside = asideOf(posted);
  const chunks = admitChunks(alerts, ports.rulesFor, ports.admitMax);
  if (chunks.length === 0 && aside) ports.background.run(countAside(ports, posted, aside));
  for (const chunk of chunks) {
    if (ports.clock.now() >= patience.endsMs) throw new Failure("ledger-unavailable", "no time is left for the rest of a delivery", "none");
    const decided = await decideChunk(ports, { source, delivery, chunk, aside }, patience);
    aside = null;
    decided.forEach((result, position) => {
      if (result) results[chunk[position]?.index as number] = result;
      else full = true;
    });
  }
  if (full && patience.ledgerFailure)
    throw new Failure(patience.ledgerFailure.code, "not all of a delivery could be done without the ledger", "unknown");
  return full ? { kind: "overloaded" } : { kind: "decided", results: results.filter((result) => result !== null) };
}

function asideOf({ alerts, truncatedAlerts, unknownSeverities, unreadableTimes }: Posted): Aside | null {
  const ignoredAlerts = alerts.filter(({ kind }) => kind === "ignored").length;
  const watchdog = alerts.some((alert) => alert.kind === "ignored" && alert.watchdog);
  const counts = { ignoredAlerts, truncatedAlerts, unknownSeverities, unreadableTimes };
  return Object.values(counts).some((count) => count > 0) ? { ...counts, watchdog } : null;
}

/** Nothing was to be decided, so nobody has to wait for it, and what cannot be counted is no reason to refuse the rest. */
async function countAside({ ledger, newOperation }: IngestPorts, { source, delivery }: Posted, aside: Aside): Promise<void> {
  await ledger.admit({ operation: newOperation(), delivery, source, facts: [], alerts: [], aside, strays: null });
}

const ignored = ({ fingerprint, reason }: IgnoredAlert): Result => ({
  fingerprint,
  outcome: "ignored",
  remediationRequest: null,
  occurrenceCount: 0,
  reason,
  rung: "cache",
});
