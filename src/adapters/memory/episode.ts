import { MEMBERS_MAX } from "../../domain/ledger-limits.ts";
import type { RequestDraft, RequestId, RequestRef, RequestState } from "../../domain/remediation-request.ts";
import type { AdmitAlert } from "../../ports/ledger.ts";

/** A fingerprint from its first alert until its request has ended; the same record then serves the next episode. */
export interface Episode {
  /** Id of the intent it began with, and of its slot in the object's status. */
  intent: string;
  state: "pending" | "live" | "ended";
  readonly fingerprint: string;
  namespace: string;
  draft: RequestDraft;
  intentAtMs: number;
  tries: number;
  /** Bound object; null while pending. */
  request: (RequestId & { resourceVersion: string }) | null;
  /** Kubernetes held it already when this episode's intent was ensured. */
  found: boolean;
  gone: boolean;
  /** The ensure of its intent has answered; until then only a watch has seen the object. */
  confirmed: boolean;
  /** Uids of objects of its intent that were deleted again. */
  takenBack: Set<string>;
  /** The watch it was last seen under. */
  session: string | null;
  checkedAtMs: number;
  checkUntilMs: number;
  count: number;
  /** What the object counts beside this episode. */
  others: number;
  firstMs: number;
  lastMs: number;
  resolvedAtMs: number | null;
  writtenCount: number;
  writtenResolvedAtMs: number | null;
  recordedAtMs: number;
  /** These three outlive the episode: an instance fires or not whatever became of the request. */
  readonly firing: Map<string, number>;
  readonly resolved: Map<string, { readonly startsAtMs: number; readonly atMs: number }>;
  readonly events: Map<string, number>;
  overflow: boolean;
  touchedMs: number;
}

/** The bound object by name; null while there is none. */
export const refOf = (episode: Episode | undefined): RequestRef | null =>
  episode?.request ? { namespace: episode.request.namespace, name: episode.request.name } : null;

/** Every delivery counted on the object so far, by whomever; 0 without an episode. */
export const occurrencesOf = (episode: Episode | undefined): number => (episode ? episode.count + episode.others : 0);

/** Whether the object shows less than is known of the episode. */
export const isUnwritten = (episode: Episode): boolean =>
  episode.count > episode.writtenCount || episode.resolvedAtMs !== episode.writtenResolvedAtMs;

/** Sets a member of a bounded map and tells whether there was room. */
export function remember<Value>(members: Map<string, Value>, key: string, value: Value): boolean {
  if (!members.has(key) && members.size >= MEMBERS_MAX) return false;
  members.set(key, value);
  return true;
}

/**
 * When the request ended on the ledger's clock: what the object tells, else when the watch that followed it heard of it (`heardMs`), but not
 * before it was last seen live nor after now.
 */
export const endOf = (episode: Episode, state: RequestState | null, heardMs: number | null, nowMs: number): number =>
  Math.min(nowMs, Math.max(episode.checkedAtMs, state?.endedAtMs ?? heardMs ?? episode.checkedAtMs));

/** What an episode begins with; the members of its record outlive it. */
export const freshEpisode = (intent: string, count: number, nowMs: number) => ({
  intent,
  state: "pending" as const,
  intentAtMs: nowMs,
  tries: 0,
  request: null,
  found: false,
  gone: false,
  confirmed: false,
  takenBack: new Set<string>(),
  session: null,
  checkedAtMs: 0,
  checkUntilMs: 0,
  count,
  others: 0,
  firstMs: nowMs,
  lastMs: nowMs,
  resolvedAtMs: null,
  writtenCount: 0,
  writtenResolvedAtMs: null,
  recordedAtMs: 0,
});

/** The record of a fingerprint that was never seen. */
export const newEpisode = ({ fingerprint, namespace, draft }: AdmitAlert): Episode => ({
  ...freshEpisode("", 0, 0),
  fingerprint,
  namespace,
  draft: draft as RequestDraft,
  firing: new Map(),
  resolved: new Map(),
  events: new Map(),
  overflow: false,
  touchedMs: 0,
});
