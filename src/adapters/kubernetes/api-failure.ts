/** Why a call to the API server came to nothing. The words travel in results and metrics. */
export type ApiProblem =
  /** The object is not there; a missing resource type is `type-missing`, a missing namespace `namespace-missing`. */
  | "not-found"
  | "already-exists"
  | "conflict"
  /** The snapshot that a LIST was reading from is no longer kept. */
  | "expired"
  | "namespace-missing"
  | "namespace-terminating"
  | "type-missing"
  | "bad-request"
  /** A policy or a webhook denied it, with whatever status code: what it thinks may change. */
  | "admission-denied"
  /** The object has no room on the server. Permanent. */
  | "too-large"
  /** A field of the object is wrong, says the API server itself. Permanent. */
  | "invalid"
  /** 422 that blames no field. */
  | "unprocessable"
  | "unauthorized"
  | "forbidden"
  | "quota"
  | "throttled"
  | "timeout"
  | "api-unreachable"
  | "api-error"
  | "reply-invalid";

/** A call to the API server that was turned away or not answered. Carries nothing of the reply's text, which may quote the object. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly problem: ApiProblem;
  /** How long the server asked to wait; null: it did not. */
  readonly retryAfterMs: number | null;

  constructor(problem: ApiProblem, retryAfterMs: number | null = null) {
    super(`Kubernetes API: ${problem}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether the same call would be turned away each time: only the object itself is to blame. */
export const isPermanent = (error: unknown): error is ApiFailure => isProblem(error, "too-large", "invalid");

/** Whether a rejection is this problem. */
export const isProblem = (error: unknown, ...problems: readonly ApiProblem[]): error is ApiFailure =>
  error instanceof ApiFailure && problems.includes(error.problem);
