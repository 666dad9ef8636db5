import type { Ledger } from "../ports/ledger.ts";

/** Members in one call: as many keys as an admit of the largest size has. */
const MEMBERS_MAX = 500;

/** Calls in one round: within it 5,000 windows fit, and a Worker's run keeps to its subrequests. */
const CALLS_MAX = 10;

/** Turns all windows that are due into intents, as far as one round gets; true: more are due. Throws `Failure` when the ledger cannot be reached. */
export async function sweepWindows({
  ledger,
  newOperation,
}: {
  ledger: Pick<Ledger, "sweep">;
  newOperation: () => string;
}): Promise<boolean> {
  for (let calls = 0; calls < CALLS_MAX; calls += 1) {
    if (!(await ledger.sweep({ operation: newOperation(), limit: MEMBERS_MAX }))) return false;
  }
  return true;
}
