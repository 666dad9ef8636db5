import type { ParsedAlert } from "../domain/alert.ts";
import { type AlertSketch, sketchOf } from "../domain/alert-sketch.ts";
import { JsonPiece, plain } from "./json-piece.ts";
import { hasUnreadableStart } from "./judge-signal.ts";
import type { OpenedPayload, OpenPayload, ParsedPayload, Pause, ReadPayload } from "./payload.ts";

/** Most alerts that are read without a pause, some 20 ms. */
export const SLICE_ALERTS_MAX = 500;

/** How much the alerts may weigh that are read without a pause, unless one weighs more. Usual ones weigh 40. */
const SLICE_WEIGHT_MAX = 20_000;

/** Bytes of JSON that weigh as much as a value. */
const VALUE_BYTES = 16;

/** Alerts of so little weight are compared with each other in any case: junk, mostly. */
const TINY_WEIGHT_MAX = 12;

/** Most texts of alerts that are kept to compare others with, and most characters of each: a megabyte. */
const KEPT = { textsMax: 1_000, charactersMax: 1_024 };

/** Values in it, itself included. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  let count = 1;
  for (const child of Array.isArray(value) ? value : Object.values(value)) count += countValues(child);
  return count;
}

const weightOf = (item: unknown): number => (item instanceof JsonPiece ? Math.ceil(item.byteLength / VALUE_BYTES) : countValues(item));

const textOf = (item: unknown): string => (item instanceof JsonPiece ? item.text() : JSON.stringify(item));

/** The places in their order, so many at a time as may be read without a pause. */
function* slicesOf(items: readonly unknown[], places: Iterable<number>): Generator<readonly number[]> {
  let slice: number[] = [];
  let weight = 0;
  for (const place of places) {
    const more = weightOf(items[place]);
    if (slice.length > 0 && (slice.length >= SLICE_ALERTS_MAX || weight + more > SLICE_WEIGHT_MAX)) {
      yield slice;
      slice = [];
      weight = 0;
    }
    slice.push(place);
    weight += more;
  }
  if (slice.length > 0) yield slice;
}

/**
 * Reads equal items once where many may be: those of little weight, and any once something was invalid. What is read of an item depends on
 * nothing else.
 */
function readingOnce(read: OpenPayload["read"]): OpenPayload["read"] {
  const known = new Map<string, Promise<ParsedAlert>>();
  let hasInvalid = false;
  const readAnew = async (item: unknown) => {
    const alert = await read(item);
    hasInvalid ||= alert.kind === "invalid";
    return alert;
  };
  return (item) => {
    if (!hasInvalid && weightOf(item) > TINY_WEIGHT_MAX) return readAnew(item);
    const text = textOf(item);
    const reading = known.get(text) ?? readAnew(item);
    if (text.length <= KEPT.charactersMax && known.size < KEPT.textsMax) known.set(text, reading);
    return reading;
  };
}

/**
 * Reads all alerts of a payload, a slice at a time with `pause` between two of them. What `pause` throws ends the reading; throws `JsonFault` where
 * an item that was left as it came is no JSON.
 */
export async function readAlerts(payload: OpenPayload, pause: Pause): Promise<ReadPayload> {
  const { items, read: readPlain, hasUnknownSeverity, ...envelope } = payload;
  const isLarge = items.length > SLICE_ALERTS_MAX;
  const read = async (item: unknown) => readPlain(plain(item));
  const readOne = isLarge ? readingOnce(read) : read;
  const alerts: (ParsedAlert | AlertSketch)[] = [];
  let [unknownSeverities, unreadableTimes] = [0, 0];
  for (const slice of slicesOf(items, items.keys())) {
    if (alerts.length > 0) await pause();
    for (const alert of await Promise.all(slice.map((place) => readOne(items[place])))) {
      if (hasUnknownSeverity(alert)) unknownSeverities += 1;
      if (hasUnreadableStart(alert)) unreadableTimes += 1;
      alerts.push(isLarge ? sketchOf(alert) : alert);
    }
  }
  const whole: ReadPayload["whole"] = async (places, pauseBetween) => {
    if (!isLarge) return places.map((place) => alerts[place] as ParsedAlert);
    const wanted: ParsedAlert[] = [];
    for (const slice of slicesOf(items, places)) {
      if (wanted.length > 0) await pauseBetween();
      wanted.push(...(await Promise.all(slice.map((place) => read(items[place])))));
    }
    return wanted;
  };
  return { ...envelope, unknownSeverities, unreadableTimes, alerts, whole };
}

/** Reads all alerts of a small payload at once. */
export async function readWhole(opened: OpenedPayload): Promise<ParsedPayload> {
  if (!opened.ok) return opened;
  const { items, read, hasUnknownSeverity, ...envelope } = opened;
  const alerts = await Promise.all(items.map(read));
  const unreadableTimes = alerts.filter(hasUnreadableStart).length;
  return { ...envelope, unknownSeverities: alerts.filter(hasUnknownSeverity).length, unreadableTimes, alerts };
}
