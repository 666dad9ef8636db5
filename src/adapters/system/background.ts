import type { Background } from "../../ports/background.ts";
import type { Log } from "../../ports/log.ts";

export interface ProcessBackground extends Background {
  /** Resolves when nothing is under way any more, what was begun meanwhile included. */
  settled(): Promise<void>;
}

/** Work of a process that must not end with it. Of an error only the name is logged: its text may hold payload. */
export function createProcessBackground(log: Log): ProcessBackground {
  const underWay = new Set<Promise<void>>();
  return {
    run(work) {
      const tracked = work
        .then(
          () => {},
          (error: unknown) => log.error("background-work-failed", { error: error instanceof Error ? error.name : typeof error }),
        )
        .finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
