import * as v from "valibot";
import { DETAILED_MAX, MEMBERS_WRITTEN_MAX } from "../domain/ledger-limits.ts";
import { saturate } from "../domain/occurrences.ts";
import { memberId, STORM_MEMBERS_MAX, stormName } from "../domain/storm-draft.ts";
import type { EnsureStormOperation, Operation, OperationResult, RecordOperation } from "../ports/remediation-writer.ts";
import { OPERATIONS_MAX } from "../ports/remediation-writer.ts";

/** Where the proxy takes operations. */
export const OPERATIONS_PATH = "/proxy/v1/operations";

/** Most bytes of a call's body: more than 500 alerts with the largest payload they may carry. */
export const OPERATIONS_BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Kubernetes: the longest name of a custom resource, and of a label (a namespace's name is one). */
const Name = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/));
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const Namespace = v.pipe(v.string(), v.regex(DNS_LABEL));

/** Intents and slots become annotation values and map keys. */
const Token = v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][\w.:-]{0,127}$/));
const Millis = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
/** A gateway of the version before may have counted beyond what a count holds. */
const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.transform(saturate));
const Text = v.string();
/** Not a valibot record: that drops members called `__proto__` or `constructor`, which are names like any other here. */
const Texts = v.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((text) => typeof text === "string"),
  "an object of texts",
);

const Uid = v.pipe(Text, v.minLength(1), v.maxLength(128));
const RequestId = v.object({ namespace: Namespace, name: Name, uid: Uid });

const Fingerprint = v.pipe(Text, v.regex(/^[0-9a-f]{64}$/));
const Severity = v.picklist(["critical", "warning", "info"]);
const Priority = v.picklist(["P0", "P1", "P2", "P3"]);
// A gateway or proxy of the version before tells none.
const Urgency = v.optional(v.nullable(v.object({ severity: Severity, priority: Priority })), null);
const OriginNamespace = v.union([v.literal(""), Namespace]);

const Spec = v.object({
  signalFingerprint: Fingerprint,
  signalName: Text,
  severity: Severity,
  environment: Text,
  priority: Priority,
  signalType: v.picklist(["prometheus-alert", "kubernetes-event"]),
  signalSource: Text,
  targetType: v.literal("kubernetes"),
  firingTime: Text,
  receivedTime: Text,
  signalLabels: Texts,
  signalAnnotations: Texts,
  providerData: Text,
  originalPayload: Text,
  deduplication: v.object({ isDuplicate: v.literal(false), firstSeen: Text, lastSeen: Text, occurrenceCount: v.literal(1) }),
});

/** A gateway of the version before tells none. */
const Traceparent = v.exactOptional(v.pipe(Text, v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)));
const Draft = v.object({ namespace: OriginNamespace, spec: Spec, traceparent: Traceparent });

const Storm = v.object({
  group: Fingerprint,
  window: v.pipe(Text, v.regex(/^[0-9a-f]{32}$/)),
  namespace: OriginNamespace,
  cluster: Text,
  stormWindow: Text,
  base: Spec,
  members: v.pipe(
    v.array(
      v.object({
        fingerprint: Fingerprint,
        target: Text,
        severity: Severity,
        priority: Priority,
        firingTime: Text,
        details: v.nullable(v.object({ labels: Texts, annotations: Texts })),
      }),
    ),
    v.minLength(1),
    v.maxLength(STORM_MEMBERS_MAX),
  ),
  traceparent: Traceparent,
});

/** Uids that one call may name: more than a group ever has live requests. */
const EXCEPT_MAX = 10_000;
const Adopt = v.object({
  youngerThanMs: Millis,
  fewerThan: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
  exceptUids: v.pipe(v.array(Uid), v.maxLength(EXCEPT_MAX)),
});

const Details = v.object({
  id: v.pipe(Text, v.regex(/^[0-9a-f]{16}$/)),
  severity: Severity,
  startsAt: Text,
  labels: Texts,
  annotations: Texts,
});
const Listed = v.object({
  members: v.pipe(v.array(v.pipe(Text, v.regex(/^[0-9a-f]{16}(?: |$)/))), v.maxLength(MEMBERS_WRITTEN_MAX)),
  // A gateway of the version before tells none.
  details: v.exactOptional(v.pipe(v.array(Details), v.maxLength(DETAILED_MAX))),
  closedAtMs: v.nullable(Millis),
});

const OperationSchema = v.variant("kind", [
  v.object({
    kind: v.literal("ensure"),
    intent: Token,
    retry: v.boolean(),
    draft: Draft,
    // A gateway of the version before knows of no windows, here and in records.
    buffered: v.optional(v.boolean(), false),
  }),
  v.object({ kind: v.literal("ensure-storm"), intent: Token, retry: v.boolean(), storm: Storm, adopt: Adopt }),
  v.object({ kind: v.literal("observe"), request: RequestId }),
  v.object({
    kind: v.literal("record"),
    request: RequestId,
    slot: Token,
    count: Count,
    firstSeenMs: Millis,
    lastSeenMs: Millis,
    resolvedAtMs: v.nullable(Millis),
    urgency: Urgency,
    storm: v.optional(v.nullable(Listed), null),
  }),
  v.object({ kind: v.literal("count"), intent: Token, draft: Draft }),
  v.object({ kind: v.literal("resolve"), fingerprint: Fingerprint, namespace: OriginNamespace, resolvedAtMs: Millis }),
]);

