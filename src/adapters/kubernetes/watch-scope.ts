import { reaches } from "../../domain/resource-version.ts";
import type { Timing } from "./pace.ts";

/** Servers end a watch after 30 s and it is opened anew at once: one that is silent for longer is broken. */
export const SILENT_MS = 35_000;

/** How far a watch over one namespace, or over all with null, has come. */
export interface WatchScope {
  readonly namespace: string | null;
  /** Everything up to here was seen; null: nothing was listed yet, or what was is no longer followed. */
  version(): string | null;
  /** In step: listed, and heard of within SILENT_MS. */
  isAlive(): boolean;
  /** Whether everything up to `version` was seen, or will be within `withinMs`. */
  reach(version: string, withinMs: number): Promise<boolean>;
  hasReached(version: string): boolean;
  advance(version: string): void;
  heard(): void;
  /** Heard of no more. */
  fellSilent(): void;
  /** Has to be listed anew. */
  lost(): void;
}

/** A scope of which nothing is known yet. */
export function createWatchScope(namespace: string | null, { clock, pause }: Timing): WatchScope {
  let version: string | null = null;
  let heardAtMs = Number.NEGATIVE_INFINITY;
  /** Each with the version that it waits for, so that a change wakes nobody in vain. */
  const waiting = new Map<() => void, string>();
  const isAlive = () => version !== null && clock.now() - heardAtMs <= SILENT_MS;
  const hasReached = (wanted: string) => isAlive() && reaches(version ?? "", wanted);
  return {
    namespace,
    version: () => version,
    isAlive,
    hasReached,
    async reach(wanted, withinMs) {
      if (!isAlive() || hasReached(wanted)) return hasReached(wanted);
      const over = new AbortController();
      const wake = () => over.abort();
      waiting.set(wake, wanted);
      await pause(withinMs, over.signal);
      waiting.delete(wake);
      return hasReached(wanted);
    },
    advance(next) {
      version = next;
      for (const [wake, wanted] of waiting) if (reaches(next, wanted)) wake();
    },
    heard() {
      heardAtMs = clock.now();
    },
    fellSilent() {
      heardAtMs = Number.NEGATIVE_INFINITY;
      for (const wake of waiting.keys()) wake();
    },
    lost() {
      version = null;
      for (const wake of waiting.keys()) wake();
    },
  };
}
