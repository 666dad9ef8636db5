/** Why a request could not be made, in the words that metrics and dead letters tell apart: what an API server says, what a writer adds, and how a call to one fails. */
export const TROUBLES = [
  "not-found",
  "already-exists",
  "conflict",
  "expired",
  "namespace-missing",
  "namespace-terminating",
  "namespace-not-allowed",
  "type-missing",
  "bad-request",
  "admission-denied",
  "too-large",
  "invalid",
  "unprocessable",
  "unauthorized",
  "forbidden",
  "quota",
  "throttled",
  "timeout",
  "api-unreachable",
  "api-error",
  "reply-invalid",
  "contended",
  "collision",
  "writer-unavailable",
  "writer-unauthorized",
  "writer-refused",
  "writer-overfilled",
  "writer-reply-invalid",
  /** A proxy cannot read the operation. */
  "operation-invalid",
  /** A fault of the program itself. */
  "internal",
  /** The writer had no time left for it. */
  "not-reached",
  "other",
  /** Its process ended before an answer came. */
  "handed-back",
] as const;
export type Trouble = (typeof TROUBLES)[number];

const KNOWN: ReadonlySet<string> = new Set(TROUBLES);

/** A writer's word for it; `other` where this version does not know the word, so that labels stay a closed list. */
export const troubleOf = (reason: string): Trouble => (KNOWN.has(reason) ? (reason as Trouble) : "other");

const UNREACHABLE: ReadonlySet<string> = new Set<Trouble>([
  ...(["throttled", "timeout", "api-unreachable", "api-error", "unauthorized", "not-reached"] as const),
  ...(["writer-unavailable", "writer-unauthorized", "writer-refused", "writer-reply-invalid"] as const),
]);

const REFUSALS: ReadonlySet<string> = new Set<Trouble>([
  ...(["forbidden", "quota", "bad-request", "invalid", "admission-denied", "unprocessable"] as const),
  ...(["namespace-missing", "namespace-terminating", "namespace-not-allowed"] as const),
]);

/** It met everything that was tried, so more of it would meet it too. */
export const isUnreachable = (trouble: Trouble): boolean => UNREACHABLE.has(trouble);

/** Kubernetes did answer, and said no: a right, a quota or a policy, which mostly holds for a whole namespace and for no other. */
export const isRefusal = (trouble: Trouble): boolean => REFUSALS.has(trouble);
