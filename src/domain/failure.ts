export type FailureCode =
  | "ledger-unavailable"
  /** It works, and too few others have what it was told. */
  | "ledger-unreplicated"
  | "ledger-refused"
  | "ledger-reply-invalid"
  | "writer-unavailable"
  | "writer-unauthorized"
  | "writer-refused"
  | "writer-reply-invalid";

/**
 * A dependency that did not do its part. `effect` tells whether the call may have taken effect all the same.
 * The message is for logs: it names no payload and no secret.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  readonly effect: "none" | "unknown";

  constructor(code: FailureCode, message: string, effect: "none" | "unknown", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.effect = effect;
  }
}
