import type { World } from "./world.ts";

/** A real fault, and what goes on in the world meanwhile. */
export interface Fault {
  readonly alert: string;
  /** Breaks the world; returns the variables that a reader of the runbook has to set. */
  break(world: World): Promise<Readonly<Record<string, string>>>;
  /** What comes each second, from the fault until all is over. */
  load?(world: World, second: number): Promise<unknown>;
  /** Longest time until it fires, and from the last command until it is over; 60 s. */
  readonly firesWithinMs?: number;
  readonly endsWithinMs?: number;
  /** How many gateways there have to be; 1. */
  readonly gateways?: number;
  /** Time between two votes of the rules that features are judged by; a minute. */
  readonly voteMs?: number;
}
