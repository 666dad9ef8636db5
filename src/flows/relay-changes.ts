import { blamesTheCall } from "../domain/failure.ts";
import type { Fact, Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { RequestChange } from "../ports/request-watch.ts";
import { handApart } from "./apart.ts";

/** Two heartbeats in the time that one vouches for; a month of them is 118,000 commands. */
const HEARTBEAT_EVERY_MS = 22_000;

/** Facts in one call of the ledger. */
const FACTS_MAX = 200;

/** Wait after a call that failed. */
const RETRY_MS = 1_000;

/** Late news tells nothing of the present: it counts as this old, which is longer than any watch is cut off. */
const LONG_AGO_MS = 86_400_000;

export interface RelayPorts {
  readonly ledger: Pick<Ledger, "fact" | "heartbeat">;
  /** The watch's session; null while it cannot vouch for anything. */
  readonly session: () => string | null;
  readonly log: Log;
}

export interface Relay {
  /** Takes a change; it is handed to the ledger soon, in order per request, until the ledger has acknowledged it. */
  tell(change: RequestChange): void;
  /** Resolves when the last call is over; what was not handed over by then is what the next session's list tells. */
  stop(): Promise<void>;
}

/**
 * Tells the ledger of every change of a request, and by heartbeats that there was no other. A heartbeat goes out only when every change
 * before it is acknowledged, so whoever believes a session never believes a state that its watch knows to be over. A change that the ledger cannot take
 * waits alone: it keeps the others' from the ledger no longer than it takes to find it, and the heartbeats for as long as it is there.
 */
export function startRelay({ ledger, session, log }: RelayPorts): Relay {
  const pending = new Map<string, readonly Heard[]>();
  let beat: { readonly session: string; readonly atMs: number } | null = null;
  let stopped = false;
  let wake = (): void => {};

  const push = async (): Promise<void> => {
    const batch = [...pending].slice(0, FACTS_MAX);
    for (const [uid] of batch) pending.delete(uid);
    let left: typeof batch = [];
    let reason: unknown = null;
    try {
      await handApart(batch, {
        hand: async (part) => {
          await ledger.fact(part.flatMap(([, heard]) => heard.map(toFact)));
          return [];
        },
        blames: blamesTheCall,
        mayGoOn: () => true,
        alone(one, error) {
          left = [...left, one];
          reason = error;
        },
        left: undefined,
      });
    } catch (error) {
      [left, reason] = [batch, error];
    }
    for (const [uid, heard] of left) pending.set(uid, (pending.get(uid) ?? []).reduce(append, heard));
    if (reason !== null) throw reason;
  };

  const vouch = async (): Promise<void> => {
    const current = session();
    if (current === null || (beat?.session === current && performance.now() - beat.atMs < HEARTBEAT_EVERY_MS)) return;
    await ledger.heartbeat(current);
    beat = { session: current, atMs: performance.now() };
  };

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        if (pending.size > 0) await push();
        else await vouch();
        if (pending.size === 0 && !stopped) await sleep(RETRY_MS);
      } catch (error) {
        log.warn("relay-failed", { reason: error instanceof Error ? error.message : "unknown", waiting: pending.size });
        await sleep(RETRY_MS);
      }
    }
  };

  const running = run();
  return {
    tell(change) {
      const key = change.kind === "seen" ? change.state.uid : change.uid;
      pending.set(key, append(pending.get(key) ?? [], { change, atMs: performance.now(), session: session() }));
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}

/** A change, and when the watch brought it, on this process' own clock. */
interface Heard {
  readonly change: RequestChange;
  readonly atMs: number;
  /** The watch's session then: a listing that misses a request comes under a new one. */
  readonly session: string | null;
}

/** Of several looks at a request the last says it all; only when it was last seen live, and first seen ended, tells when it can have ended. */
function append(heard: readonly Heard[], next: Heard): readonly Heard[] {
  const last = heard.at(-1);
  const { change } = next;
  if (last?.change.kind !== "seen" || change.kind !== "seen" || last.change.state.ended !== change.state.ended) return [...heard, next];
  const before = heard.slice(0, -1);
  if (!change.state.ended) return [...before, next];
  const { session } = last.change.state;
  return [...before, { ...next, atMs: last.atMs, change: { ...change, state: { ...change.state, session } } }];
}

function toFact({ change, atMs, session }: Heard): Fact {
  const agoMs = Math.round(performance.now() - atMs);
  if (change.kind === "moved") return change;
  if (change.kind === "gone") {
    const { kind, subject, uid, late } = change;
    return { kind, subject, uid, session: late ? null : session, agoMs };
  }
  const { kind, subject, state, slots, resolvedAtMs, members, late } = change;
  return { kind, subject, state, shown: { slots, resolvedAtMs, members }, agoMs: late ? LONG_AGO_MS : agoMs };
}
