import type { Ledger } from "../ports/ledger.ts";
import { type Budget, REQUESTS } from "./budget.ts";

/** Members in one call: as many keys as an admit of the largest size has. */
const MEMBERS_MAX = 500;

/** Calls in one round: within it 5,000 members fit. */
const CALLS_MAX = 10;

interface SweepPorts {
  readonly ledger: Pick<Ledger, "sweep">;
  readonly newOperation: () => string;
}

/** Turns all windows that are due into intents, as far as one round and its budget get; true: more may be due. Throws `Failure` when the ledger cannot be reached. */
export async function sweepWindows({ ledger, newOperation }: SweepPorts, budget: Budget): Promise<boolean> {
  for (let calls = 0; calls < CALLS_MAX && budget.take(REQUESTS.sweep); calls += 1) {
    if (!(await ledger.sweep({ operation: newOperation(), limit: MEMBERS_MAX }))) return false;
  }
  return true;
}
