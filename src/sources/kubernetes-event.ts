import * as v from "valibot";
import type { EventOccurrence, InvalidReason, ParsedAlert } from "../domain/alert.ts";
import type { Labels } from "../domain/labels.ts";
import { ANY_NAMESPACE, mayWriteTo } from "../domain/namespace.ts";
import { eventSeverity, severityOf } from "../domain/severity.ts";
import { sha256Hex } from "../domain/sha256.ts";
import { type EventObject, eventTarget } from "../domain/target/event-object.ts";
import { identify } from "../domain/target/identity.ts";
import { invalidAlert, shapeOf } from "./invalid-alert.ts";
import { plain } from "./json-piece.ts";
import { judgeName, judgeSignal } from "./judge-signal.ts";
import { readAnnotations, readLabels } from "./labels.ts";
import type { OpenedPayload, ParsedPayload, SourceContext } from "./payload.ts";
import { readWhole } from "./read-alerts.ts";
import { startsAtOf } from "./starts-at.ts";
import { readCount, readName, readText } from "./text.ts";
import { EVENTS_MAX, eventsOf, layOut, looksLikeEvent } from "./unwrap-events.ts";

const Name = v.fallback(v.pipe(v.unknown(), v.transform(readName)), "");
const Text = v.fallback(v.pipe(v.unknown(), v.transform(readText)), "");
const Count = v.fallback(
  v.pipe(
    v.unknown(),
    v.transform((value) => readCount(value, 1)),
  ),
  null,
);
const Time = v.optional(v.unknown());

const Metadata = v.fallback(v.object({ uid: Name, namespace: Name, creationTimestamp: Time }), { uid: "", namespace: "" });
const Reference = v.fallback(
  v.nullable(v.object({ apiVersion: Name, kind: Name, name: Name, namespace: Name, labels: v.optional(v.unknown()) })),
  null,
);

/** What core/v1 and events.k8s.io/v1 call the same things differently; event exporters send either, with the object's labels added to its reference. */
const Event = v.object({
  metadata: Metadata,
  reason: Name,
  type: Name,
  severity: Name,
  involvedObject: Reference,
  regarding: Reference,
  message: Text,
  note: Text,
  count: Count,
  series: v.fallback(v.nullable(v.object({ count: Count, lastObservedTime: Time })), null),
  deprecatedCount: Count,
  lastTimestamp: Time,
  deprecatedLastTimestamp: Time,
  firstTimestamp: Time,
  eventTime: Time,
  deprecatedFirstTimestamp: Time,
});
type Event = v.InferOutput<typeof Event>;

const EXPECTED =
  'expected a Kubernetes Event (core/v1 with "involvedObject", events.k8s.io/v1 with "regarding", or with "reason", "kind" and "name"), an array or EventList of them, or each as "data" of a CloudEvent, "object" of a watch frame or "event"';

/** Types of events that ask for nothing: Kubernetes' own word, and those of controllers that write their own. */
const NORMAL_TYPES = ["normal", "info", "information", "informational", "debug", "trace"];

const isKnownType = (type: string | undefined): boolean => severityOf(type).known;

/** An Event without `involvedObject.namespace` lives in its object's namespace, or in `default` where the object has none (Kubernetes API server). */
function locate({ metadata, involvedObject, regarding }: Event): { object: EventObject; labels: unknown } | null {
  const reference = involvedObject ?? regarding;
  if (!reference?.kind || !reference.name) return null;
  const { apiVersion, kind, name, labels } = reference;
  const namespace = reference.namespace || (metadata.namespace === "default" ? "" : metadata.namespace);
  return { object: { apiVersion, kind, name, namespace }, labels };
}

/** The object's own labels, where the exporter adds them and they can be used, and what the event says of it. */
function labelsOf(said: Labels, objectLabels: unknown): Labels | "labels-invalid" | "labels-too-large" {
  const own = readLabels(objectLabels);
  const both = typeof own === "string" ? own : readLabels({ ...own, ...said });
  return typeof both === "string" ? readLabels(said) : both;
}

const uidOf = async ({ metadata: { uid } }: Event): Promise<string> => (uid.length <= 64 ? uid : sha256Hex(uid));

/**
 * How often the event has happened, as far as it tells; an event of events.k8s.io/v1 without a series has happened once, at its `eventTime`. Without
 * a uid, or without a count and a time, nothing tells, and each arrival counts.
 */
