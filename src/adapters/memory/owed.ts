import { MEMBERS_WRITTEN_MAX } from "../../domain/ledger-limits.ts";
import { memberLine } from "../../domain/storm-draft.ts";
import type { LeasedCount } from "../../ports/ledger.ts";
import type { Episode } from "./episode.ts";

/** What an object has to be told. */
export type Owed = Omit<LeasedCount, "mark">;

/** What the object of an episode has to be told; null while there is none. */
export function owedOf(episode: Episode): Owed | null {
  if (!episode.request) return null;
  const { namespace, name, uid } = episode.request;
  return {
    subject: episode.subject,
    request: { namespace, name, uid },
    slot: episode.intent,
    count: episode.count,
    firstSeenMs: episode.firstMs,
    lastSeenMs: episode.lastMs,
    resolvedAtMs: episode.resolvedAtMs,
    ...stormOwed(episode),
  };
}

function stormOwed({ storm, state }: Episode): Pick<Owed, "storm" | "through"> {
  if (!storm) return { storm: null, through: 0 };
  // What an object lists after its end would look as if somebody had worked on it.
  const unlisted = state === "live" ? [...storm.members].filter(([seq]) => seq > storm.listed).slice(0, MEMBERS_WRITTEN_MAX) : [];
  const members = unlisted.map(([, { fingerprint, target }]) => memberLine(fingerprint, target));
  const all = unlisted.length < MEMBERS_WRITTEN_MAX;
  return { storm: { members, closedAtMs: storm.closedAtMs }, through: all && state === "live" ? storm.seq : (unlisted.at(-1)?.[0] ?? 0) };
}
