import type { RedisTrouble } from "./redis-trouble.ts";

export type FailureCode =
  | "ledger-unavailable"
  /** It works, and too few others have what it was told. */
  | "ledger-unreplicated"
  | "ledger-refused"
  | "ledger-reply-invalid"
  | "writer-unavailable"
  | "writer-unauthorized"
  | "writer-refused"
  /** It does not take so much in one call. */
  | "writer-overfilled"
  | "writer-reply-invalid";

/**
 * A dependency that did not do its part. `effect` tells whether the call may have taken effect all the same.
 * The message is for logs: it names no payload and no secret.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  readonly effect: "none" | "unknown";
  /** What is wrong with Redis, where it is its settings or ours; null: nothing that is known. */
  readonly trouble: RedisTrouble | null;

  constructor(
    code: FailureCode,
    message: string,
    effect: "none" | "unknown",
    { trouble = null, ...options }: ErrorOptions & { readonly trouble?: RedisTrouble | null } = {},
  ) {
    super(message, options);
    this.code = code;
    this.effect = effect;
    this.trouble = trouble;
  }
}

/** Whether a ledger turned a call away for something in it, or in what it is about; not for who calls, nor because it cannot work. */
export const blamesTheCall = (error: unknown): error is Failure =>
  error instanceof Failure &&
  error.effect === "unknown" &&
  error.trouble === null &&
  (error.code === "ledger-refused" || error.code === "ledger-reply-invalid");
