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
