import { sumBeside } from "../../domain/slots.ts";
import type { EnsureOperation, OperationResult } from "../../ports/remediation-writer.ts";
import { isProblem } from "./api-failure.ts";
import { manifestFor, nextName } from "./manifest.ts";
import { backOff, type Pace, patiently } from "./pace.ts";
import type { RequestApi } from "./request-api.ts";
import type { RequestView } from "./request-view.ts";
import type { FreshList } from "./shared-lists.ts";
import { slotsOf } from "./slots.ts";
import { isLive, type StoredRequest, toState } from "./stored-request.ts";

export interface EnsureParts {
  readonly api: Pick<RequestApi, "create" | "delete">;
  readonly lists: FreshList;
  readonly view: Pick<RequestView, "list" | "listSince" | "sessionOf">;
  readonly fallbackNamespace: string;
  /** Every creation goes through here. */
  create<T>(creation: () => Promise<T>): Promise<T>;
  /** Two creators met, and this one took its object back, or had to leave it. */
  onCollision(): void;
}

/** Creators that met are spread by then; what is left is tried again later. */
const ROUNDS = 4;

/** One operation on its way. */
interface Attempt extends EnsureParts {
  readonly operation: EnsureOperation;
  readonly pace: Pace;
  /** Uids of its objects that were deleted again. */
  readonly takenBack: string[];
}

/**
 * Makes one live request exist for a fingerprint, whoever else tries the same, dies on the way, or ends and deletes objects meanwhile.
 * Names are given in turn and creations collide on them, but a deletion frees a name, so a creator looks once more after it created:
 * of two the later one always sees the earlier one, and takes its own back.
 * What a watch shows may lag, so it serves the first try only: one that met others, or comes again, has to know.
 */
export async function ensure(operation: EnsureOperation, parts: EnsureParts, pace: Pace): Promise<OperationResult> {
  const attempt: Attempt = { ...parts, operation, pace, takenBack: [] };
  let reason = "contended";
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0 && !(await backOff(pace, round))) break;
    const isFirst = round === 0 && !operation.retry;
    const known = await collect(attempt, isFirst ? { kind: "any" } : { kind: "fresh" });
    const own = claim(operation, known.alike);
    const live = known.alike.find(isLive);
    if (!own && live) return answer("existing", live, attempt);
    const held = own ?? (await create(attempt, known.all));
    if (held === null) continue;
    const kept = isLive(held) ? await keep(held, attempt, isFirst ? { kind: "since", held } : { kind: "fresh" }) : held;
    if (kept) return answer("created", kept, attempt);
    reason = "collision";
  }
  return { kind: "failed", reason };
}

function answer(kind: "created" | "existing", request: StoredRequest, { operation, view, takenBack }: Attempt): OperationResult {
  const otherOccurrences = sumBeside(slotsOf(request), operation.intent);
  return { kind, state: toState(request, view.sessionOf(request)), otherOccurrences, takenBack };
}

/** How new a state has to be: any that a watch shows, one that shows `held` or what became of it, or one at least as new as the look. */
type Age = { readonly kind: "any" } | { readonly kind: "since"; readonly held: StoredRequest } | { readonly kind: "fresh" };

/**
 * All requests where this one may be, as far as they are known, and those of them with its fingerprint. `spec` decides: labels may be missing
 * or edited.
 */
async function collect({ operation: { draft }, lists, view, fallbackNamespace, pace }: Attempt, age: Age) {
  const shown = async (namespace: string) => {
    if (age.kind === "any") return view.list(namespace, draft.spec.signalFingerprint);
    return age.kind === "since" ? view.listSince(age.held, namespace) : null;
  };
  const look = async (namespace: string) => (await shown(namespace)) ?? patiently(pace, () => lists(namespace));
  const namespaces = new Set([draft.namespace || fallbackNamespace, fallbackNamespace]);
  const all = (await Promise.all([...namespaces].map(look))).flat();
  return { all, alike: all.filter(({ fingerprint }) => fingerprint === draft.spec.signalFingerprint) };
}

/** The object of this intent, in any phase. Should there be several, a live one, so that a look at the others follows; and the same one for everybody. */
function claim({ intent }: EnsureOperation, alike: readonly StoredRequest[]): StoredRequest | undefined {
  const own = alike.filter((request) => request.intent === intent).sort((left, right) => (left.uid < right.uid ? -1 : 1));
  return own.find(isLive) ?? own[0];
}

/** Null: somebody else was quicker with the name. */
async function create(attempt: Attempt, all: readonly StoredRequest[]): Promise<StoredRequest | null> {
  const { intent, draft } = attempt.operation;
  const { fallbackNamespace, pace, api } = attempt;
  const manifest = manifestFor(draft, intent, nextName(draft.spec.signalFingerprint, all));
  const createIn = (namespace: string) => attempt.create(() => patiently(pace, () => api.create(namespace, manifest)));
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
async function keep(held: StoredRequest, attempt: Attempt, age: Age): Promise<StoredRequest | null> {
  const { operation, api, pace, takenBack } = attempt;
  const { alike } = await collect(attempt, age);
  const seen = alike.find(({ uid }) => uid === held.uid) ?? held;
  const rival = alike.some((other) => other.uid !== held.uid && (isLive(other) || other.intent === operation.intent));
  if (!rival || !isLive(seen)) return seen;
  attempt.onCollision();
  if (seen.phase !== "") return seen;
  try {
    await patiently(pace, () => api.delete(seen));
  } catch (error) {
    if (isProblem(error, "conflict")) return null;
    if (!isProblem(error, "not-found")) throw error;
  }
  takenBack.push(seen.uid);
  return null;
}
