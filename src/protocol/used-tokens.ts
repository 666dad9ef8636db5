import type { Clock } from "../ports/clock.ts";
import type { Grant } from "./token.ts";

/**
 * Most ids remembered: 1,600 calls a second of up to 500 operations each, in about 15 MB.
 * More are turned away: forgetting one early would let it be replayed, and only a holder of a signing key can fill the memory.
 */
const REMEMBERED_MAX = 100_000;

/** How far a gateway's clock may be behind the proxy's without its calls being refused once the proxy has started. */
const CLOCK_BEHIND_MS = 5_000;

/**
 * Lets each token through once. `spent`: used before, or expired meanwhile. `before-start`: issued before this memory began, which cannot know
 * whether it was used. `full`: too many are alive to remember another, and nothing was remembered.
 */
export interface UsedTokens {
  use(grant: Grant): "first" | "spent" | "before-start" | "full";
}

/** One process's memory, which begins now; a second replica of the proxy has its own. */
export function createUsedTokens(clock: Clock, rememberedMax = REMEMBERED_MAX): UsedTokens {
  const startedAtMs = clock.now();
  const expiries = new Map<string, number>();
  return {
    use({ id, issuedAtMs, expiresAtMs }) {
      if (issuedAtMs < startedAtMs - CLOCK_BEHIND_MS) return "before-start";
      const nowMs = clock.now();
      forgetExpired(expiries, nowMs);
      // A body may trickle in until its token, and with it the memory of a first use, has expired.
      if (expiresAtMs <= nowMs || expiries.has(id)) return "spent";
      if (expiries.size >= rememberedMax) return "full";
      expiries.set(id, expiresAtMs);
      return "first";
    },
  };
}

/** From the oldest on, up to the first that lives: none stays longer than a token's longest life, and a call costs what it removes. */
function forgetExpired(expiries: Map<string, number>, nowMs: number): void {
  for (const [id, expiresAtMs] of expiries) {
    if (expiresAtMs > nowMs) return;
    expiries.delete(id);
  }
}