/** One that cannot be read is null, and costs the others nothing. */
const MaybeOperation = v.fallback(v.nullable(OperationSchema satisfies v.GenericSchema<unknown, Operation>), null);

/** Body of a call. `deadlineMs`: how long the caller waits, counted from the arrival of the call, so that the two clocks need not agree. */
export const OperationsCall = v.object({
  operations: v.pipe(v.array(MaybeOperation), v.maxLength(OPERATIONS_MAX)),
  deadlineMs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(60_000)),
});
export type OperationsCall = v.InferOutput<typeof OperationsCall>;

const State = v.object({
  namespace: Text,
  name: Text,
  uid: Text,
  resourceVersion: Text,
  intent: v.nullable(Text),
  phase: Text,
  ended: v.boolean(),
  endedAtMs: v.nullable(v.number()),
  // A proxy of the version before tells of no watch.
  session: v.optional(v.nullable(Text), null),
  urgency: Urgency,
});
/** Most requests that one operation can have made. */
const REQUESTS_MAX = 1_000;

const Reason = v.pipe(Text, v.regex(/^[a-z0-9-]{1,64}$/));
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(saturate));
/** A proxy of the version before tells none. */
const Requests = v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(REQUESTS_MAX)));
const ensured = { requests: Requests, state: State, otherOccurrences: Whole, takenBack: v.optional(v.array(Text), []) };
const Held = v.pipe(v.array(v.object({ fingerprint: Fingerprint, state: State })), v.maxLength(STORM_MEMBERS_MAX));
const stormEnsured = { requests: Requests, state: State, otherOccurrences: Whole, held: Held };

const ResultSchema = v.variant("kind", [
  v.object({ kind: v.literal("created"), ...ensured }),
  v.object({ kind: v.literal("existing"), ...ensured }),
  v.object({ kind: v.literal("storm-created"), ...stormEnsured }),
  v.object({ kind: v.literal("storm-adopted"), ...stormEnsured, openedAtMs: Millis, members: Whole }),
  v.object({ kind: v.literal("storm-held"), requests: Requests, held: Held }),
  v.object({ kind: v.literal("observed"), requests: Requests, state: State }),
  // A proxy of the version before lists nobody.
  v.object({ kind: v.literal("recorded"), state: State, members: v.optional(Whole, 0), held: v.exactOptional(Held) }),
  v.object({ kind: v.literal("counted"), state: State, created: v.boolean(), occurrences: Whole }),
  v.object({ kind: v.literal("resolved"), state: State }),
  v.object({ kind: v.literal("absent") }),
  v.object({ kind: v.literal("gone"), requests: Requests }),
  v.object({ kind: v.literal("pending") }),
  v.object({ kind: v.literal("refused"), reason: Reason }),
  v.object({ kind: v.literal("failed"), reason: Reason }),
]);

/** As MaybeOperation. */
const MaybeResult = v.fallback(v.nullable(ResultSchema satisfies v.GenericSchema<unknown, OperationResult>), null);

/** Body of an answer: one result per operation, in their order. */
export const OperationsAnswer = v.object({ results: v.pipe(v.array(MaybeResult), v.maxLength(OPERATIONS_MAX)) });

const ANSWERS: Readonly<Record<Operation["kind"], ReadonlySet<OperationResult["kind"]>>> = {
  ensure: new Set(["created", "existing", "pending", "refused", "failed"]),
  "ensure-storm": new Set(["storm-created", "storm-adopted", "storm-held", "pending", "refused", "failed"]),
  observe: new Set(["observed", "gone", "pending", "refused", "failed"]),
  record: new Set(["recorded", "gone", "pending", "refused", "failed"]),
  count: new Set(["counted", "pending", "refused", "failed"]),
  resolve: new Set(["resolved", "absent", "pending", "refused", "failed"]),
};

/** Whether `result` can be the answer to `operation`: of a kind that it may have, and about the object that was named. */
export function answers(operation: Operation, result: OperationResult): boolean {
  if (!ANSWERS[operation.kind].has(result.kind)) return false;
  if (operation.kind === "ensure") return result.kind !== "created" || result.state.intent === operation.intent;
  if (operation.kind === "ensure-storm") return answersStorm(operation, result);
  if (operation.kind === "count" || operation.kind === "resolve") return true;
  if (operation.kind === "record" && !answersListing(operation, result)) return false;
  return !("state" in result) || result.state.uid === operation.request.uid;
}

/** Held are only members that were to be listed. */
function answersListing({ storm }: RecordOperation, result: OperationResult): boolean {
  const ids = new Set(storm?.members.map(memberId));
  return result.kind !== "recorded" || (result.held ?? []).every(({ fingerprint }) => ids.has(memberId(fingerprint)));
}

/** The window's own object, or one that may be adopted; and of the members those that are held, all where nothing was made. */
function answersStorm({ intent, storm, adopt }: EnsureStormOperation, result: OperationResult): boolean {
  if (!("held" in result) || result.kind === "recorded") return true;
  const members = new Set(storm.members.map(({ fingerprint }) => fingerprint));
  const held = new Set(result.held.map(({ fingerprint }) => fingerprint));
  if (held.size < result.held.length || [...held].some((fingerprint) => !members.has(fingerprint))) return false;
  switch (result.kind) {
    case "storm-created":
      return result.state.name === stormName(storm.window) || result.state.intent === intent;
    case "storm-adopted":
      return !adopt.exceptUids.includes(result.state.uid);
    case "storm-held":
      return held.size === members.size;
  }
}
