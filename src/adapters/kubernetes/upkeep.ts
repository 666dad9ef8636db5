import type { Log } from "../../ports/log.ts";
import { isProblem } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import { find } from "./find-request.ts";
import { createGate, type Gate } from "./gate.ts";
import type { Pace, Timing } from "./pace.ts";
import { restore } from "./record.ts";
import type { RequestApi } from "./request-api.ts";
import type { Pair, RequestIndex } from "./request-index.ts";
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
  const settled = new Set<string>();
  const workshop: Workshop = { ...parts, gate: createGate(IN_FLIGHT_MAX, timing.clock), settled };
  const busy = new Set<string>();
  const keep = async (task: string, isBroken: () => boolean, mend: () => Promise<void>) => {
    if (busy.has(task)) return;
    busy.add(task);
    while (!signal.aborted && isBroken()) await mend();
    busy.delete(task);
  };
  return {
    saw(request) {
      const { uid, fingerprint } = request;
      void keep(
        uid,
        () => index.isShort(uid),
        () => makeWhole(uid, workshop),
      );
      // What has ended, or has to stay, makes none more than there was.
      if (!isLive(request) || settled.has(uid)) return;
      void keep(
        fingerprint,
        () => surplus(fingerprint, workshop).length > 0,
        () => makeSingle(fingerprint, workshop),
      );
    },
    lost: (uid) => void settled.delete(uid),
  };
}

async function makeWhole(uid: string, workshop: Workshop): Promise<void> {
  const { index, api, timing, signal } = workshop;
  const view = { shown: () => null, remembered: index.remembered };
  const request = index.get(uid);
  if (request) await repair(request, workshop, (pace) => restore(request, { api, view }, pace));
  await timing.pause(RESTORE_EVERY_MS, signal);
}

async function makeSingle(fingerprint: string, workshop: Workshop): Promise<void> {
  const { timing, signal } = workshop;
  await timing.pause(GRACE_MS, signal);
  if (signal.aborted) return;
  for (const pair of surplus(fingerprint, workshop)) await repair(pair.later, workshop, (pace) => settle(pair, workshop, pace));
}

/** What is not settled yet. */
const surplus = (fingerprint: string, { index, settled }: Workshop): readonly Pair[] =>
  index.pairsOf(fingerprint).filter(({ later }) => !settled.has(later.uid));

/** One that something else made, or that a controller has begun to work on, stays. */
async function settle({ first, later }: Pair, { api, index, settled, onCollision }: Workshop, pace: Pace): Promise<void> {
  if (later.intent !== null && later.phase === "") {
    // The watch may lag: nothing is taken back in favour of what has ended meanwhile.
    const survivor = await find(first, api, pace);
    if (!survivor || !isLive(survivor)) return;
    await api.delete(later);
  }
  // What the watch has seen go by now is told of no more.
  if (index.get(later.uid)) settled.add(later.uid);
  onCollision();
}

/** What fails is tried again by whoever asked for it, as long as it is needed. */
async function repair(
  { namespace }: StoredRequest,
  { gate, timing, log }: Workshop,
  work: (pace: Pace) => Promise<unknown>,
): Promise<void> {
  const pace: Pace = { ...timing, deadlineMs: timing.clock.now() + REPAIR_MS };
  try {
    await gate({ namespace, deadlineMs: Number.POSITIVE_INFINITY, waiting: false }, () => work(pace));
  } catch (error) {
    const { problem } = toApiFailure(error);
    if (!isProblem(error, "conflict", "not-found")) log.warn("upkeep-failed", { problem });
  }
}
