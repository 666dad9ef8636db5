import { sumBeside } from "../../domain/slots.ts";
import { type StormMember, stormName, stormSpec } from "../../domain/storm-draft.ts";
import type { EnsureStormOperation, OperationResult } from "../../ports/remediation-writer.ts";
import { ApiFailure } from "./api-failure.ts";
import { createIn, type EnsureParts, ROUNDS, takeBack } from "./creation.ts";
import { type Age, look } from "./look.ts";
import { stormManifest } from "./manifest.ts";
import { jsonBytes, OBJECT_BYTES_MAX, STORM_SPEC_BYTES_MAX } from "./object-size.ts";
import { backOff, type Pace } from "./pace.ts";
import { slotsOf } from "./slots.ts";
import { byAge, isLive, type StoredRequest, toState } from "./stored-request.ts";
import { heldMembers, holdsMember, listingOf } from "./storm-holders.ts";

/** One operation on its way. */
interface Attempt extends EnsureParts {
  readonly operation: EnsureStormOperation;
  readonly pace: Pace;
}

/**
 * Makes one request exist for a window, as `ensure` does for a fingerprint; the name is the window's own, so whoever creates collides.
 * Before a new one comes the group's live one that still takes alerts: a ledger that forgot it opens another window for the same storm.
 * A member that another live request holds is left to that.
 */
export async function ensureStorm(operation: EnsureStormOperation, parts: EnsureParts, pace: Pace): Promise<OperationResult> {
  const attempt: Attempt = { ...parts, operation, pace };
  const { members } = operation.storm;
  let reason = "contended";
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 && !(await backOff(pace, round))) break;
    const isFirst = round === 0 && !operation.retry;
    const shown = isFirst ? await collect(attempt, { kind: "any" }) : null;
    // Whom a watch shows to be live may have ended.
    const known = shown && (claim(operation, shown) || !meets(shown, attempt)) ? shown : await collect(attempt, { kind: "fresh" });
    const own = claim(operation, known);
    if (own) return created(own, known, attempt);
    const adopted = adoptable(known, attempt);
    const held = heldMembers(members, known, parts.view);
    if (adopted) return adoption(adopted, known, attempt);
    if (held.length === members.length) return { kind: "storm-held", held };
    const made = await create(attempt, without(members, held));
    if (made === null) continue;
    const kept = await keep(made, attempt, isFirst ? { kind: "since", held: made } : { kind: "fresh" });
    if (kept) return { kind: "storm-created", ...told(kept, attempt), held };
    reason = "collision";
  }
  return { kind: "failed", reason };
}

function collect({ operation: { storm }, pace, ...parts }: Attempt, age: Age): Promise<readonly StoredRequest[]> {
  const fingerprints = [storm.group, ...storm.members.map(({ fingerprint }) => fingerprint)];
  return look({ namespace: storm.namespace, fingerprints, age }, parts, pace);
}

const told = (request: StoredRequest, { operation, view }: Attempt) => ({
  state: toState(request, view.sessionOf(request)),
  otherOccurrences: sumBeside(slotsOf(request), operation.intent),
});

/** The window's object in any phase; of several, which only two namespaces can hold, the same one for everybody, a live one first. */
function claim({ intent, storm }: EnsureStormOperation, known: readonly StoredRequest[]): StoredRequest | undefined {
  const isOwn = (request: StoredRequest) =>
    request.fingerprint === storm.group && (request.name === stormName(storm.window) || request.intent === intent);
  const own = known.filter(isOwn).sort((left, right) => (left.uid < right.uid ? -1 : 1));
  return own.find(isLive) ?? own[0];
}

/** Those that are not in it were held by others when it was made, and are named again: the answer to that may have been lost. */
function created(own: StoredRequest, known: readonly StoredRequest[], attempt: Attempt): OperationResult {
  const absent = attempt.operation.storm.members.filter(({ fingerprint }) => !holdsMember(own, fingerprint, attempt.view));
  const held = heldMembers(absent, known, attempt.view, own);
  return { kind: "storm-created", ...told(own, attempt), held };
}

/** The group's oldest live storm that still takes alerts, and has room. */
function adoptable(known: readonly StoredRequest[], { operation: { storm, adopt }, view, pace }: Attempt): StoredRequest | undefined {
  const isOpen = (request: StoredRequest) =>
    request.fingerprint === storm.group &&
    request.storm?.window != null &&
    isLive(request) &&
    listingOf(request, view)?.closedAtMs === null &&
    pace.clock.now() - request.createdAtMs < adopt.youngerThanMs &&
    membersOf(request, view) < adopt.fewerThan &&
    !adopt.exceptUids.includes(request.uid);
  return known.filter(isOpen).sort(byAge)[0];
}

/** Whether others would be told to care for members. */
const meets = (known: readonly StoredRequest[], attempt: Attempt): boolean =>
  adoptable(known, attempt) !== undefined || heldMembers(attempt.operation.storm.members, known, attempt.view).length > 0;

function membersOf(request: StoredRequest, view: EnsureParts["view"]): number {
  const listed = listingOf(request, view)?.lines.keys() ?? [];
  return new Set([...(request.storm?.made().ids ?? []), ...listed]).size;
}

/** Those that it holds itself just join. */
function adoption(adopted: StoredRequest, known: readonly StoredRequest[], attempt: Attempt): OperationResult {
  const { operation, view } = attempt;
  const joining = operation.storm.members.filter(({ fingerprint }) => !holdsMember(adopted, fingerprint, view));
  const held = heldMembers(joining, known, view);
  const [openedAtMs, members] = [adopted.createdAtMs, membersOf(adopted, view)];
  return { kind: "storm-adopted", ...told(adopted, attempt), held, openedAtMs, members };
}

const without = (members: readonly StormMember[], held: readonly { readonly fingerprint: string }[]): readonly StormMember[] => {
  const left = new Set(held.map(({ fingerprint }) => fingerprint));
  return members.filter(({ fingerprint }) => !left.has(fingerprint));
};

/** Null: the name is taken. */
async function create(attempt: Attempt, members: readonly StormMember[]): Promise<StoredRequest | null> {
  const { storm, intent } = attempt.operation;
  const spec = stormSpec({ ...storm, members }, STORM_SPEC_BYTES_MAX);
  if (jsonBytes(spec) > OBJECT_BYTES_MAX) throw new ApiFailure("too-large");
  return createIn(storm.namespace, stormManifest(storm, spec, intent), attempt, attempt.pace);
}

/**
 * Looks once more: while a namespace comes or goes, two creators may each have made the window's object, in it and in the fallback. The later one sees the
 * earlier, and takes its own back; null where it did, or where its object has changed. One that a controller has begun to work on stays.
 */
async function keep(made: StoredRequest, attempt: Attempt, age: Age): Promise<StoredRequest | null> {
  const alike = (await collect(attempt, age)).filter(({ name, fingerprint }) => name === made.name && fingerprint === made.fingerprint);
  const seen = alike.find(({ uid }) => uid === made.uid) ?? made;
  if (!alike.some(({ uid }) => uid !== made.uid) || !isLive(seen)) return seen;
  attempt.onCollision();
  if (seen.phase !== "") return seen;
  await takeBack(seen, attempt, attempt.pace);
  return null;
}
