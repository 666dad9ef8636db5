import type { Alert, IgnoredAlert, ParsedAlert } from "../domain/alert.ts";
import type { AlertSketch } from "../domain/alert-sketch.ts";
import { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/outcome.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import type { Background } from "../ports/background.ts";
import type { Clock } from "../ports/clock.ts";
import { ADMIT_MAX, type Aside, type Ledger, type SourceTerms } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { RemediationWriter } from "../ports/remediation-writer.ts";
import { admitChunks, type Whole } from "./admit-chunks.ts";
import { agendaOf, type DeliveryAgenda } from "./agenda-of.ts";
import { answeredWithin } from "./answered-within.ts";
import type { Crowd } from "./crowd.ts";
import { DIRECT_MS, decideChunk, type Patience } from "./decide-chunk.ts";
import type { StormOptions } from "./ensure-operations.ts";
import type { Leases } from "./leases.ts";
import type { StrayOutcomes } from "./stray-outcomes.ts";

/** No answer later than 10 s after the first byte: a sender gives up at 15 s, and what is left is for the answer itself. */
export const ANSWER_WITHIN_MS = 8_000;

/** How long after the first byte alerts are still asked for again whose answers are known: only the answers of now tell of their requests. */
const AGAIN_WITHIN_MS = 2_000;

/** Most alerts in one call of the ledger while others wait for it: some milliseconds of its time. */
const SHARED_SLICE_MAX = 100;

/** How long a caller waits for Kubernetes once its alert is durable. */
const WRITER_WAIT_MS = 2_000;

export interface IngestPorts {
  readonly ledger: Ledger;
  readonly writer: RemediationWriter;
  readonly background: Background;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets other requests have their turn. */
  readonly pause: () => Promise<void>;
  /** 32 hex, new at each call. */
  readonly newOperation: () => string;
  readonly writerTimeoutMs: number;
  readonly storms: StormOptions;
  readonly strays: StrayOutcomes;
  /** Most alerts in one call of the ledger, where that is less than ADMIT_MAX. */
  readonly admitMax?: number;
  /** Who is decided at the same time. */
  readonly crowd?: Crowd;
  /** Kept where a process can hand back what it holds when it ends. */
  readonly leases?: Leases;
  /** The rules under which an alert opens a window; null: it passes at once. */
  readonly rulesFor: (alert: Alert) => WindowRules | null;
}

export interface Posted {
  readonly source: string;
  /** 32 hex: the same for two POSTs of one delivery. */
  readonly delivery: string;
  /** What the sender's own key for the delivery is bound to, 32 hex. Absent: it gave none. */
  readonly body?: string;
  readonly alerts: readonly AlertSketch[];
  /** Absent: `alerts` are whole. */
  readonly whole?: (places: readonly number[], pause: IngestPorts["pause"]) => Promise<readonly ParsedAlert[]>;
  /** When its first byte came in, Unix ms: the answer's time counts from there. Absent: now. */
  readonly startedMs?: number;
  readonly truncatedAlerts: number;
  readonly unknownSeverities: number;
  readonly unreadableTimes: number;
  /** What its source may take of the ledger. Absent: all there is. */
  readonly terms?: SourceShare;
}

/** One of how many sources it is, and how many alerts it may send a minute, saving up `holds` at most; null: any number. */
export interface SourceShare {
  readonly sources: number;
  readonly rate: { readonly perMinute: number; readonly holds: number } | null;
}

/**
 * `overloaded`: some alerts found no room; the rest is durable, and sending the whole payload again finishes it. `limited`: its source has sent more
 * than it may; nothing was stored, and it may come again in so long. `other-body`: the delivery's key came with another body before;
 * nothing is decided, as far as the ledger can be asked.
 */
export type Ingested =
  | { readonly kind: "decided"; readonly results: readonly Result[] }
  | { readonly kind: "overloaded" }
  | { readonly kind: "other-body" }
  | { readonly kind: "limited"; readonly waitMs: number };

/**
 * Decides every alert of a delivery and sees to it that what needs a request gets one. Results in the order of the alerts; of a large delivery that
 * is sent again, those that were decided before may tell less of the request. Throws `Failure` when the time is over, or the ledger cannot be
 * reached in time: nothing may be answered then, and the same delivery can be sent again, which decides what is left.
 */
export async function ingestAlerts(ports: IngestPorts, posted: Posted): Promise<Ingested> {
  const leave = ports.crowd?.enter();
  try {
    return await ingest(ports, posted);
  } finally {
    leave?.();
  }
}

async function ingest(ports: IngestPorts, posted: Posted): Promise<Ingested> {
  const { source, delivery, body = null, alerts, startedMs = ports.clock.now() } = posted;
  const endsMs = startedMs + ANSWER_WITHIN_MS;
  const agenda = await agendaOf({ ...ports, leftMs: () => endsMs - ports.clock.now() }, { delivery, body, alerts });
  const patience = patienceFor(agenda, endsMs, ports.clock.now());
  const results: (Result | null)[] = alerts.map((alert) => (alert.kind === "ignored" ? ignored(alert) : null));
  let full = false;
  let fresh = agenda.fresh;
  let aside = asideOf(posted);
  if (agenda.places.length === 0 && (aside || body)) {
    const counting = countAside(ports, posted, aside);
    if (body === null) ports.background.run(counting);
    else if (await isRefused(ports, counting, patience)) return { kind: "other-body" };
  }
  let calls = 0;
  for await (const chunk of admitChunks(agenda, wholeOf(ports, posted), ports.rulesFor, () => sliceMax(ports))) {
    if (calls++ > 0 || isBeforeOthers(ports, chunk)) await ports.pause();
    const isNew = fresh > 0;
    if (isNew ? isOver(ports, patience, calls) : full || isAnswered(ports, patience, startedMs)) break;
    fresh -= chunk.filter(({ known }) => known === null).length;
    const decided = await decideChunk(
      ports,
      { source, delivery, body, chunk, aside, more: full || fresh > 0, ...termsOf(posted, agenda, calls) },
      patience,
    );
    if (patience.limitedMs > 0) return { kind: "limited", waitMs: patience.limitedMs };
    aside = null;
    if (decided === "other-body") return { kind: decided };
    decided.forEach((result, position) => {
      if (result) results[chunk[position]?.index as number] = result;
      else full = true;
    });
  }
  if (full && !patience.ledgerFailure) return { kind: "overloaded" };
  if (full)
    throw new Failure(
      patience.ledgerFailure?.code ?? "ledger-unavailable",
      "not all of a delivery could be done without the ledger",
      "unknown",
    );
  if (fresh > 0) throw new Failure("ledger-unavailable", "no time is left for the rest of a delivery", "none");
  const answerOf = (place: number) => results[place] ?? agenda.known.get(place) ?? null;
  return { kind: "decided", results: alerts.flatMap((_, place) => answerOf(agenda.same.get(place) ?? place) ?? []) };
}

/**
 * What one call decides may be decided without the ledger instead, so time is kept for that; less where the payload came slowly, as that way is for a
 * ledger that fails. Of more than that, what is left when the time is over is for the next sending, which goes on from there.
 */
function patienceFor({ fresh }: DeliveryAgenda, endsMs: number, nowMs: number): Patience {
  const reserveMs = fresh > ADMIT_MAX ? 0 : Math.min(DIRECT_MS, Math.max(0, endsMs - nowMs) / 2);
  return { endsMs, reserveMs, writerMs: WRITER_WAIT_MS, ledgerFailure: null, behind: 0, limitedMs: 0 };
}

const sliceMax = ({ admitMax = ADMIT_MAX, crowd }: IngestPorts): number =>
  Math.min(admitMax, crowd?.isAlone() === false ? SHARED_SLICE_MAX : ADMIT_MAX);

/** Whether others are under way, which have their turn before a webhook of several alerts: a lone alert costs these little time, and they cost it much. */
const isBeforeOthers = ({ crowd }: IngestPorts, chunk: readonly unknown[]): boolean => chunk.length > 1 && crowd?.isAlone() === false;

/** The whole delivery is charged with its first call. */
function termsOf({ terms }: Posted, { places }: DeliveryAgenda, calls: number): { readonly terms?: SourceTerms } {
  if (!terms) return {};
  const { sources, rate } = terms;
  return { terms: { sources, rate: rate && calls === 1 ? { ...rate, alerts: places.length } : null } };
}

const wholeOf =
  ({ pause }: IngestPorts, { alerts, whole }: Posted): Whole =>
  async (places) =>
    whole ? whole(places, pause) : places.map((place) => alerts[place] as ParsedAlert);

/** Whether the time is over for alerts that are new. As long as the ledger works, the answer to one more call of it has to fit in; the first is worth a try. */
const isOver = ({ clock }: IngestPorts, { endsMs, ledgerFailure }: Patience, calls: number): boolean =>
  clock.now() >= endsMs - (calls > 1 && !ledgerFailure ? DIRECT_MS : 0);

/** Whether what is known of alerts is answer enough. */
const isAnswered = ({ clock }: IngestPorts, { ledgerFailure }: Patience, startedMs: number): boolean =>
  ledgerFailure !== null || clock.now() >= startedMs + AGAIN_WITHIN_MS;

function asideOf({ alerts, truncatedAlerts, unknownSeverities, unreadableTimes }: Posted): Aside | null {
  const ignoredAlerts = alerts.filter(({ kind }) => kind === "ignored").length;
  const watchdog = alerts.some((alert) => alert.kind === "ignored" && alert.watchdog);
  const counts = { ignoredAlerts, truncatedAlerts, unknownSeverities, unreadableTimes };
  return Object.values(counts).some((count) => count > 0) ? { ...counts, watchdog } : null;
}

/** Nothing is to be decided, so nobody has to wait for it but where a key may be bound to another body. */
function countAside({ ledger, newOperation }: IngestPorts, { source, delivery, body }: Posted, aside: Aside | null) {
  const call = { operation: newOperation(), delivery, source, body: body ?? null };
  return ledger.admit({ ...call, facts: [], alerts: [], more: false, aside, strays: null });
}

/** What cannot be counted is no reason to refuse the rest. */
async function isRefused({ log, clock }: IngestPorts, counting: ReturnType<Ledger["admit"]>, { endsMs }: Patience): Promise<boolean> {
  try {
    const verdicts = await answeredWithin(counting, endsMs - clock.now());
    return verdicts !== "late" && verdicts[0]?.kind === "other-body";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn("admit-failed", { code: error.code, reason: error.message });
    return false;
  }
}

const ignored = ({ fingerprint, reason }: IgnoredAlert): Result => ({
  fingerprint,
  outcome: "ignored",
  remediationRequest: null,
  occurrenceCount: 0,
  reason,
  rung: "cache",
});
