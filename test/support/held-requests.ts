import type { RequestDraft, RequestState } from "../../src/domain/remediation-request.ts";
import { type MemberDetails, memberId, stormName } from "../../src/domain/storm-draft.ts";
import type { Urgency } from "../../src/domain/urgency.ts";
import type { EnsureStormOperation, HeldMember, RecordOperation } from "../../src/ports/remediation-writer.ts";

/** A request as the reference holds it; what a reader of the real one would see. */
export interface MemoryRequest extends RequestState {
  readonly draft: RequestDraft;
  readonly createdAtMs: number;
  readonly buffered: boolean;
  readonly slots: Readonly<Record<string, number>>;
  readonly occurrenceCount: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs: number | null;
  /** Ids of the members that a storm was made of; none for a single alert. */
  readonly ids: readonly string[];
  /** Lines of its status. */
  readonly members: readonly string[];
  /** What it tells of members that it was not made of. */
  readonly details: readonly MemberDetails[];
  readonly closedAtMs: number | null;
  readonly urgency: Urgency;
}

/** Of all that it is made of or lists. */
export const idsOf = ({ ids, members }: MemoryRequest): ReadonlySet<string> => new Set([...ids, ...members.map(memberId)]);

export const isStorm = ({ draft }: MemoryRequest): boolean => draft.spec.isStorm === true;

const holds = (request: MemoryRequest, fingerprint: string): boolean =>
  isStorm(request) ? idsOf(request).has(memberId(fingerprint)) : request.draft.spec.signalFingerprint === fingerprint;

/** The live request of a fingerprint: one of its own before a storm, then the oldest. */
export function holderOf(fingerprint: string, all: Iterable<MemoryRequest>): MemoryRequest | undefined {
  const live = [...all].filter((request) => !request.ended && holds(request, fingerprint));
  return live.find((request) => !isStorm(request)) ?? live[0];
}

/** Members that are in another request than `found`; where that was made before, also those that one which has ended since may have held then. */
export function heldBy(
  { storm }: EnsureStormOperation,
  all: readonly MemoryRequest[],
  found: MemoryRequest | undefined,
): readonly HeldMember[] {
  const absent = storm.members.filter(({ fingerprint }) => !(found && holds(found, fingerprint)));
  const others = all.filter((other) => other !== found);
  const isOwn = found?.name === stormName(storm.window);
  const ended = others.filter((other) => isOwn && other.ended && other.createdAtMs <= found.createdAtMs).reverse();
  return absent.flatMap(({ fingerprint }) => {
    const holder = holderOf(fingerprint, others) ?? ended.find((other) => holds(other, fingerprint));
    return holder ? [{ fingerprint, state: toState(holder) }] : [];
  });
}

/** Members to list that have live requests of their own, and that the storm does not have yet. */
export function heldBeside(request: MemoryRequest, { storm }: RecordOperation, all: readonly MemoryRequest[]): readonly HeldMember[] {
  const ids = new Set(storm?.members.map(memberId).filter((id) => !idsOf(request).has(id)));
  const own = all.filter((other) => !other.ended && !isStorm(other) && ids.has(memberId(other.draft.spec.signalFingerprint)));
  return own.map((other) => ({ fingerprint: other.draft.spec.signalFingerprint, state: toState(other) }));
}

/** The operation without members that others hold. */
export function leavingOut(operation: RecordOperation, held: readonly HeldMember[]): RecordOperation {
  const ids = new Set(held.map(({ fingerprint }) => memberId(fingerprint)));
  const { storm } = operation;
  return storm ? { ...operation, storm: { ...storm, members: storm.members.filter((line) => !ids.has(memberId(line))) } } : operation;
}

/** What others are told of it. */
export function toState({
  namespace,
  name,
  uid,
  resourceVersion,
  intent,
  phase,
  ended,
  endedAtMs,
  session,
  urgency,
}: MemoryRequest): RequestState {
  return { namespace, name, uid, resourceVersion, intent, phase, ended, endedAtMs, session, urgency };
}
