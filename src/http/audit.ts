import type { Context } from "hono";
import type { Log } from "../ports/log.ts";
import type { Env } from "./services.ts";

/** What an administrator changes. */
export interface Change {
  readonly action: "window-flush" | "sweep" | "dead-letter-replay" | "dead-letter-discard" | "dead-letters-discard" | "flag-set";
  readonly cluster: string;
  /** What it is about: an id, what is told of letters, or what a flag is set to; null: the cluster. */
  readonly subject: string | null;
}

/**
 * Makes a change and writes one line of who made it, whether it worked, did nothing or failed: a call that failed may have taken effect.
 * Tokens are told apart by the beginning of their hash, which opens nothing.
 */
export async function audited(
  log: Log,
  c: Context<Env>,
  { action, cluster, subject }: Change,
  make: () => Promise<boolean>,
): Promise<boolean> {
  const note = (effect: "made" | "none" | "unknown") =>
    log.info("audit", { action, cluster, subject, effect, administrator: c.get("administrator") });
  try {
    const made = await make();
    note(made ? "made" : "none");
    return made;
  } catch (error) {
    note("unknown");
    throw error;
  }
}
