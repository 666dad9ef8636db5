import { Failure } from "../domain/failure.ts";
import type { Trouble } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Operation, OperationResult, RemediationWriter } from "../ports/remediation-writer.ts";
import { handApart } from "./apart.ts";
import { type Budget, createBudget } from "./budget.ts";

/** Least time worth asking for. */
export const ASK_LEAST_MS = 100;

/** Further calls for one batch of a sender's: enough to find one bad operation among 500. */
const SENDERS_CALLS_MAX = 20;

/** Why a call was turned away before anything was done, and what that says of an operation that was alone in it. */
const VERDICTS: Partial<Readonly<Record<Failure["code"], Trouble>>> = {
  "writer-refused": "operation-invalid",
  "writer-overfilled": "too-large",
};

interface Ports {
  readonly writer: RemediationWriter;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Performs operations within `timeoutMs`, each with a result of its own: a proxy may turn a whole call away for one of them (that of the version before
 * judges calls only), and what is bad is then found with calls of `calls`. What they or the time are too short for is pending. Counts share no call with
 * others once one was turned away. Never rejects with a `Failure`.
 */
export function performEach(
  { writer, clock, log }: Ports,
  operations: readonly Operation[],
  timeoutMs: number,
  calls: Pick<Budget, "take"> = createBudget(SENDERS_CALLS_MAX),
): Promise<readonly OperationResult[]> {
  const endsMs = clock.now() + timeoutMs;
  const leftMs = () => endsMs - clock.now();
  const firstCount = operations.findIndex(({ kind }) => kind === "record");
  return handApart<Operation, OperationResult>(operations, {
    hand: (part) =>
      writer.perform(part, leftMs()).catch((error: unknown) => {
        if (!(error instanceof Failure) || verdictOf(error)) throw error;
        log.warn("writer-failed", { code: error.code, reason: error.message });
        return part.map(() => ({ kind: "failed", reason: error.code }));
      }),
    blames: (error) => verdictOf(error) !== undefined,
    mayGoOn: () => leftMs() >= ASK_LEAST_MS && calls.take(1),
    alone: (_, error) => ({ kind: "refused", reason: verdictOf(error) ?? "other" }),
    left: { kind: "pending" },
    ...(firstCount > 0 && { cut: firstCount }),
  });
}

const verdictOf = (error: unknown): Trouble | undefined => (error instanceof Failure ? VERDICTS[error.code] : undefined);
