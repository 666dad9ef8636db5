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
  | "too-large"
  | "invalid"
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

/** Whether a rejection is this problem. */
export const isProblem = (error: unknown, ...problems: readonly ApiProblem[]): error is ApiFailure =>
  error instanceof ApiFailure && problems.includes(error.problem);
