import type { RequestId } from "../../domain/remediation-request.ts";
import type { RecordOperation } from "../../ports/remediation-writer.ts";
import type { Timing } from "./pace.ts";

/** At most one status write per object in this time. */
const WRITE_EVERY_MS = 5_000;

/** Intents that are remembered, so that none counts twice: what a flood sends within minutes. */
const INTENTS_MAX = 100_000;

export interface DirectCountParts {
  readonly timing: Timing;
  /** This process' slot in a status. */
  readonly slot: string;
  /** Throws where it did not work; false: the object is gone. */
  write(operation: RecordOperation): Promise<boolean>;
}

/** Occurrences that no ledger counts: in memory, and written into a slot of this process' own. What a process that dies has not written is lost. */
export interface DirectCounts {
  /** Counts an intent on an object, once. Returns how many of this process' own the object does not show yet. */
  count(request: RequestId, intent: string): number;
  /** Writes what is not written yet, as far as it can be. */
  flush(): Promise<void>;
}

interface Tally {
  readonly request: RequestId;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  written: number;
}

/** Counts nothing yet. */
export function createDirectCounts({ timing, slot, write }: DirectCountParts): DirectCounts {
  const tallies = new Map<string, Tally>();
  const counted = new Set<string>();
  let writing = false;

  const flush = async (): Promise<void> => {
    const unwritten = [...tallies].filter(([, { count, written }]) => count > written);
    await Promise.all(unwritten.map(([uid, tally]) => writeOne(uid, tally)));
  };
  const writeOne = async (uid: string, tally: Tally): Promise<void> => {
    const { request, count, firstMs: firstSeenMs, lastMs: lastSeenMs } = tally;
    const seen = { firstSeenMs, lastSeenMs, resolvedAtMs: null, storm: null };
    const exists = await write({ kind: "record", request, slot, count, ...seen }).catch(() => null);
    if (exists === false) tallies.delete(uid);
    if (exists) tally.written = count;
  };
  const keepWriting = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while ([...tallies.values()].some(({ count, written }) => count > written)) {
      await timing.pause(WRITE_EVERY_MS);
      await flush();
    }
    writing = false;
  };

  return {
    count(request, intent) {
      const nowMs = timing.clock.now();
      const tally = tallies.get(request.uid) ?? { request, firstMs: nowMs, lastMs: nowMs, count: 0, written: 0 };
      if (!counted.has(intent)) {
        remember(counted, intent);
        tallies.set(request.uid, Object.assign(tally, { count: tally.count + 1, lastMs: nowMs }));
        void keepWriting();
      }
      return tally.count - tally.written;
    },
    flush,
  };
}

function remember(intents: Set<string>, intent: string): void {
  intents.add(intent);
  for (const oldest of intents) {
    if (intents.size <= INTENTS_MAX) return;
    intents.delete(oldest);
  }
}
