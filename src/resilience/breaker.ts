import type { CircuitBreakerPolicy } from "cockatiel";
import { Failure, type FailureCode } from "../domain/failure.ts";
import { createTripRule } from "./trip-rule.ts";

/** How often a dependency that counts as down is tried by who can wait. */
export const PROBE_EVERY_MS = 5_000;

/** Tries in a row that have to go well until it counts as up. */
const PROBES_GOOD = 3;

export type BreakerState = "closed" | "open" | "half-open";

/** Who calls: a `sender` is answered without a dependency that is down; a `probe` is a call that nobody waits for, so it finds out whether it is up again. */
export type Caller = "sender" | "probe";

/** Keeps calls from a dependency that is down, so that nobody waits for what will not come. */
export interface Breaker {
  /** Makes the call; rejects at once with `Failure` of the dependency, effect `none`, while it counts as down. */
  run<T>(caller: Caller, call: () => Promise<T>): Promise<T>;
  state(): BreakerState;
}

export interface BreakerOptions {
  /** The failure that counts, and that a call which is not made is answered with. */
  readonly code: FailureCode;
  readonly failurePercent: number;
  /** After so long a sender's call is made all the same, ms. */
  readonly openMs: number;
  readonly now: () => number;
}

/** Closed. Only failures of its code count: refusals are answers. */
export function createBreaker({ code, failurePercent, openMs, now }: BreakerOptions): Breaker {
  let circuit: Circuit | undefined;
  let openedAtMs: number | null = null;
  const rejection = () => new Failure(code, "counts as down, so it was not asked", "none");
  return {
    async run(caller, call) {
      circuit ??= await openCircuit(code, failurePercent, now);
      const { policy } = circuit;
      openedAtMs = circuit.isClosed() ? null : (openedAtMs ?? now());
      if (caller === "sender" && openedAtMs !== null && now() - openedAtMs < openMs) throw rejection();
      // Nobody waits for how the tries of others end, which in a Worker are other requests'.
      if (!circuit.mayTry()) throw rejection();
      try {
        return await policy.execute(() => {
          circuit?.noteTry();
          return call();
        });
      } catch (error) {
        throw circuit.isBroken(error) ? rejection() : error;
      } finally {
        openedAtMs = circuit.isClosed() ? null : (openedAtMs ?? now());
      }
    },
    state: () => circuit?.state() ?? "closed",
  };
}

interface Circuit {
  readonly policy: CircuitBreakerPolicy;
  isClosed(): boolean;
  /** False: as many tries as tell are made or under way, so another one would wait for them. */
  mayTry(): boolean;
  /** A call is made. */
  noteTry(): void;
  isBroken(error: unknown): boolean;
  state(): BreakerState;
}

/** Loaded with the first call: a Worker's module scope may not do all that cockatiel's does. */
async function openCircuit(code: FailureCode, failurePercent: number, now: () => number): Promise<Circuit> {
  const { BrokenCircuitError, CircuitState, circuitBreaker, handleWhen } = await import("./circuit-breaking.ts");
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof Failure && error.code === code),
    {
      halfOpenAfter: PROBE_EVERY_MS,
      halfOpenSampling: { calls: PROBES_GOOD, threshold: 0 },
      breaker: createTripRule(failurePercent, now),
    },
  );
  let tries = 0;
  policy.onStateChange(() => {
    tries = 0;
  });
  return {
    policy,
    isClosed: () => policy.state === CircuitState.Closed,
    mayTry: () => policy.state !== CircuitState.HalfOpen || tries < PROBES_GOOD,
    noteTry() {
      if (policy.state === CircuitState.HalfOpen) tries += 1;
    },
    isBroken: (error) => error instanceof BrokenCircuitError,
    state() {
      if (policy.state === CircuitState.Closed) return "closed";
      return policy.state === CircuitState.HalfOpen ? "half-open" : "open";
    },
  };
}
