import type { Alert, ParsedAlert } from "../../../src/domain/alert.ts";
import { parseAlertmanager } from "../../../src/sources/alertmanager.ts";
import type { ParsedPayload, SourceContext } from "../../../src/sources/payload.ts";

export const NOW_MS = Date.parse("2026-11-23T10:00:00.000Z");
export const STARTS_AT = "2026-11-23T09:58:00.123456789Z";

export const context = (more: Partial<SourceContext> = {}): SourceContext => ({
  source: "prod-alertmanager",
  cluster: "eu-1",
  environment: null,
  namespaces: ["*"],
  targetRules: [],
  explains: false,
  nowMs: NOW_MS,
  ...more,
});

export const entry = (labels: unknown, more: object = {}) => ({
  status: "firing",
  labels,
  annotations: { summary: "It is broken." },
  startsAt: STARTS_AT,
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: "http://prometheus/graph?g0.expr=1",
  fingerprint: "0123456789abcdef",
  ...more,
});

export const webhook = (alerts: readonly unknown[], more: object = {}) => ({
  version: "4",
  groupKey: '{}:{alertname="A"}',
  truncatedAlerts: 0,
  status: "firing",
  receiver: "breakwater",
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: "http://alertmanager",
  alerts,
  ...more,
});

export function expectOk(payload: ParsedPayload): Extract<ParsedPayload, { ok: true }> {
  if (!payload.ok) throw new Error(payload.expected);
  return payload;
}

/** The payload's only alert, read by the rules of Alertmanager's webhook. */
export async function parseOne(alert: unknown, more: Partial<SourceContext> = {}): Promise<ParsedAlert> {
  const [parsed] = expectOk(await parseAlertmanager(webhook([alert]), context(more))).alerts;
  if (!parsed) throw new Error("no alert");
  return parsed;
}

export function expectAlert(parsed: ParsedAlert | undefined): Alert {
  if (parsed?.kind !== "alert") throw new Error(`not an alert: ${JSON.stringify(parsed)}`);
  return parsed;
}

export const decodeBase64 = (text: string): string => new TextDecoder().decode(Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0)));
