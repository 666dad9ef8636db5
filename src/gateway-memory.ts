import type { GatewayConfig } from "./config/config.ts";
import { type Crowd, createCrowd } from "./flows/crowd.ts";
import { createStrayOutcomes, type StrayOutcomes } from "./flows/stray-outcomes.ts";
import type { FlagMemory } from "./flows/watch-flags.ts";
import { type BodyRoom, createBodyRoom } from "./http/body-room.ts";
import { createHealth, type Health } from "./http/health.ts";
import type { Clock } from "./ports/clock.ts";
import { type Breakers, createBreakers } from "./resilience/breakers.ts";

/** What outlives a request, also where a gateway is built for each: how the last calls went, what is still to be counted, which bodies are in memory, and who is under way. */
export interface GatewayMemory {
  readonly health: Health;
  readonly breakers: Breakers;
  /** By cluster. */
  readonly strays: ReadonlyMap<string, StrayOutcomes>;
  readonly bodies: BodyRoom;
  readonly crowd: Crowd;
  /** By cluster. */
  readonly flags: ReadonlyMap<string, FlagMemory>;
}

/** As much of the settings as it goes by. */
export type MemoryRules = Pick<GatewayConfig, "breaker" | "bodyRoomBytes">;

/** Everything works, and nothing waits. */
export function createGatewayMemory(
  clusters: readonly string[],
  { breaker, bodyRoomBytes }: MemoryRules,
  clock: Clock,
  newId: () => string,
): GatewayMemory {
  return {
    health: createHealth(clusters),
    breakers: createBreakers(clusters, breaker, clock),
    strays: new Map(clusters.map((name) => [name, createStrayOutcomes(newId)])),
    bodies: createBodyRoom(bodyRoomBytes, clock.now),
    crowd: createCrowd(),
    flags: new Map(clusters.map((name) => [name, { last: [] }])),
  };
}
