import { type Fields, isFields } from "./fields.ts";
import { parseJson } from "./json.ts";
import { JsonPiece } from "./json-piece.ts";
import { readName } from "./text.ts";

/** More events than any gateway takes in a payload: their envelopes stay closed. */
export const EVENTS_MAX = 50_000;

/** Envelopes within envelopes that are opened: a CloudEvent of a watch frame in a list needs three. */
const LAYERS_MAX = 4;

/**
 * Members in which an envelope holds its event, beside `data_base64`: those of a CloudEvent, a watch frame, eventrouter, kubernetes-event-exporter
 * and Argo Events.
 */
const HOLDERS = ["data", "object", "event", "details", "body"];

/** Types and verbs of envelopes that tell of no occurrence: an Event object was deleted, as it is an hour after its last one, or a watch is alive. */
const PASSED_OVER = ["deleted", "delete", "bookmark", "dev.knative.apiserver.resource.delete"];

const hasReference = ({ involvedObject, regarding }: Fields): boolean => isFields(involvedObject) || isFields(regarding);

/** kubernetes-event-exporter's usual layout: reason, and kind and name of the object, stand side by side. */
const isFlat = ({ reason, kind, name }: Fields): boolean => readName(reason) !== "" && readName(kind) !== "" && readName(name) !== "";

/** True for an Event of core/v1 or events.k8s.io/v1, for what only says that it is one, and for an event exporter's flat layout. */
export const looksLikeEvent = (value: unknown): boolean =>
  isFields(value) && (hasReference(value) || value.kind === "Event" || isFlat(value));

/** An event in the layout of core/v1: what a flat one says of its object stands in `involvedObject`. Anything else stays as it is. */
export function layOut(value: unknown): unknown {
  if (!isFields(value) || value.kind === "Event" || hasReference(value) || !isFlat(value)) return value;
  const { apiVersion, kind, name, namespace, labels } = value;
  return { ...value, involvedObject: { apiVersion, kind, name, namespace, labels } };
}

/**
 * The events of a payload, each as it was written, in their order: one event, an array of them, an EventList, and any of these in envelopes.
 * Of an envelope that tells of no occurrence there is none. What holds no event stands for itself, so that it can be shown. A piece of a long array
 * stays a piece. Throws `JsonFault` where one is no JSON.
 */
export const eventsOf = (value: unknown): readonly unknown[] => each(value, LAYERS_MAX);

function each(value: unknown, layers: number): readonly unknown[] {
  if (!Array.isArray(value)) return unwrap(value, layers);
  return value.length > EVENTS_MAX ? value : value.flatMap((item) => unwrap(item, layers));
}

function unwrap(value: unknown, layers: number): readonly unknown[] {
  if (value instanceof JsonPiece) return unwrapPiece(value, layers);
  if (!isFields(value) || layers === 0) return [value];
  if (isList(value)) return each(value.items, layers - 1);
  if (hasReference(value)) return [value];
  const held = heldBy(value);
  if (held === undefined) return [value];
  const word = readName(value.verb ?? value.type).toLowerCase();
  return PASSED_OVER.includes(word) ? [] : each(held, layers - 1);
}

function unwrapPiece(piece: JsonPiece, layers: number): readonly unknown[] {
  const events = unwrap(piece.value(), layers);
  return events.length === 1 ? [piece.holding((value) => unwrap(value, layers)[0])] : events;
}

const isList = ({ kind, items }: Fields): boolean => (kind === "EventList" || kind === "List") && Array.isArray(items);

/** The event or events in an envelope; undefined: it is none. */
function heldBy(value: Fields): unknown {
  for (const holder of HOLDERS) {
    const held = typeof value[holder] === "string" ? parseText(value[holder]) : value[holder];
    if (typeof held === "object" && held !== null) return held;
  }
  return typeof value.data_base64 === "string" ? parseBase64(value.data_base64) : undefined;
}

function parse(bytes: Uint8Array): unknown {
  const parsed = parseJson(bytes);
  return parsed.ok && typeof parsed.value === "object" && parsed.value !== null ? parsed.value : undefined;
}

const parseText = (text: string): unknown => parse(new TextEncoder().encode(text));

function parseBase64(encoded: string): unknown {
  try {
    return parse(Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
