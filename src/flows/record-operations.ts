import { detailsOf, type MemberDetails } from "../domain/storm-draft.ts";
import { isUnreachable, troubleOf } from "../domain/trouble.ts";
import { DRAFTS_MAX, type LeasedCount, type Ledger, type Settlement } from "../ports/ledger.ts";
import type { OperationResult, RecordOperation } from "../ports/remediation-writer.ts";
import { type Budget, REQUESTS } from "./budget.ts";

/** Most characters of late members' details in one write: an object has room for less. */
const DETAILS_CHARACTERS_MAX = 256 * 1024;

const COUNT_AGAIN_MS = 5_000;

/** A count's record, with what a storm's late members tell. Null: the budget is too small to read it. Throws `Failure` when the ledger cannot be reached. */
export async function recordOperation(
  ledger: Pick<Ledger, "drafts">,
  { mark: _, subject: __, through: ___, late, storm, ...count }: LeasedCount,
  budget: Budget,
): Promise<RecordOperation | null> {
  const details = await lateDetails(ledger, late, budget);
  return details && { kind: "record", ...count, storm: storm && details.length > 0 ? { ...storm, details } : storm };
}

/** How a count's record went: what failed is tried again after COUNT_AGAIN_MS. */
export const settleRecord =
  ({ mark, count, resolvedAtMs, through, storm }: LeasedCount) =>
  (result: OperationResult, namespaceRefused: boolean): Settlement => {
    if (result.kind === "gone") return { kind: "lost", mark };
    if (result.kind === "refused") return { kind: "count-refused", mark };
    if (result.kind !== "recorded") {
      const unanswered = result.kind !== "failed" || isUnreachable(troubleOf(result.reason));
      return { kind: "count-failed", mark, afterMs: COUNT_AGAIN_MS, namespaceRefused, unanswered };
    }
    const { resourceVersion } = result.state;
    const listed = storm && { through, members: result.members, closed: storm.closedAtMs !== null };
    return { kind: "recorded", mark, count, resolvedAtMs, resourceVersion, storm: listed };
  };

/** The first ones, as far as an object can hold them. */
async function lateDetails(
  ledger: Pick<Ledger, "drafts">,
  fingerprints: readonly string[],
  budget: Budget,
): Promise<readonly MemberDetails[] | null> {
  const details: MemberDetails[] = [];
  let room = DETAILS_CHARACTERS_MAX;
  for (let at = 0; at < fingerprints.length && room > 0; at += DRAFTS_MAX) {
    if (!budget.take(REQUESTS.drafts)) return null;
    const part = fingerprints.slice(at, at + DRAFTS_MAX);
    const drafts = await ledger.drafts(part);
    part.forEach((fingerprint, place) => {
      const draft = drafts[place];
      const told = draft && detailsOf(fingerprint, draft.spec);
      room -= told ? JSON.stringify(told).length : 0;
      if (told && room >= 0) details.push(told);
    });
  }
  return details;
}
