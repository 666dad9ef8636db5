import { createHash } from "node:crypto";

/** Stands in every payload's values: where it turns up in an error or a log line, a payload has leaked. */
export const MARKER = "nightingale";

let serial = 0;

/** A name that no other alert has; a DNS label. */
export const fresh = (): string => `${MARKER}-${++serial}`;

export interface AlertJson {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** An alert as Alertmanager sends it, about a pod that nobody else's is about. */
export const alertIn = (namespace: string, labels: Readonly<Record<string, string>> = {}, over: object = {}): AlertJson => ({
  status: "firing",
  labels: { alertname: MARKER, pod: fresh(), severity: "warning", ...(namespace && { namespace }), ...labels },
  annotations: { summary: `${MARKER} is in trouble` },
  startsAt: "2026-01-15T09:30:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: `http://prometheus.example.com/graph?${MARKER}`,
  ...over,
});

export const resolvedOf = (alert: AlertJson): AlertJson => ({ ...alert, status: "resolved", endsAt: "2026-01-15T09:40:00Z" });

/** Alertmanager's webhook without a groupKey: each POST of it is a delivery of its own. */
export const webhook = (alerts: readonly unknown[], over: object = {}) => ({
  version: "4",
  receiver: MARKER,
  status: "firing",
  externalURL: `http://${MARKER}.example.com`,
  alerts,
  ...over,
});

/** A core/v1 Event about a pod that nobody else's is about. */
export const eventIn = (namespace: string, over: object = {}) => ({
  kind: "Event",
  apiVersion: "v1",
  metadata: { uid: fresh(), namespace, name: fresh() },
  involvedObject: { kind: "Pod", name: fresh(), namespace },
  reason: "BackOff",
  type: "Warning",
  message: `${MARKER} failed`,
  count: 1,
  firstTimestamp: "2026-01-15T09:30:00Z",
  lastTimestamp: "2026-01-15T09:40:00Z",
  ...over,
});

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What an alert about a pod is recognised by. */
export const fingerprintOf = ({ labels }: AlertJson): string => sha256(`${labels.alertname}:${labels.namespace ?? ""}:Pod:${labels.pod}`);
