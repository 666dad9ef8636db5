import type { AlertSketch } from "../domain/alert-sketch.ts";
import { identityOf } from "../domain/delivery.ts";
import { Failure } from "../domain/failure.ts";
import { inJudgingOrder } from "../domain/judging-order.ts";
import type { Result } from "../domain/outcome.ts";
import type { Ledger } from "../ports/ledger.ts";
import { ADMIT_MAX, RECALL_MAX } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Agenda } from "./admit-chunks.ts";
import { answeredWithin } from "./answered-within.ts";

export interface DeliveryAgenda extends Agenda {
  /** How many of the places, the first ones, have no answer yet. */
  readonly fresh: number;
  /** Place → the place of the same alert that is decided for it. */
  readonly same: ReadonlyMap<number, number>;
}

/** Most calls under way at once: a delivery of 20,000 alerts needs ten, and one after the other they would take a good part of its time. */
const RECALLS_AT_ONCE = 4;

interface Parts {
  readonly ledger: Pick<Ledger, "recall">;
  readonly log: Log;
  /** How long the ledger may take. */
  readonly leftMs: () => number;
}

/**
 * What is to be decided of a delivery. What has no answer yet comes first, so that each sending gets further than the one before. An alert that stands in the payload several times is decided once. One call's worth of
 * alerts is not asked for in advance. Never fails: what cannot be recalled counts as new.
 */
export async function agendaOf(
  parts: Parts,
  { delivery, body, alerts }: Pick<Recalling, "delivery" | "body" | "alerts">,
): Promise<DeliveryAgenda> {
  const { places, same, shared } = distinct(alerts);
  const known = new Map<number, Result>();
  if (places.length > ADMIT_MAX) await recall(parts, { delivery, body, places, alerts, known });
  const fresh = places.filter((place) => !known.has(place));
  return { places: [...fresh, ...places.filter((place) => known.has(place))], known, shared, fresh: fresh.length, same };
}

/** Places in the order in which they must be judged, without what is ignored; of the same alert the first. */
function distinct(alerts: readonly AlertSketch[]) {
  const first = new Map<string, number>();
  const times = new Map<string, number>();
  const same = new Map<number, number>();
  const places = inJudgingOrder(alerts).filter((place) => {
    const alert = alerts[place] as AlertSketch;
    if (alert.kind === "ignored") return false;
    const identity = identityOf(alert);
    const before = first.get(identity);
    if (before !== undefined) same.set(place, before);
    else {
      first.set(identity, place);
      times.set(alert.fingerprint, (times.get(alert.fingerprint) ?? 0) + 1);
    }
    return before === undefined;
  });
  const shared = new Set([...times].filter(([, count]) => count > 1).map(([fingerprint]) => fingerprint));
  return { places, same, shared };
}

interface Recalling {
  readonly delivery: string;
  /** As in AdmitCall. */
  readonly body: string | null;
  readonly places: readonly number[];
  readonly alerts: readonly AlertSketch[];
  /** Takes what is remembered. */
  readonly known: Map<number, Result>;
}

async function recall({ ledger, log, leftMs }: Parts, { delivery, body, places, alerts, known }: Recalling): Promise<void> {
  /** False: there is no time for more. */
  const recallFrom = async (from: number): Promise<boolean> => {
    const slice = places.slice(from, from + RECALL_MAX);
    const asked = slice.map((place) => ({ identity: identityOf(alerts[place] as AlertSketch) }));
    const answers = await answeredWithin(ledger.recall(delivery, asked, body), leftMs());
    if (answers === "late") return false;
    slice.forEach((place, at) => {
      const answer = answers[at];
      const { fingerprint } = alerts[place] as AlertSketch;
      if (answer) known.set(place, { fingerprint, ...answer, remediationRequest: null, occurrenceCount: 0 });
    });
    return true;
  };
  try {
    const step = RECALLS_AT_ONCE * RECALL_MAX;
    for (let from = 0; from < places.length; from += step) {
      const starts = Array.from({ length: RECALLS_AT_ONCE }, (_, at) => from + at * RECALL_MAX).filter((start) => start < places.length);
      if ((await Promise.all(starts.map(recallFrom))).includes(false)) return;
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn("recall-failed", { code: error.code, reason: error.message });
  }
}
