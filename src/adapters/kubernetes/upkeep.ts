import type { Log } from "../../ports/log.ts";
import { isProblem } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import { find } from "./find-request.ts";
import { createGate, type Gate } from "./gate.ts";
import type { Pace, Timing } from "./pace.ts";
import { restore } from "./record.ts";
import type { RequestApi } from "./request-api.ts";
import type { RequestIndex } from "./request-index.ts";
import { isLive, type StoredRequest } from "./stored-request.ts";

export interface UpkeepParts {
  readonly api: Pick<RequestApi, "get" | "patchStatus" | "delete">;
  readonly index: RequestIndex;
  readonly timing: Timing;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A second live request of a fingerprint was taken back, or has to stay. */
  onCollision(): void;
}

/** Puts right what a watch shows to be wrong; returns at once and does it in the background. */
export interface Upkeep {
  saw(request: StoredRequest): void;
  lost(uid: string): void;
}

/** Least time between two writes that bring back what is erased again and again. */
const RESTORE_EVERY_MS = 5_000;

/** The creators of two live requests see each other and settle it themselves, unless one has died. */
const GRACE_MS = 2_000;

/** Time for one repair. */
const REPAIR_MS = 10_000;

/** Repairs under way: work that nobody waits for leaves the API server to others. */
const IN_FLIGHT_MAX = 4;

interface Workshop extends UpkeepParts {
  readonly gate: Gate;
  /** Uids of later live requests that were taken back, or that have to stay. */
  readonly settled: Set<string>;
}

/**
 * Restores counts and members that somebody erased, and ends the life of a second live request of a fingerprint. Several proxies may do so at once:
 * all come to the same decision, and writes and deletions name the version they were decided on.
 */
export function createUpkeep(parts: UpkeepParts): Upkeep {
  const { index, timing, signal } = parts;
  const workshop: Workshop = { ...parts, gate: createGate(IN_FLIGHT_MAX, timing.clock), settled: new Set() };
  const busy = new Set<string>();
  const once = async (task: string, work: () => Promise<void>) => {
    if (busy.has(task) || signal.aborted) return;
    busy.add(task);
    await work();
    busy.delete(task);
  };
  return {
    saw({ uid, fingerprint }) {
      if (index.isShort(uid)) void once(uid, () => keepWhole(uid, workshop));
      if (surplus(fingerprint, workshop).length > 0) void once(fingerprint, () => keepSingle(fingerprint, workshop));
    },
    lost: (uid) => void workshop.settled.delete(uid),
  };
}

async function keepWhole(uid: string, workshop: Workshop): Promise<void> {
  const { index, api, timing, signal } = workshop;
  const view = { shown: () => null, remembered: index.remembered };
  for (let request = index.get(uid); request && index.isShort(uid) && !signal.aborted; request = index.get(uid)) {
    const { namespace, name } = request;
    await repair(workshop, (pace) => restore({ namespace, name, uid }, { api, view }, pace));
    await timing.pause(RESTORE_EVERY_MS, signal);
  }
}

async function keepSingle(fingerprint: string, workshop: Workshop): Promise<void> {
  const { timing, signal } = workshop;
  do {
    await timing.pause(GRACE_MS, signal);
    if (signal.aborted) return;
    for (const pair of surplus(fingerprint, workshop)) await repair(workshop, (pace) => settle(pair, workshop, pace));
  } while (surplus(fingerprint, workshop).length > 0);
}

/** Two live requests where one should be. */
interface Pair {
  readonly first: StoredRequest;
  readonly later: StoredRequest;
}

/** Each that is not the first, oldest before. Storms are never in question: of one group several may take no more alerts and live on. */
function surplus(fingerprint: string, { index, settled }: Workshop): readonly Pair[] {
  const rivals = index.rivals(fingerprint);
  return rivals.flatMap((later) => {
    if (settled.has(later.uid)) return [];
    const first = rivals.find((other) => other === later || index.meet(other, later));
    return first && first !== later ? [{ first, later }] : [];
  });
}

/** One that something else made, or that a controller has begun to work on, stays. */
async function settle({ first, later }: Pair, { api, settled, onCollision }: Workshop, pace: Pace): Promise<void> {
  if (later.intent !== null && later.phase === "") {
    // The watch may lag: nothing is taken back in favour of what has ended meanwhile.
    const survivor = await find(first, api, pace);
    if (!survivor || !isLive(survivor)) return;
    await api.delete(later);
  }
  settled.add(later.uid);
  onCollision();
}

/** What fails is tried again by whoever asked for it, as long as it is needed. */
async function repair({ gate, timing, log }: Workshop, work: (pace: Pace) => Promise<unknown>): Promise<void> {
  const pace: Pace = { ...timing, deadlineMs: timing.clock.now() + REPAIR_MS };
  try {
    await gate({ deadlineMs: Number.POSITIVE_INFINITY, waiting: false }, () => work(pace));
  } catch (error) {
    const { problem } = toApiFailure(error);
    if (!isProblem(error, "conflict", "not-found")) log.warn("upkeep-failed", { problem });
  }
}
