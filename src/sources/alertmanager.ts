import * as v from "valibot";
import type { InvalidReason, ParsedAlert } from "../domain/alert.ts";
import { fingerprintOf, labelsHash, unknownResource } from "../domain/fingerprint.ts";
import type { Labels } from "../domain/labels.ts";
import { resourceOf } from "../domain/resource.ts";
import { severityOf } from "../domain/severity.ts";
import { invalidAlert } from "./invalid-alert.ts";
import { judgeName, judgeSignal, namespaceOf } from "./judge-signal.ts";
import { readAnnotations, readLabels } from "./labels.ts";
import { readLink } from "./link.ts";
import type { OpenedPayload, ParsedPayload, SourceContext } from "./payload.ts";
import { readWhole } from "./read-alerts.ts";

/** The part of Alertmanager's webhook (version "4") and of Grafana's superset of it (version "1") that is read; the rest may be anything. */
const Webhook = v.object({
  version: v.optional(v.picklist(["4", "1"])),
  receiver: v.nullish(v.string(), ""),
  groupKey: v.nullish(v.string(), ""),
  // Only ever counted: a strange number must not cost the alerts.
  truncatedAlerts: v.fallback(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  externalURL: v.optional(v.unknown()),
  // Not a valibot array: that would copy what may turn out to be too many.
  alerts: v.custom<readonly unknown[]>(Array.isArray),
});

const EXPECTED =
  'expected the webhook of Alertmanager (version "4") or Grafana (version "1"): a JSON object with an array "alerts" of objects with "status", "labels", "annotations" and "startsAt"; a receiver\'s own payload template cannot be read here';

/** Each field is judged on its own, so that a bad one has its own reason. */
const Entry = v.pipe(
  v.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  v.object({
    status: v.optional(v.unknown()),
    labels: v.optional(v.unknown()),
    annotations: v.optional(v.unknown()),
    startsAt: v.optional(v.unknown()),
    generatorURL: v.optional(v.unknown()),
    fingerprint: v.optional(v.unknown()),
  }),
);
const Status = v.picklist(["firing", "resolved"]);
/** Alertmanager and Grafana write 16 hex. */
const SenderFingerprint = v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{1,64}$/));

async function identify(name: string, labels: Labels) {
  const { resource: named, skipped } = resourceOf(labels);
  const resource = named ?? (await unknownResource(labels, skipped));
  const namespace = namespaceOf(labels.namespace, resource);
  return { resource, namespace, fingerprint: await fingerprintOf(name, namespace, resource) };
}

async function parseAlert(payload: unknown, alertmanagerURL: string, context: SourceContext): Promise<ParsedAlert> {
  const refuse = (reason: InvalidReason) => invalidAlert(payload, reason, { source: context.source, signalType: "prometheus-alert" });
  const entry = v.safeParse(Entry, payload);
  if (!entry.success) return refuse("not-an-object");
  const { status, startsAt, generatorURL, ...told } = entry.output;
  const labels = readLabels(told.labels);
  if (typeof labels === "string") return refuse(labels);
  const name = labels.alertname ?? "";
  const misnamed = judgeName(name, "alertname-missing");
  if (misnamed) return refuse(misnamed);
  const annotations = readAnnotations(told.annotations);
  if (typeof annotations === "string") return refuse(annotations);
  if (!v.is(Status, status)) return refuse("status-invalid");
  const identity = await identify(name, labels);
  const { severity } = severityOf(labels.severity);
  const watchdog = name === "Watchdog" && status === "firing";
  if (severity === "none") return { kind: "ignored", fingerprint: identity.fingerprint, reason: "severity-none", watchdog };
  const instance = v.is(SenderFingerprint, told.fingerprint) ? told.fingerprint : await labelsHash(labels);
  const links = { alertmanagerURL, generatorURL: readLink(generatorURL) };
  return judgeSignal(
    {
      signalType: "prometheus-alert",
      name,
      status,
      severity,
      labels,
      annotations,
      ...identity,
      instance,
      startsAt: [startsAt],
      event: null,
      links,
      payload,
    },
    context,
  );
}

const hasUnknownSeverity = (alert: ParsedAlert): boolean =>
  alert.kind === "alert" && !severityOf(alert.draft.spec.signalLabels.severity).known;

/**
 * Opens the webhook of Alertmanager or Grafana. Every alert is judged by its own `status` and on its own: a bad one is `invalid` among good ones.
 * No alerts at all is a payload without results.
 */
export function openAlertmanager(value: unknown, context: SourceContext): OpenedPayload {
  const webhook = v.safeParse(Webhook, value);
  if (!webhook.success) return { ok: false, expected: EXPECTED };
  const { receiver, groupKey, truncatedAlerts, externalURL, alerts: items } = webhook.output;
  const alertmanagerURL = readLink(externalURL);
  const read = (item: unknown) => parseAlert(item, alertmanagerURL, context);
  return { ok: true, receiver, groupKey, truncatedAlerts, items, read, hasUnknownSeverity };
}

/** The same with all its alerts, for a payload of a few. Never throws on parsed JSON. */
export const parseAlertmanager = (value: unknown, context: SourceContext): Promise<ParsedPayload> =>
  readWhole(openAlertmanager(value, context));
