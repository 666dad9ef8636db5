import { saturate } from "../../domain/occurrences.ts";
import { sumOf } from "../../domain/slots.ts";
import { rises } from "../../domain/urgency.ts";
import { type CountOperation, INTENT_REMEMBERED_MS, type OperationResult } from "../../ports/remediation-writer.ts";
import type { EnsureParts } from "./creation.ts";
import type { DirectCounts } from "./direct-counts.ts";
import { type Reached, reach, stateReached } from "./ensure.ts";
import type { Pace } from "./pace.ts";
import { regain, slotsOf } from "./slots.ts";
import { isLive } from "./stored-request.ts";

export interface CountParts extends EnsureParts {
  readonly directCounts: DirectCounts;
}

/**
 * Counts an occurrence that no ledger knows of. The object of the intent itself counts it without a write. An intent that comes again after the
 * time for which it is the same occurrence counts like any other; where its own object has ended meanwhile, it is another intent.
 */
export async function countDirectly({ intent, draft }: CountOperation, parts: CountParts, pace: Pace): Promise<OperationResult> {
  const ensureFor = (one: string) => reach({ kind: "ensure", intent: one, retry: false, draft, buffered: false }, parts, pace);
  let reached = await ensureFor(intent);
  // Named after the ended object, so that whoever sends it again comes to the same request.
  while (reached.kind === "own" && !isLive(reached.request) && isOfEarlier(reached, pace))
    reached = await ensureFor(`${intent}-${reached.request.uid.slice(0, 8)}`);
  if (reached.kind === "failed") return reached;
  const { directCounts } = parts;
  const state = stateReached(reached, parts);
  const slots = slotsOf(reached.request);
  const shown = sumOf(slots);
  const known = regain(parts.view.remembered(reached.request.uid)?.slots ?? {}, slots);
  if (rises(draft.spec, reached.request.urgency)) directCounts.raise(state, known, draft.spec);
  if (reached.kind === "other" || (isOfEarlier(reached, pace) && !directCounts.knows(intent))) {
    return { kind: "counted", state, created: false, occurrences: saturate(shown + directCounts.count(state, intent, known)) };
  }
  directCounts.note(intent);
  return { kind: "counted", state, created: true, occurrences: shown };
}

/** Whether the intent's own object is so old that an earlier occurrence must have made it. */
const isOfEarlier = ({ request, isNew }: Extract<Reached, { kind: "own" }>, { clock }: Pace): boolean =>
  !isNew && clock.now() - request.createdAtMs >= INTENT_REMEMBERED_MS;
