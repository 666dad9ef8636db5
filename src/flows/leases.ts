import type { Ledger, Settlement, Subject } from "../ports/ledger.ts";

/** Intents that a process holds: leased to it, and not known to be made. */
export interface Leases {
  take(subject: Subject, intent: string): void;
  /** Its request exists, or it is settled otherwise. */
  drop(intent: string): void;
  /** Hands back what is still held, so that whoever comes next need not wait for the leases to end. Throws `Failure` when the ledger cannot be reached. */
  giveBack(ledger: Pick<Ledger, "settle">): Promise<void>;
}

interface Held {
  readonly subject: Subject;
  readonly untilMs: number;
}

/** Holds nothing yet; what is held for `leaseMs` is somebody else's from then on. */
export function createLeases(leaseMs: number, now: () => number): Leases {
  /** In the order in which they were taken. */
  const held = new Map<string, Held>();
  const dropOld = (): void => {
    for (const [intent, { untilMs }] of held) {
      if (untilMs > now()) return;
      held.delete(intent);
    }
  };
  return {
    take(subject, intent) {
      dropOld();
      held.set(intent, { subject, untilMs: now() + leaseMs });
    },
    drop: (intent) => void held.delete(intent),
    async giveBack(ledger) {
      dropOld();
      const settlements = [...held].map(
        ([intent, { subject }]): Settlement => ({ kind: "intent-failed", subject, intent, reason: "handed-back", afterMs: 0 }),
      );
      held.clear();
      if (settlements.length > 0) await ledger.settle(settlements);
    },
  };
}
