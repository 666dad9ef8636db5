import type { Clock } from "../../ports/clock.ts";

/** The machine's clock. In a deployed Worker it stands still between two waits for the network. */
export const systemClock: Clock = { now: () => Date.now() };
