import type { Installation } from "../../../test/support/installation.ts";
import { type AlertResult, alertOf, post, webhookOf } from "../../../test/support/sender.ts";

/** How the alerts of a storm come: one after the other, many webhooks at once, or several in each webhook. */
export const MANNERS = {
  "one-by-one": { inWebhook: 1, atOnce: 1, most: 1_000 },
  "at-once": { inWebhook: 1, atOnce: 64, most: 5_000 },
  "in-twenties": { inWebhook: 20, atOnce: 1, most: 5_000 },
} as const;
export type Manner = keyof typeof MANNERS;

/** Alert names of a storm's, which are its group's with the namespace. */
export const stormName = (size: number, manner: Manner): string => `StormOf${size}-${manner}`;

/** Sends a storm of different pods and gives the results of each alert; throws where one was not answered 2xx. */
export async function sendStorm(to: Installation, namespace: string, size: number, manner: Manner): Promise<readonly AlertResult[]> {
  const { inWebhook, atOnce } = MANNERS[manner];
  const alerts = Array.from({ length: size }, (_, at) => alertOf({ namespace, alertname: stormName(size, manner), pod: `pod-${at}` }));
  const webhooks = Array.from({ length: Math.ceil(size / inWebhook) }, (_, at) => alerts.slice(at * inWebhook, (at + 1) * inWebhook));
  const results: AlertResult[] = [];
  const left = webhooks.values();
  const send = async () => {
    for (const webhook of left) {
      const { status, body } = await post(to, webhookOf(...webhook));
      if (status >= 300) throw new Error(`a webhook of ${stormName(size, manner)} was answered ${status}: ${JSON.stringify(body)}`);
      results.push(...(body as { readonly results: readonly AlertResult[] }).results);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  return results;
}
