import type { RequestState } from "../../domain/remediation-request.ts";
import { sumBeside } from "../../domain/slots.ts";
import type { EnsureOperation, OperationResult } from "../../ports/remediation-writer.ts";
import { createIn, type EnsureParts, ROUNDS, takeBack } from "./creation.ts";
import { type Age, look } from "./look.ts";
import { manifestFor, nextName } from "./manifest.ts";
import { backOff, type Pace } from "./pace.ts";
import { slotsOf } from "./slots.ts";
import { byAge, isLive, type StoredRequest, toState } from "./stored-request.ts";
import { holdsMember, stateHeld } from "./storm-holders.ts";

/** One operation on its way. */
interface Attempt extends EnsureParts {
  readonly operation: EnsureOperation;
  readonly pace: Pace;
  /** Uids of its objects that were deleted again, and of others' that have its name. */
  readonly takenBack: string[];
}

/** What a fingerprint's request is by now. */
export type Reached =
  /** The object of this intent; `isNew`: made just now. */
  | { readonly kind: "own"; readonly request: StoredRequest; readonly isNew: boolean; readonly takenBack: readonly string[] }
  /** Something else holds a live one. */
  | { readonly kind: "other"; readonly request: StoredRequest; readonly takenBack: readonly string[] }
  | { readonly kind: "failed"; readonly reason: string };

/** Sees to it that an intent has a request, and tells which. */
export async function ensure(operation: EnsureOperation, parts: EnsureParts, pace: Pace): Promise<OperationResult> {
  const reached = await reach(operation, parts, pace);
  if (reached.kind === "failed") return reached;
  const { request, takenBack } = reached;
  const otherOccurrences = sumBeside(slotsOf(request), operation.intent);
  const kind = reached.kind === "own" ? "created" : "existing";
  return { kind, state: stateReached(reached, parts), otherOccurrences, takenBack };
}

/** Of an object of another's, also whether it is a storm's. */
export const stateReached = ({ kind, request }: Exclude<Reached, { kind: "failed" }>, { view }: Pick<EnsureParts, "view">): RequestState =>
  kind === "own" ? toState(request, view.sessionOf(request)) : stateHeld(request, view);

/**
 * Makes one live request exist for a fingerprint, whoever else tries the same, dies on the way, or ends and deletes objects meanwhile.
 * Names are given in turn and creations collide on them, but a deletion frees a name, so a creator looks once more after it created:
 * of two the later one always sees the earlier one, and takes its own back.
 * What a watch shows may lag, so it serves the first try only, to find nobody or its own: one that meets others, or comes again, has to know.
 */
export async function reach(operation: EnsureOperation, parts: EnsureParts, pace: Pace): Promise<Reached> {
  const takenBack: string[] = [];
  const attempt: Attempt = { ...parts, operation, pace, takenBack };
  let reason = "contended";
  let taken = "";
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 && !(await backOff(pace, round))) break;
    const isFirst = round === 0 && !operation.retry;
    const shown = isFirst ? await collect(attempt, { kind: "any" }) : null;
    // Whom a watch shows to be live may have ended.
    const known = shown && (claim(operation, shown.alike) || !liveIn(shown)) ? shown : await collect(attempt, { kind: "fresh" });
    const foreign = known.all.find(({ name, fingerprint }) => name === taken && fingerprint !== operation.draft.spec.signalFingerprint);
    if (foreign) takenBack.push(foreign.uid);
    const own = claim(operation, known.alike);
    const live = liveIn(known);
    if (!own && live) return { kind: "other", request: live, takenBack };
    if (!own) taken = nextName(operation.draft.spec.signalFingerprint, known.all);
    const held = own ?? (await create(attempt, taken));
    if (held === null) continue;
    const kept = isLive(held) ? await keep(held, attempt, isFirst ? { kind: "since", held } : { kind: "fresh" }) : held;
    if (kept) return { kind: "own", request: kept, isNew: !own, takenBack };
    reason = "collision";
  }
  return { kind: "failed", reason };
}

interface Known {
  readonly all: readonly StoredRequest[];
  readonly alike: readonly StoredRequest[];
  readonly holders: readonly StoredRequest[];
}

const liveIn = ({ alike, holders }: Known): StoredRequest | undefined => alike.find(isLive) ?? holders[0];

/**
 * All requests where this one may be, as far as they are known; those of them with its fingerprint; and the live storms that hold it. `spec` decides:
 * labels may be missing or edited.
 */
async function collect(attempt: Attempt, age: Age): Promise<Known> {
  const { namespace, spec } = attempt.operation.draft;
  const fingerprint = spec.signalFingerprint;
  const all = await look({ namespace, fingerprints: [fingerprint], age }, attempt, attempt.pace);
  const holders = all.filter((request) => isLive(request) && holdsMember(request, fingerprint, attempt.view)).sort(byAge);
  return { all, alike: all.filter((request) => request.fingerprint === fingerprint), holders };
}

/** The object of this intent, in any phase. Should there be several, a live one, so that a look at the others follows; and the same one for everybody. */
function claim({ intent }: EnsureOperation, alike: readonly StoredRequest[]): StoredRequest | undefined {
  const own = alike.filter((request) => request.intent === intent).sort((left, right) => (left.uid < right.uid ? -1 : 1));
  return own.find(isLive) ?? own[0];
}

/** Null: somebody else was quicker with the name. */
function create(attempt: Attempt, name: string): Promise<StoredRequest | null> {
  const { intent, draft, buffered } = attempt.operation;
  return createIn(draft.namespace, manifestFor(draft, intent, name, buffered), attempt, attempt.pace);
}

/**
 * Looks once more; null where `held` was taken back or has changed, and all is to be decided anew.
 * One that a controller has begun to work on stays, whatever else is there.
 */
async function keep(held: StoredRequest, attempt: Attempt, age: Age): Promise<StoredRequest | null> {
  const { operation, pace, takenBack } = attempt;
  const { alike, holders } = await collect(attempt, age);
  const seen = alike.find(({ uid }) => uid === held.uid) ?? held;
  const rival = alike.some((other) => other.uid !== held.uid && (isLive(other) || other.intent === operation.intent));
  if (!(rival || holders.length > 0) || !isLive(seen)) return seen;
  attempt.onCollision();
  if (seen.phase !== "") return seen;
  if (await takeBack(seen, attempt, pace)) takenBack.push(seen.uid);
  return null;
}
