import * as v from "valibot";
import type { Operation, OperationResult } from "../ports/remediation-writer.ts";
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
const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));
const Text = v.string();
/** Not a valibot record: that drops members called `__proto__` or `constructor`, which are names like any other here. */
const Texts = v.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((text) => typeof text === "string"),
  "an object of texts",
);

const RequestId = v.object({ namespace: Namespace, name: Name, uid: v.pipe(Text, v.minLength(1), v.maxLength(128)) });

const Spec = v.object({
  signalFingerprint: v.pipe(Text, v.regex(/^[0-9a-f]{64}$/)),
  signalName: Text,
  severity: v.picklist(["critical", "warning", "info"]),
  environment: Text,
  priority: v.picklist(["P0", "P1", "P2", "P3"]),
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

const OperationSchema = v.variant("kind", [
  v.object({
    kind: v.literal("ensure"),
    intent: Token,
    retry: v.boolean(),
    draft: v.object({ namespace: v.union([v.literal(""), Namespace]), spec: Spec }),
  }),
  v.object({ kind: v.literal("observe"), request: RequestId }),
  v.object({
    kind: v.literal("record"),
    request: RequestId,
    slot: Token,
    count: Count,
    firstSeenMs: Millis,
    lastSeenMs: Millis,
    resolvedAtMs: v.nullable(Millis),
  }),
]);

/** Body of a call. `deadlineMs`: how long the caller waits, counted from the arrival of the call, so that the two clocks need not agree. */
export const OperationsCall = v.object({
  operations: v.pipe(v.array(OperationSchema satisfies v.GenericSchema<unknown, Operation>), v.maxLength(OPERATIONS_MAX)),
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
});
const Reason = v.pipe(Text, v.regex(/^[a-z0-9-]{1,64}$/));
const ensured = {
  state: State,
  otherOccurrences: v.pipe(v.number(), v.integer(), v.minValue(0)),
  takenBack: v.optional(v.array(Text), []),
};

const ResultSchema = v.variant("kind", [
  v.object({ kind: v.literal("created"), ...ensured }),
  v.object({ kind: v.literal("existing"), ...ensured }),
  v.object({ kind: v.literal("observed"), state: State }),
  v.object({ kind: v.literal("recorded"), state: State }),
  v.object({ kind: v.literal("gone") }),
  v.object({ kind: v.literal("pending") }),
  v.object({ kind: v.literal("refused"), reason: Reason }),
  v.object({ kind: v.literal("failed"), reason: Reason }),
]);

/** Body of an answer: one result per operation, in their order. */
export const OperationsAnswer = v.object({
  results: v.pipe(v.array(ResultSchema satisfies v.GenericSchema<unknown, OperationResult>), v.maxLength(OPERATIONS_MAX)),
});

const ANSWERS: Readonly<Record<Operation["kind"], ReadonlySet<OperationResult["kind"]>>> = {
  ensure: new Set(["created", "existing", "pending", "refused", "failed"]),
  observe: new Set(["observed", "gone", "pending", "refused", "failed"]),
  record: new Set(["recorded", "gone", "pending", "refused", "failed"]),
};

/** Whether `results` can be the answer to `operations`: as many, each of a kind its operation may have, and about the object that was named. */
export function answers(operations: readonly Operation[], results: readonly OperationResult[]): boolean {
  return results.length === operations.length && operations.every((operation, index) => answersOne(operation, results[index]));
}

function answersOne(operation: Operation, result: OperationResult | undefined): boolean {
  if (!result || !ANSWERS[operation.kind].has(result.kind)) return false;
  if (operation.kind === "ensure") return result.kind !== "created" || result.state.intent === operation.intent;
  return !("state" in result) || result.state.uid === operation.request.uid;
}
