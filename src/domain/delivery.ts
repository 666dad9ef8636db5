import type { AlertSketch } from "./alert-sketch.ts";
import { sha256Hex, sha256HexOf } from "./sha256.ts";

export interface Delivery {
  /** The sender's own word for "the same POST"; null or empty: none. */
  readonly idempotencyKey: string | null;
  readonly source: string;
  readonly receiver: string;
  /** Alertmanager's name of the group; empty: none. */
  readonly groupKey: string;
  readonly alerts: readonly AlertSketch[];
  /** Random, 32 hex, new for each POST. */
  readonly operation: string;
}

/** What a sender's own key for a delivery is bound to: 32 hex of where it was sent to and of all its bytes. Neither is kept. */
export const bodyKey = async (path: string, bytes: Uint8Array): Promise<string> =>
  (await sha256Hex(JSON.stringify([path, await sha256HexOf(bytes)]))).slice(0, 32);

/** Tells an alert apart in its delivery. A start that nobody told readably differs in each sending of the same payload, so it takes no part. */
export function identityOf(alert: AlertSketch): string {
  const { kind, fingerprint } = alert;
  if (kind === "ignored") return JSON.stringify([fingerprint, kind]);
  if (kind === "invalid") return JSON.stringify([alert.instance, kind]);
  return JSON.stringify([fingerprint, alert.instance, alert.status, alert.start === "told" ? alert.startsAtMs : null]);
}

/**
 * 32 hex that are the same for two POSTs of one delivery and for nothing else: the sender's idempotency key, which `bodyKey` binds to one body, else the group and which alerts it
 * holds in which state, else this POST's operation. Alertmanager has no delivery id, and its replicas send other bodies and an other
 * `externalURL` for the same notification, so neither takes part.
 */
export async function deliveryKey({ idempotencyKey, source, receiver, groupKey, alerts, operation }: Delivery): Promise<string> {
  if (idempotencyKey) return (await sha256Hex(JSON.stringify(["key", source, idempotencyKey]))).slice(0, 32);
  if (!groupKey) return operation;
  const held = [...new Set(alerts.map(identityOf))].sort();
  return (await sha256Hex(JSON.stringify(["group", source, receiver, groupKey, held]))).slice(0, 32);
}
