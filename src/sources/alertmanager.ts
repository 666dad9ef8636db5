import * as v from "valibot";
import type { InvalidReason, ParsedAlert } from "../domain/alert.ts";
import { labelsHash } from "../domain/fingerprint.ts";
import { ANY_NAMESPACE, mayWriteTo } from "../domain/namespace.ts";
import { severityOf } from "../domain/severity.ts";
import { identify } from "../domain/target/identity.ts";
import { targetOf } from "../domain/target/target-of.ts";
import { type Fields, isFields } from "./fields.ts";
import { invalidAlert, shapeOf } from "./invalid-alert.ts";
import { plain } from "./json-piece.ts";
import { judgeName, judgeSignal } from "./judge-signal.ts";
import { readAnnotations, readLabels } from "./labels.ts";
import { readLink } from "./link.ts";
import type { OpenedPayload, ParsedPayload, SourceContext } from "./payload.ts";
import { readWhole } from "./read-alerts.ts";
import { statusOf } from "./status.ts";
import { readCount, readText } from "./text.ts";

/** The part of Alertmanager's webhook and of Grafana's superset of it that is read. Only `alerts` can be wrong: all else must not cost them. */
const Webhook = v.object({
  version: v.optional(v.unknown()),
  receiver: v.optional(v.unknown()),
  groupKey: v.optional(v.unknown()),
  truncatedAlerts: v.optional(v.unknown()),
  status: v.optional(v.unknown()),
  externalURL: v.optional(v.unknown()),
  // Not a valibot array: that would copy what may turn out to be too many.
  alerts: v.custom<readonly unknown[]>(Array.isArray),
});

/** Alertmanager's webhook is of version 4, Grafana's of 1; none is told by senders of their own. */
const KNOWN_VERSIONS = ["", "4", "1"];

/** What an alert of another version needs to be read. */
const Labelled = v.object({ labels: v.object({}) });

/** True where nothing shows that the alerts are of the shape that is read here: another version, and none of them has labels. */
const isForeign = ({ version, alerts }: v.InferOutput<typeof Webhook>): boolean =>
  !KNOWN_VERSIONS.includes(readText(version).trim()) && !alerts.some((alert) => v.is(Labelled, plain(alert)));

const EXPECTED =
  'expected the webhook of Alertmanager (version "4") or Grafana (version "1"): a JSON object with an array "alerts" of objects with "status", "labels", "annotations" and "startsAt"; a receiver\'s own payload template cannot be read here';

/** Each field is judged on its own, so that a bad one has its own reason. */
const Entry = v.pipe(
  v.custom<Fields>(isFields),
  v.object({
    status: v.optional(v.unknown()),
    labels: v.optional(v.unknown()),
    annotations: v.optional(v.unknown()),
    startsAt: v.optional(v.unknown()),
    endsAt: v.optional(v.unknown()),
    generatorURL: v.optional(v.unknown()),
    fingerprint: v.optional(v.unknown()),
  }),
);

/** Labels that name an alert, the first one that is not empty: some senders know no `alertname`. */
const NAME_LABELS = ["alertname", "rule", "rulename"];

/** Labels that tell where an alert that cannot be judged belongs: the subject's, else the scrape's. */
const NAMESPACE_LABELS = ["exported_namespace", "namespace"];

const firstOf = (names: readonly string[], labels: unknown): string =>
  isFields(labels) ? (names.map((label) => readText(labels[label])).find(Boolean) ?? "") : "";

const nameIn = (labels: unknown): string => firstOf(NAME_LABELS, labels);

/** Alertmanager and Grafana write 16 hex. A number beyond 2^53 has lost digits, and may be the same for two alerts. */
const SenderFingerprint = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.safeInteger(), v.transform(String))]),
  v.regex(/^[0-9A-Za-z]{1,64}$/),
);

/** What a webhook tells of all its alerts. */
interface Envelope {
  readonly alertmanagerURL: string;
  readonly webhookStatus: unknown;
}

async function parseAlert(payload: unknown, { alertmanagerURL, webhookStatus }: Envelope, context: SourceContext): Promise<ParsedAlert> {
  const entry = v.safeParse(Entry, payload);
  const refuse = (reason: InvalidReason, ...about: string[]) =>
    invalidAlert(payload, {
      ...{ source: context.source, signalType: "prometheus-alert", reason, about },
      namespace: entry.success ? firstOf(NAMESPACE_LABELS, entry.output.labels) : "",
    });
  if (!entry.success) return refuse("not-an-object", shapeOf(payload));
  const { startsAt, generatorURL, ...told } = entry.output;
  const labels = readLabels(told.labels);
  if (typeof labels === "string") return refuse(labels, shapeOf(told.labels), nameIn(told.labels));
  const name = nameIn(labels);
  const misnamed = judgeName(name, "alertname-missing");
  if (misnamed) return refuse(misnamed, name, ...Object.keys(labels).sort());
  const status = statusOf({ ...told, webhookStatus }, context.nowMs);
  if (!status) return refuse("status-invalid", name, readText(told.status));
  const { severity } = severityOf(labels.severity);
  // What asks for nothing is written nowhere, so any source may say it.
  const mayWrite = mayWriteTo(severity === "none" ? [ANY_NAMESPACE] : context.namespaces);
  const target = targetOf(labels, { rules: context.targetRules, mayWrite, explains: context.explains });
  if (!target) return refuse("namespace-not-allowed", name, labels.namespace ?? "");
  const identity = await identify(name, target);
  const watchdog = name === "Watchdog" && status === "firing";
  if (severity === "none") return { ...identity, kind: "ignored", reason: "severity-none", watchdog };
  const sender = v.safeParse(SenderFingerprint, told.fingerprint);
  const instance = sender.success ? sender.output : await labelsHash(labels);
  const links = { generatorURL: readLink(generatorURL), alertmanagerURL };
  return judgeSignal(
    {
      signalType: "prometheus-alert",
      name,
      status,
      severity,
      labels,
      annotations: readAnnotations(told.annotations),
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
 * Opens the webhook of Alertmanager or Grafana, and of another version if its alerts have labels. Every alert is judged by its own `status` and on
 * its own: a bad one is `invalid` among good ones. What does not identify an alert never costs it, whatever its type.
 * No alerts at all is a payload without results.
 */
export function openAlertmanager(value: unknown, context: SourceContext): OpenedPayload {
  const webhook = v.safeParse(Webhook, value);
  if (!webhook.success || isForeign(webhook.output)) return { ok: false, expected: EXPECTED };
  const { receiver, groupKey, truncatedAlerts, externalURL, status: webhookStatus, alerts: items } = webhook.output;
  const envelope = { alertmanagerURL: readLink(externalURL), webhookStatus };
  return {
    ok: true,
    receiver: readText(receiver),
    groupKey: readText(groupKey),
    truncatedAlerts: readCount(truncatedAlerts, 0) ?? 0,
    items,
    read: (item) => parseAlert(item, envelope, context),
    hasUnknownSeverity,
  };
}

/** The same with all its alerts, for a payload of a few. Never throws on parsed JSON. */
export const parseAlertmanager = (value: unknown, context: SourceContext): Promise<ParsedPayload> =>
  readWhole(openAlertmanager(value, context));