function occurrenceOf(uid: string, event: Event, nowMs: number): EventOccurrence | null {
  const { series, lastTimestamp, deprecatedLastTimestamp, eventTime } = event;
  const count = event.count ?? series?.count ?? event.deprecatedCount;
  const last = startsAtOf([series?.lastObservedTime, lastTimestamp, deprecatedLastTimestamp, count === null ? eventTime : null], nowMs);
  const lastMs = typeof last === "number" ? last : null;
  return uid !== "" && (count !== null || lastMs !== null) ? { uid, count, lastMs } : null;
}

async function parseEvent(payload: unknown, context: SourceContext): Promise<ParsedAlert> {
  const parsed = v.safeParse(Event, layOut(payload));
  const place = parsed.success ? locate(parsed.output) : null;
  const refuse = (reason: InvalidReason, ...about: string[]) =>
    invalidAlert(payload, {
      ...{ source: context.source, signalType: "kubernetes-event", reason, about },
      namespace: place?.object.namespace ?? "",
    });
  if (!parsed.success || Array.isArray(payload)) return refuse("not-an-object", shapeOf(payload));
  const event = parsed.output;
  const { reason, metadata, firstTimestamp, eventTime, deprecatedFirstTimestamp } = event;
  const misnamed = judgeName(reason, "event-reason-missing");
  if (misnamed) return refuse(misnamed, reason, place?.object.kind ?? "");
  if (!place) return refuse("event-object-missing", reason);
  const type = (event.type || event.severity).trim();
  const isNormal = NORMAL_TYPES.includes(type.toLowerCase());
  // What asks for nothing is written nowhere, so any source may say it.
  const mayWrite = mayWriteTo(isNormal ? [ANY_NAMESPACE] : context.namespaces);
  const target = eventTarget(place.object, { mayWrite, explains: context.explains });
  if (!target) return refuse("namespace-not-allowed", reason, place.object.namespace);
  const identity = await identify(reason, target);
  const { fingerprint, namespace } = identity;
  if (isNormal) return { ...identity, kind: "ignored", reason: "event-normal", watchdog: false };
  const { kind, name } = place.object;
  const labels = labelsOf({ reason, type, kind, name, namespace }, place.labels);
  if (typeof labels === "string") return refuse(labels, reason);
  const uid = await uidOf(event);
  return judgeSignal(
    {
      signalType: "kubernetes-event",
      name: reason,
      status: "firing",
      severity: eventSeverity(reason),
      labels,
      annotations: readAnnotations({ message: event.message || event.note }),
      ...identity,
      instance: uid || fingerprint,
      startsAt: [firstTimestamp, eventTime, deprecatedFirstTimestamp, metadata.creationTimestamp],
      event: occurrenceOf(uid, event, context.nowMs),
      links: {},
      payload,
    },
    context,
  );
}

const hasUnknownType = (alert: ParsedAlert): boolean => alert.kind === "alert" && !isKnownType(alert.draft.spec.signalLabels.type);

/**
 * Opens one Event, an array or a list of them, in the envelopes that eventsOf opens. Events of type `Normal`, in any case, and of its kin are
 * ignored. All others are alerts: also those without a type, which count as of unknown severity as those of unknown types do.
 * Each is judged on its own; a payload in which nothing looks like an Event is foreign. Throws `JsonFault` where a piece of the payload is no JSON.
 */
export function openKubernetesEvents(value: unknown, context: SourceContext): OpenedPayload {
  const items = eventsOf(value);
  // More of them are refused for their number, without a look at any.
  const isLookedAt = items.length > 0 && items.length <= EVENTS_MAX;
  if (isLookedAt && !items.some((item) => looksLikeEvent(plain(item)))) return { ok: false, expected: EXPECTED };
  const read = (item: unknown) => parseEvent(item, context);
  return { ok: true, receiver: "", groupKey: "", truncatedAlerts: 0, items, read, hasUnknownSeverity: hasUnknownType };
}

/** The same with all its events, for a payload of a few. Never throws on parsed JSON. */
export const parseKubernetesEvents = (value: unknown, context: SourceContext): Promise<ParsedPayload> =>
  readWhole(openKubernetesEvents(value, context));
