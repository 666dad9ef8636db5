import { setTimeout as sleep } from "node:timers/promises";
import { type AlertResult, alertOf, webhookOf } from "../sender.ts";

/** One POST's worth of alerts, which keeps its name however often it is sent. */
export interface Delivery {
  readonly key: string;
  readonly alerts: readonly object[];
  /** Absent: they are Alertmanager's. */
  readonly path?: "kubernetes-event";
  /** How many occurrences each of them brings; absent: 1. */
  readonly worth?: number;
}

/** A delivery that was answered 2xx. */
export interface Taken {
  readonly delivery: Delivery;
  readonly results: readonly AlertResult[];
  readonly attempts: number;
  /** When the sending that was answered began, and when its answer came, by performance.now(). */
  readonly sentMs: number;
  readonly answeredMs: number;
}

export interface Sent {
  readonly taken: readonly Taken[];
  /** Given up on after a minute and a half. */
  readonly refused: number;
  /** Of any status. */
  readonly answersMs: readonly number[];
}

export const LOADS = ["duplicates", "new", "storm"] as const;
export type Load = (typeof LOADS)[number];

/** How many alerts of each kind a scenario sends. */
export type Volume = Readonly<Record<Load, number>>;

const OF_DELIVERY: Volume = { duplicates: 50, new: 5, storm: 50 };
const STORMS = 3;
/** One of so many deliveries also brings an alert that is none. */
const INVALID_EVERY = 10;

/** Deliveries of one kind in a namespace: the same 50 alerts again and again, alerts that each come once, numbered from `from` on, or a few storms. */
export function deliveriesOf(load: Load, namespace: string, alerts: number, from = 0): Delivery[] {
  const size = OF_DELIVERY[load];
  return Array.from({ length: Math.ceil(alerts / size) }, (_, n) => {
    const own = Array.from({ length: size }, (__, at) => {
      const number = from + n * size + at;
      if (load === "duplicates") return alertOf({ namespace, alertname: `LoneRepeat${at}`, pod: `repeat-${at}` });
      if (load === "new") return alertOf({ namespace, alertname: `LoneNew${number}`, pod: `new-${number}` });
      return alertOf({ namespace, alertname: `Storm${number % STORMS}`, pod: `member-${number}` });
    });
    const invalid = load === "new" && n % INVALID_EVERY === 0 ? [alertOf({ namespace, alertname: "", pod: `invalid-${n}` })] : [];
    return { key: `${namespace}-${load}-${n}`, alerts: [...own, ...invalid] };
  });
}

export interface Sender {
  /** Where it sends, in turn. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly atOnce: number;
}

/** As long as Alertmanager waits for an answer, about. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 300;
const GIVE_UP_MS = 90_000;

/** Sends every delivery until it is taken, as Alertmanager does: again after each 5xx and lost connection, at the next gateway. */
export async function sendAll(deliveries: readonly Delivery[], { urls, token, atOnce }: Sender): Promise<Sent> {
  const [taken, answersMs, left]: [Taken[], number[], Delivery[]] = [[], [], [...deliveries]];
  let [refused, turn] = [0, 0];
  const post = async (delivery: Delivery): Promise<readonly AlertResult[] | null> => {
    turn += 1;
    const sentMs = performance.now();
    const response = await fetch(new URL(`/api/v1/signals/${delivery.path ?? "prometheus"}`, urls[turn % urls.length]), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "idempotency-key": delivery.key },
      body: JSON.stringify(delivery.path ? delivery.alerts : webhookOf(...delivery.alerts)),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = (await response.json()) as { readonly results: readonly AlertResult[] };
    answersMs.push(performance.now() - sentMs);
    if (response.status >= 400 && response.status < 500) throw new TypeError(`answered ${response.status} ${JSON.stringify(body)}`);
    return response.ok ? body.results : null;
  };
  const deliver = async (delivery: Delivery) => {
    const endMs = performance.now() + GIVE_UP_MS;
    for (let attempts = 1; performance.now() < endMs; attempts += 1) {
      const sentMs = performance.now();
      const results = await post(delivery).catch((error: Error) => {
        if (error.message.startsWith("answered")) throw error;
        return null;
      });
      if (results) return void taken.push({ delivery, results, attempts, sentMs, answeredMs: performance.now() });
      await sleep(PAUSE_MS);
    }
    refused += 1;
  };
  const run = async () => {
    for (let next = left.shift(); next; next = left.shift()) await deliver(next);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return { taken, refused, answersMs };
}
