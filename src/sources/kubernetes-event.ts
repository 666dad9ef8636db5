import * as v from "valibot";
import type { InvalidReason, ParsedAlert, Resource } from "../domain/alert.ts";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { eventSeverity } from "../domain/severity.ts";
import { sha256Hex } from "../domain/sha256.ts";
import { wellFormed } from "../domain/well-formed.ts";
import { invalidAlert } from "./invalid-alert.ts";
import { plain } from "./json-piece.ts";
import { judgeName, judgeSignal, namespaceOf } from "./judge-signal.ts";
import { readAnnotations, readLabels } from "./labels.ts";
import type { OpenedPayload, ParsedPayload, SourceContext } from "./payload.ts";
import { readWhole } from "./read-alerts.ts";

/** A text from outside; anything else reads as none. */
const Text = v.fallback(v.pipe(v.string(), v.transform(wellFormed)), "");
const Count = v.fallback(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), null);
const Time = v.optional(v.unknown());

const Metadata = v.fallback(v.object({ uid: Text, namespace: Text, creationTimestamp: Time }), { uid: "", namespace: "" });
const Reference = v.fallback(v.nullable(v.object({ kind: Text, name: Text, namespace: Text, labels: v.optional(v.unknown()) })), null);

/** What core/v1 and events.k8s.io/v1 call the same things differently; event exporters send either, with the object's labels added to its reference. */
const Event = v.object({
  metadata: Metadata,
  reason: Text,
  type: Text,
  involvedObject: Reference,
  regarding: Reference,
  message: Text,
  note: Text,
  count: Count,
  series: v.fallback(v.nullable(v.object({ count: Count })), null),
  deprecatedCount: Count,
  firstTimestamp: Time,
  eventTime: Time,
  deprecatedFirstTimestamp: Time,
});
type Event = v.InferOutput<typeof Event>;

const LooksLikeEvent = v.union([
  v.object({ involvedObject: v.object({}) }),
  v.object({ regarding: v.object({}) }),
  v.object({ kind: v.literal("Event") }),
]);
// Not a valibot array: that would copy what may turn out to be too many.
const List = v.object({ kind: v.picklist(["EventList", "List"]), items: v.custom<readonly unknown[]>(Array.isArray) });

/** More items than any gateway takes need no look: they are refused for their number. */
const LOOKED_AT_MAX = 50_000;

const EXPECTED =
  'expected a Kubernetes Event (core/v1 with "involvedObject" or events.k8s.io/v1 with "regarding"), an array of them, or an EventList';

/** An Event without `involvedObject.namespace` lives in its object's namespace, or in `default` where the object has none (Kubernetes API server). */
function locate({ metadata, involvedObject, regarding }: Event): { resource: Resource; namespace: string; labels: unknown } | null {
  const reference = involvedObject ?? regarding;
  if (!reference?.kind || !reference.name) return null;
  const resource = { kind: reference.kind, name: reference.name };
  const told = reference.namespace || (metadata.namespace === "default" ? "" : metadata.namespace);
  return { resource, namespace: namespaceOf(told, resource), labels: reference.labels };
}

/** The object's own labels, where the exporter adds them, and what the event says of it. */
function labelsOf({ reason, type }: Event, { kind, name }: Resource, namespace: string, objectLabels: unknown) {
  const own = readLabels(objectLabels ?? {});
  if (typeof own === "string") return own;
  return readLabels(Object.fromEntries([...Object.entries(own), ...Object.entries({ reason, type, kind, name, namespace })]));
}

/** Which Event object this is, and how often it says it has happened; without a uid nothing tells, and each arrival counts. */
async function occurrence({ metadata, count, series, deprecatedCount }: Event): Promise<{ uid: string; count: number } | null> {
  if (!metadata.uid) return null;
  const uid = metadata.uid.length <= 64 ? metadata.uid : await sha256Hex(metadata.uid);
  return { uid, count: count ?? series?.count ?? deprecatedCount ?? 1 };
}

async function parseEvent(payload: unknown, context: SourceContext): Promise<ParsedAlert> {
  const refuse = (reason: InvalidReason) => invalidAlert(payload, reason, { source: context.source, signalType: "kubernetes-event" });
  const parsed = v.safeParse(Event, payload);
  if (!parsed.success || Array.isArray(payload)) return refuse("not-an-object");
  const event = parsed.output;
  const { reason, metadata, firstTimestamp, eventTime, deprecatedFirstTimestamp } = event;
  const misnamed = judgeName(reason, "event-reason-missing");
  if (misnamed) return refuse(misnamed);
  const place = locate(event);
  if (!place) return refuse("event-object-missing");
  const { resource, namespace } = place;
  const fingerprint = await fingerprintOf(reason, namespace, resource);
  if (event.type === "Normal") return { kind: "ignored", fingerprint, reason: "event-normal", watchdog: false };
  const labels = labelsOf(event, resource, namespace, place.labels);
  if (typeof labels === "string") return refuse(labels);
  const annotations = readAnnotations({ message: event.message || event.note });
  if (typeof annotations === "string") return refuse(annotations);
  const seen = await occurrence(event);
  return judgeSignal(
    {
      signalType: "kubernetes-event",
      name: reason,
      status: "firing",
      severity: eventSeverity(reason),
      labels,
      annotations,
      resource,
      namespace,
      fingerprint,
      instance: seen?.uid ?? fingerprint,
      startsAt: [firstTimestamp, eventTime, deprecatedFirstTimestamp, metadata.creationTimestamp],
      event: seen,
      links: {},
      payload,
    },
    context,
  );
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return v.is(List, value) ? value.items : [value];
}

/**
 * Opens one Event, an array or a list of them. `Normal` events are ignored; all others, of types yet to come too, are alerts.
 * Each is judged on its own; a payload in which nothing looks like an Event is foreign.
 */
export function openKubernetesEvents(value: unknown, context: SourceContext): OpenedPayload {
  const items = itemsOf(value);
  const isLookedAt = items.length > 0 && items.length <= LOOKED_AT_MAX;
  if (isLookedAt && !items.some((item) => v.is(LooksLikeEvent, plain(item)))) return { ok: false, expected: EXPECTED };
  const read = (item: unknown) => parseEvent(item, context);
  return { ok: true, receiver: "", groupKey: "", truncatedAlerts: 0, items, read, hasUnknownSeverity: () => false };
}

/** The same with all its events, for a payload of a few. Never throws on parsed JSON. */
export const parseKubernetesEvents = (value: unknown, context: SourceContext): Promise<ParsedPayload> =>
  readWhole(openKubernetesEvents(value, context));
