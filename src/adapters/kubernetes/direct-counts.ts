import { saturate } from "../../domain/occurrences.ts";
import type { RequestId } from "../../domain/remediation-request.ts";
import type { Slots } from "../../domain/slots.ts";
import { highestOf, type Urgency } from "../../domain/urgency.ts";
import { INTENT_REMEMBERED_MS, type RecordOperation } from "../../ports/remediation-writer.ts";
import { isPermanent } from "./api-failure.ts";
import { createIntentMemory } from "./intent-memory.ts";
import type { Timing } from "./pace.ts";
import { countIn, isFolded } from "./slots.ts";

/** At most one status write per object in this time. */
const WRITE_EVERY_MS = 5_000;

/** A request that nobody counted on for so long is forgotten once all is written. */
const IDLE_MS = 600_000;

export interface DirectCountParts {
  readonly timing: Timing;
  /** This process' slot in a status. */
  readonly slot: string;
  /** Throws where it did not work; false: the object is gone. What is refused for good is written with the next count at the earliest. */
  write(operation: RecordOperation): Promise<boolean>;
}

/** Occurrences that no ledger counts: in memory, and written into a slot of this process' own. What a process that dies has not written is lost. */
export interface DirectCounts {
  /** Whether the intent was met so lately that it is the same occurrence again. */
  knows(intent: string): boolean;
  /** Takes note of an intent whose own object counts it. */
  note(intent: string): void;
  /** Counts an intent on an object with these slots, once. Returns how many of this process' own the object does not show yet. */
  count(request: RequestId, intent: string, slots: Slots): number;
  /** Shows that an occurrence on an object with these slots is more urgent than the object says. */
  raise(request: RequestId, slots: Slots, urgency: Urgency): void;
  /** What counts from here on is later than the resolve. */
  resolved(request: RequestId, resolvedAtMs: number): void;
  /** Writes what is not written yet, as far as it can be. */
  flush(): Promise<void>;
  /** Objects that are still to be told something. */
  unwritten(): number;
}

interface Tally {
  readonly request: RequestId;
  readonly slot: string;
  readonly firstMs: number;
  lastMs: number;
  resolvedAtMs: number | null;
  count: number;
  written: number;
  /** Null: none that the object does not show. */
  urgency: Urgency | null;
  /** The object may show something else. */
  owed: boolean;
}

/** Counts nothing yet. */
export function createDirectCounts({ timing, slot, write }: DirectCountParts): DirectCounts {
  const { clock } = timing;
  const tallies = new Map<string, Tally>();
  const intents = createIntentMemory(INTENT_REMEMBERED_MS, clock);
  let writing = false;

  /** Goes on from what the object holds of this process already, who may have forgotten it. */
  const newTally = (request: RequestId, slots: Slots): Tally => {
    const nowMs = clock.now();
    const name = openSlot(slot, slots);
    const count = countIn(slots, name);
    return { request, slot: name, firstMs: nowMs, lastMs: nowMs, resolvedAtMs: null, count, written: count, urgency: null, owed: false };
  };
  const forgetIdle = (): void => {
    for (const [uid, { owed, lastMs }] of tallies) if (!owed && clock.now() - lastMs >= IDLE_MS) tallies.delete(uid);
  };
  const writeOne = async (uid: string, tally: Tally): Promise<void> => {
    const { request, slot: name, count, firstMs: firstSeenMs, lastMs: lastSeenMs, resolvedAtMs, urgency } = tally;
    tally.owed = false;
    const seen = { firstSeenMs, lastSeenMs, resolvedAtMs, urgency };
    const exists = await write({ kind: "record", request, slot: name, count, ...seen, storm: null }).catch((error: unknown) =>
      isPermanent(error) ? "never" : "later",
    );
    if (exists === false) tallies.delete(uid);
    if (exists === "later") tally.owed = true;
    if (exists === true) tally.written = Math.max(tally.written, count);
  };
  const writeOwed = async (): Promise<void> => {
    await Promise.all([...tallies].filter(([, { owed }]) => owed).map(([uid, tally]) => writeOne(uid, tally)));
  };
  let last = Promise.resolve();
  /** After the writes that are under way: one of them that fails is owed again. */
  const flush = (): Promise<void> => {
    last = last.then(writeOwed);
    return last;
  };
  const keepWriting = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while ([...tallies.values()].some(({ owed }) => owed)) {
      await timing.pause(WRITE_EVERY_MS);
      await flush();
      forgetIdle();
    }
    writing = false;
  };

  return {
    knows: intents.knows,
    note: intents.note,
    count(request, intent, slots) {
      const tally = tallies.get(request.uid) ?? newTally(request, slots);
      if (!intents.knows(intent)) {
        intents.note(intent);
        tallies.set(
          request.uid,
          Object.assign(tally, { count: saturate(tally.count + 1), lastMs: clock.now(), resolvedAtMs: null, owed: true }),
        );
        void keepWriting();
      }
      return tally.count - tally.written;
    },
    raise(request, slots, { severity, priority }) {
      const tally = tallies.get(request.uid) ?? newTally(request, slots);
      const urgency = highestOf({ severity, priority }, tally.urgency ?? { severity, priority });
      tallies.set(request.uid, Object.assign(tally, { urgency, lastMs: clock.now(), owed: true }));
      void keepWriting();
    },
    resolved({ uid }, resolvedAtMs) {
      const tally = tallies.get(uid);
      if (!tally) return;
      // A count that is on its way to the object may arrive there after the resolve.
      Object.assign(tally, { resolvedAtMs, owed: true });
      void keepWriting();
    },
    flush,
    unwritten: () => [...tallies.values()].filter(({ owed }) => owed).length,
  };
}

/** A slot that was folded grows no more. */
function openSlot(slot: string, slots: Slots): string {
  for (let generation = 1, name = slot; ; name = `${slot}-${generation++}`) if (!isFolded(slots, name)) return name;
}
