import { keptAnswer, keptValue } from "../domain/kept-answer.ts";
import type { RedisTrouble } from "../domain/redis-trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** What is wrong with the Redis of the ledger, in a word. `lasts`: waiting does not help, so nobody should rely on a process that has no other. */
export interface LedgerTrouble {
  readonly word: RedisTrouble;
  readonly lasts: boolean;
}

/** A failover shows a replica for a moment, and a Redis that is full is away like one that is down: alerts find their way without it. */
const LASTS_FROM_MS: Readonly<Partial<Record<RedisTrouble, number>>> = {
  "read-only-replica": 60_000,
  "redis-full": Number.POSITIVE_INFINITY,
};

/**
 * Asks `probe` at most once in 10 s, however many want to know; null: nothing is known to be wrong. The log has each change once. `isWorker`: no request
 * may wait for another's look.
 */
export function createLedgerCheck(
  probe: () => Promise<RedisTrouble | null>,
  { now }: Clock,
  log: Log,
  isWorker = false,
): () => Promise<LedgerTrouble | null> {
  let told: RedisTrouble | null = null;
  let sinceMs = 0;
  const look = async (): Promise<LedgerTrouble | null> => {
    const word = await probe();
    if (word !== told) {
      sinceMs = now();
      if (word) log.error("redis-misconfigured", { trouble: word });
      else log.info("redis-usable");
    }
    told = word;
    return word && { word, lasts: now() - sinceMs >= (LASTS_FROM_MS[word] ?? 0) };
  };
  return isWorker ? keptValue(look, now, null) : keptAnswer(look, now);
}
