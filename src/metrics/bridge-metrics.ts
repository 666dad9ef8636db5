import { buildInfoText } from "./build-info.ts";
import { createCounter } from "./counter.ts";
import { familyText, type Heading } from "./family-text.ts";

export const BRIDGE_HEADINGS = {
  commands: { name: "bridge_commands_total", help: "Commands for Redis, by how they were answered.", type: "counter" },
  up: { name: "bridge_redis_up", help: "1 where Redis answered when it was last asked, at most 10 s ago.", type: "gauge" },
  memory: {
    name: "bridge_redis_memory_used_ratio",
    help: "Share of maxmemory that Redis uses; nothing where that is unset or unknown.",
    type: "gauge",
  },
  evicts: {
    name: "bridge_redis_evicts",
    help: "1 where Redis may drop what is not to be lost, by its maxmemory-policy; nothing where that is unknown.",
    type: "gauge",
  },
} as const satisfies Readonly<Record<string, Heading>>;

/** How a command is answered: by Redis, by an error of Redis, not at all, or refused by the bridge. */
export const BRIDGE_ANSWERS = ["ok", "error", "none", "refused"] as const;
export type BridgeAnswer = (typeof BRIDGE_ANSWERS)[number];

/** What is known of the Redis behind a bridge; null: it is not. */
export interface RedisSight {
  readonly isUp: boolean;
  readonly memoryUsed: number | null;
  readonly evicts: boolean | null;
}

/** What a bridge's process counts for itself. */
export interface BridgeMetrics {
  answered(how: BridgeAnswer): void;
  /** In Prometheus' text format. */
  text(sight: RedisSight): string;
}

/** Begins empty. */
export function createBridgeMetrics(): BridgeMetrics {
  const commands = createCounter(BRIDGE_HEADINGS.commands);
  const gauge = (heading: Heading, value: number | null) => familyText(heading, value === null ? [] : [{ labels: {}, value }]);
  return {
    answered: (answer) => commands.note({ answer }),
    text: ({ isUp, memoryUsed, evicts }) =>
      commands.text() +
      gauge(BRIDGE_HEADINGS.up, Number(isUp)) +
      gauge(BRIDGE_HEADINGS.memory, memoryUsed) +
      gauge(BRIDGE_HEADINGS.evicts, evicts === null ? null : Number(evicts)) +
      buildInfoText("bridge"),
  };
}
