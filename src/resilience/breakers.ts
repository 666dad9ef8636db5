import type { Clock } from "../ports/clock.ts";
import { type Breaker, type BreakerOptions, createBreaker } from "./breaker.ts";

export interface BreakerRules {
  /** Share of failed calls from which a dependency counts as down. */
  readonly failurePercent: number;
  /** Longest time that senders are kept from it, ms. */
  readonly openMs: number;
}

/** A process' or an isolate's breakers: one for the Redis that all its ledgers are in, one for each cluster's proxy. */
export interface Breakers {
  readonly ledger: Breaker;
  /** By cluster. */
  readonly writers: ReadonlyMap<string, Breaker>;
}

/** All closed. */
export function createBreakers(clusters: readonly string[], rules: BreakerRules, { now }: Clock): Breakers {
  const open = (code: BreakerOptions["code"]) => createBreaker({ code, ...rules, now });
  return { ledger: open("ledger-unavailable"), writers: new Map(clusters.map((name) => [name, open("writer-unavailable")])) };
}
