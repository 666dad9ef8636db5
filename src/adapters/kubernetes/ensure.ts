import type { EnsureOperation, OperationResult } from "../../ports/remediation-writer.ts";
import { isProblem } from "./api-failure.ts";
import { manifestFor, nextName } from "./manifest.ts";
import { backOff, type Pace, patiently } from "./pace.ts";
import type { RequestApi } from "./request-api.ts";
import type { FreshList } from "./shared-lists.ts";
import { slotsOf, sumBeside } from "./slots.ts";
import { isLive, type StoredRequest, toState } from "./stored-request.ts";

export interface EnsureParts {
  readonly api: Pick<RequestApi, "create" | "delete">;
  readonly lists: FreshList;
  readonly fallbackNamespace: string;
  /** Every creation goes through here. */
  create<T>(creation: () => Promise<T>): Promise<T>;
  /** Two creators met, and this one took its object back, or had to leave it. */
  onCollision(): void;
}

/** Creators that met are spread by then; what is left is tried again later. */
const ROUNDS = 4;

/**
 * Makes one live request exist for a fingerprint, whoever else tries the same, dies on the way, or ends and deletes objects meanwhile.
 * Names are given in turn and creations collide on them, but a deletion frees a name, so a creator looks once more after it created:
 * of two the later one always sees the earlier one, and takes its own back.
 */
export async function ensure(operation: EnsureOperation, parts: EnsureParts, pace: Pace): Promise<OperationResult> {
  let reason = "contended";
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 && !(await backOff(pace, round))) break;
    const known = await collect(operation, parts, pace);
    const own = claim(operation, known.alike);
    const live = known.alike.find(isLive);
    if (!own && live) return answer("existing", live, operation);
    const held = own ?? (await create(operation, known.all, parts, pace));
    if (held === null) continue;
    const kept = isLive(held) ? await keep(held, operation, parts, pace) : held;
    if (kept) return answer("created", kept, operation);
    reason = "collision";
  }
  return { kind: "failed", reason };
}

function answer(kind: "created" | "existing", request: StoredRequest, { intent }: EnsureOperation): OperationResult {
  return { kind, state: toState(request, null), otherOccurrences: sumBeside(slotsOf(request), intent), takenBack: [] };
}

/** All requests where this one may be, and those of them with its fingerprint. `spec` decides: labels may be missing or edited. */
async function collect({ draft }: EnsureOperation, { lists, fallbackNamespace }: EnsureParts, pace: Pace) {
  const namespaces = new Set([draft.namespace || fallbackNamespace, fallbackNamespace]);
  const found = await Promise.all([...namespaces].map((namespace) => patiently(pace, () => lists(namespace))));
  const all = found.flat();
  return { all, alike: all.filter(({ fingerprint }) => fingerprint === draft.spec.signalFingerprint) };
}

/** The object of this intent, in any phase. Should there be several, a live one, so that a look at the others follows; and the same one for everybody. */
function claim({ intent }: EnsureOperation, alike: readonly StoredRequest[]): StoredRequest | undefined {
  const own = alike.filter((request) => request.intent === intent).sort((left, right) => (left.uid < right.uid ? -1 : 1));
  return own.find(isLive) ?? own[0];
}

/** Null: somebody else was quicker with the name. */
async function create(
  { intent, draft }: EnsureOperation,
  all: readonly StoredRequest[],
  parts: EnsureParts,
  pace: Pace,
): Promise<StoredRequest | null> {
  const manifest = manifestFor(draft, intent, nextName(draft.spec.signalFingerprint, all));
  const createIn = (namespace: string) => parts.create(() => patiently(pace, () => parts.api.create(namespace, manifest)));
  const { fallbackNamespace } = parts;
  try {
    return await createIn(draft.namespace || fallbackNamespace).catch((error) => {
      const elsewhere = draft.namespace && draft.namespace !== fallbackNamespace;
      if (elsewhere && isProblem(error, "namespace-missing", "namespace-terminating")) return createIn(fallbackNamespace);
      throw error;
    });
  } catch (error) {
    if (isProblem(error, "already-exists")) return null;
    throw error;
  }
}

/**
 * Looks once more; null where `held` was taken back or has changed, and all is to be decided anew.
 * One that a controller has begun to work on stays, whatever else is there.
 */
async function keep(held: StoredRequest, operation: EnsureOperation, parts: EnsureParts, pace: Pace): Promise<StoredRequest | null> {
  const { alike } = await collect(operation, parts, pace);
  const seen = alike.find(({ uid }) => uid === held.uid) ?? held;
  const rival = alike.some((other) => other.uid !== held.uid && (isLive(other) || other.intent === operation.intent));
  if (!rival || !isLive(seen)) return seen;
  parts.onCollision();
  if (seen.phase !== "") return seen;
  await patiently(pace, () => parts.api.delete(seen)).catch((error) => {
    if (!isProblem(error, "conflict", "not-found")) throw error;
  });
  return null;
}
