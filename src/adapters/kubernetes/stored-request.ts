import * as v from "valibot";
import { saturate } from "../../domain/occurrences.ts";
import { MARKS, type RequestId, type RequestState, TERMINAL_PHASES } from "../../domain/remediation-request.ts";
import { highestOf, PRIORITIES, SEVERITIES, type Urgency } from "../../domain/urgency.ts";
import { readStorm, type StoredStorm } from "./stored-storm.ts";

/** What this adapter reads of a RemediationRequest. Times in Unix ms. */
export interface StoredRequest extends RequestId {
  readonly resourceVersion: string;
  /** Empty where its creator gave none. */
  readonly fingerprint: string;
  readonly intent: string | null;
  readonly phase: string;
  readonly createdAtMs: number;
  readonly completedAtMs: number | null;
  readonly deletedAtMs: number | null;
  /** From `spec.deduplication`: what was known when it was created. */
  readonly born: { readonly occurrences: number; readonly firstSeenMs: number; readonly lastSeenMs: number };
  /** From `status.deduplication`; null fields were never written, or erased. */
  readonly counted: {
    readonly slots: Readonly<Record<string, number>>;
    readonly firstSeenMs: number | null;
    readonly lastSeenMs: number | null;
    readonly resolvedAtMs: number | null;
  };
  /** The highest severity and priority that `spec` and `status` tell. */
  readonly urgency: Urgency;
  /** Null: it is of a single alert. */
  readonly storm: StoredStorm | null;
}

const Time = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.number(),
);
/** Anything but a time reads as none: a foreign writer's slip must not hide the object. */
const MaybeTime = v.fallback(v.nullish(Time, null), null);
const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(saturate));

/** Whoever may write a status may write anything into a slot: what is no count is not there, and costs no other. */
const Slots = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((told) => {
    const read = Object.entries(told).map(([name, value]) => [name, v.safeParse(Count, value)] as const);
    return Object.fromEntries(read.flatMap(([name, { success, output }]) => (success ? [[name, output]] : [])));
  }),
);

/** What nobody can read is low. */
const SeverityWord = v.fallback(v.picklist(SEVERITIES), "info");
const PriorityWord = v.fallback(v.picklist(PRIORITIES), "P3");

const Deduplication = v.object({
  firstSeen: MaybeTime,
  lastSeen: MaybeTime,
  occurrenceCount: v.fallback(Count, 1),
  slots: v.fallback(Slots, {}),
  resolvedAt: MaybeTime,
  highestSeverity: SeverityWord,
  highestPriority: PriorityWord,
});
const NOTHING_COUNTED = {
  ...{ firstSeen: null, lastSeen: null, occurrenceCount: 1, slots: {}, resolvedAt: null },
  ...({ highestSeverity: "info", highestPriority: "P3" } as const),
};

const Manifest = v.object({
  metadata: v.object({
    namespace: v.string(),
    name: v.string(),
    uid: v.string(),
    resourceVersion: v.string(),
    creationTimestamp: Time,
    deletionTimestamp: v.nullish(Time, null),
    annotations: v.fallback(v.nullable(v.record(v.string(), v.string()), {}), {}),
  }),
  // The definition asks for none, and one object without must not hide all others.
  spec: v.fallback(
    v.object({
      signalFingerprint: v.fallback(v.string(), ""),
      severity: SeverityWord,
      priority: PriorityWord,
      deduplication: v.fallback(Deduplication, NOTHING_COUNTED),
    }),
    { signalFingerprint: "", severity: "info", priority: "P3", deduplication: NOTHING_COUNTED },
  ),
  status: v.fallback(
    v.object({
      overallPhase: v.fallback(v.string(), ""),
      completedAt: MaybeTime,
      deduplication: v.fallback(Deduplication, NOTHING_COUNTED),
    }),
    { overallPhase: "", completedAt: null, deduplication: NOTHING_COUNTED },
  ),
});

/** Reads an object as the API server sends it; null where it is none. What a foreign creator left out or got wrong has a default. */
export function readRequest(json: unknown): StoredRequest | null {
  const parsed = v.safeParse(Manifest, json);
  if (!parsed.success) return null;
  const { metadata, spec, status } = parsed.output;
  const { slots, firstSeen, lastSeen, resolvedAt, highestSeverity: severity, highestPriority: priority } = status.deduplication;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    fingerprint: spec.signalFingerprint,
    intent: metadata.annotations?.[MARKS.intent] ?? null,
    phase: status.overallPhase,
    createdAtMs: metadata.creationTimestamp,
    completedAtMs: status.completedAt,
    deletedAtMs: metadata.deletionTimestamp,
    born: {
      occurrences: spec.deduplication.occurrenceCount,
      firstSeenMs: spec.deduplication.firstSeen ?? metadata.creationTimestamp,
      lastSeenMs: spec.deduplication.lastSeen ?? metadata.creationTimestamp,
    },
    counted: { slots, firstSeenMs: firstSeen, lastSeenMs: lastSeen, resolvedAtMs: resolvedAt },
    urgency: highestOf(spec, { severity, priority }),
    storm: readStorm(json),
  };
}

/** An object that is being deleted has ended, whatever its phase says: a finalizer may hold it for long. */
export const isLive = ({ phase, deletedAtMs }: StoredRequest): boolean => deletedAtMs === null && !TERMINAL_PHASES.has(phase);

/** Whole seconds are all that the server tells of an age, so the uid decides beyond that: the same for everybody. */
export const byAge = (left: StoredRequest, right: StoredRequest): number =>
  left.createdAtMs - right.createdAtMs || (left.uid < right.uid ? -1 : 1);

/** How the ledger calls who the request is for: a fingerprint, or a group and the window in a storm's name. */
export const subjectOf = ({ fingerprint, storm }: StoredRequest): string =>
  storm && storm.window !== null ? `${fingerprint}.${storm.window}` : fingerprint;

/** What callers learn of an object, and from which watch they will hear of its changes. */
export function toState(request: StoredRequest, session: string | null): RequestState {
  const { namespace, name, uid, resourceVersion, intent, phase, completedAtMs, deletedAtMs, urgency } = request;
  const ended = !isLive(request);
  const endedAtMs = ended ? (completedAtMs ?? deletedAtMs) : null;
  return { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session, urgency };
}
