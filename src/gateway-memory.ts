import type { GatewayConfig } from "./config/config.ts";
import { createStrayOutcomes, type StrayOutcomes } from "./flows/stray-outcomes.ts";
import { createHealth, type Health } from "./http/health.ts";
import type { Clock } from "./ports/clock.ts";
import { type Breakers, createBreakers } from "./resilience/breakers.ts";

/** What outlives a request, also where a gateway is built for each: how the last calls went, and what is still to be counted. */
export interface GatewayMemory {
  readonly health: Health;
  readonly breakers: Breakers;
  /** By cluster. */
  readonly strays: ReadonlyMap<string, StrayOutcomes>;
}

/** Everything works, and nothing waits. */
export function createGatewayMemory(
  clusters: readonly string[],
  rules: GatewayConfig["breaker"],
  clock: Clock,
  newId: () => string,
): GatewayMemory {
  return {
    health: createHealth(clusters),
    breakers: createBreakers(clusters, rules, clock),
    strays: new Map(clusters.map((name) => [name, createStrayOutcomes(newId)])),
  };
}
