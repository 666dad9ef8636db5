import { type AlertLabels, alertOf, webhookOf } from "./sender.ts";

/** What senders were told, by alert. */
export interface Told {
  /** Deliveries that were answered 2xx, by the pod of their alert. */
  readonly taken: ReadonlyMap<string, number>;
  /** Deliveries that nobody answered 2xx within the time that Alertmanager has for one. */
  readonly failed: number;
  /** Tries beyond the first. */
  readonly again: number;
  readonly sent: number;
}

/** Alertmanager goes on with a delivery for a group_interval. */
const GIVE_UP_MS = 60_000;
const RETRY_MS = 200;

export interface SendersOptions {
  /** The gateways behind one address, one after the other. */
  readonly gateways: readonly { readonly url: string }[];
  /** What stands in `Authorization` just now. */
  readonly authorization: () => string;
  readonly perSecond: number;
  /** The alert of the nth delivery. */
  readonly alert: (n: number) => AlertLabels;
}

/** Sends a webhook of one alert again and again, so many a second, each until a gateway answers 2xx, as an Alertmanager does; `stop` ends it and tells what was said. */
export function startSenders({ gateways, authorization, perSecond, alert }: SendersOptions): { stop(): Promise<Told> } {
  const taken = new Map<string, number>();
  const open = new Set<Promise<void>>();
  let [sent, failed, again] = [0, 0, 0];
  const post = async (url: string, body: string) => {
    const headers = { "content-type": "application/json", authorization: authorization() };
    const signal = AbortSignal.timeout(12_000);
    const response = await fetch(new URL("/api/v1/signals/prometheus", url), { method: "POST", headers, body, signal });
    await response.arrayBuffer();
    return response.ok;
  };
  const deliver = async (n: number) => {
    const labels = alert(n);
    // A delivery is told apart by its group's key: each is one of its own, and a repeat of it the same.
    const body = JSON.stringify({ ...webhookOf(alertOf(labels)), groupKey: `{}:{n="${n}"}` });
    const untilMs = performance.now() + GIVE_UP_MS;
    for (let tries = 0; performance.now() < untilMs; tries += 1) {
      const { url } = gateways[(n + tries) % gateways.length] as { url: string };
      if (tries > 0) again += 1;
      if (await post(url, body).catch(() => false)) {
        taken.set(labels.pod ?? "", (taken.get(labels.pod ?? "") ?? 0) + 1);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    failed += 1;
  };
  const startedMs = performance.now();
  const timer = setInterval(() => {
    // What the machine could not send in time is not sent later all at once.
    for (const due = Math.floor(((performance.now() - startedMs) / 1_000) * perSecond); sent < due && open.size < perSecond; ) {
      const one = deliver(sent++).finally(() => void open.delete(one));
      open.add(one);
    }
  }, 10);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      return { taken, failed, again, sent };
    },
  };
}
