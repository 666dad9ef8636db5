export interface Size {
  /** Alerts of a group, each of a pod of its own. */
  readonly size: number;
  /** Alert names. */
  readonly groups: number;
  /** Most alerts in one webhook. */
  readonly batch: number;
}

/** A webhook as Alertmanager sends it; equal ones are one delivery, as they have a groupKey. */
export interface Webhook {
  readonly groupKey: string;
  readonly alerts: readonly object[];
  readonly [field: string]: unknown;
}

/** The webhooks of a storm in the order of sending, its groups in turn. `run` tells this storm from others; `atMs`: when its alerts began to fire. */
export function webhooksOf({ size, groups, batch }: Size, run: string, atMs: number): readonly Webhook[] {
  const firsts = Array.from({ length: Math.ceil(size / batch) }, (_, at) => at * batch);
  const names = Array.from({ length: groups }, (_, at) => `StormDrill-${run}-${at + 1}`);
  return firsts.flatMap((first) => names.map((name) => webhookOf(name, first, Math.min(batch, size - first), atMs)));
}

function webhookOf(alertname: string, first: number, length: number, atMs: number): Webhook {
  const pods = Array.from({ length }, (_, at) => `checkout-${first + at + 1}`);
  return {
    version: "4",
    receiver: "storm-drill",
    status: "firing",
    groupKey: `{}:{alertname="${alertname}",part="${first}"}`,
    alerts: pods.map((pod) => ({
      status: "firing",
      labels: { alertname, namespace: "shop", pod, severity: "warning" },
      annotations: { summary: "A drill." },
      startsAt: new Date(atMs).toISOString(),
      endsAt: "0001-01-01T00:00:00Z",
    })),
  };
}
