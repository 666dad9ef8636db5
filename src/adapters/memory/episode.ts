import { MEMBERS_MAX, SIGHT_AGE_MAX_MS } from "../../domain/ledger-limits.ts";
import type { RequestDraft, RequestId, RequestState } from "../../domain/remediation-request.ts";
import type { AdmitAlert, LetterKind, Step, Subject } from "../../ports/ledger.ts";
import type { Storm } from "./storm.ts";

/**
 * What a request is kept for: a fingerprint from its first alert until its request has ended (the same record then serves the next episode), or
 * a window with all its members. `waiting`: a window below its threshold; `held`: the member of a window, whose request is the window's; `dead`:
 * its request could not be made, until its letter is over or somebody tries again.
 */
export interface Episode {
  /** Id of the intent it began with, and of its slot in the object's status. */
  intent: string;
  state: "waiting" | "held" | "pending" | "live" | "dead" | "ended";
  readonly subject: Subject;
  namespace: string;
  /** Null: a window, whose members tell. */
  draft: RequestDraft | null;
  /** It waited in a window that stayed below the threshold. */
  buffered: boolean;
  /** While held: the window, and its place there. */
  membership: { readonly window: Subject; readonly seq: number } | null;
  /** Of the alert that it began with; empty: a window. */
  source: string;
  intentAtMs: number;
  tries: number;
  /** While dead, and while the request of a dead one is tried again; else null. */
  letter: Letter | null;
  /** When somebody had its letter tried again: its day begins anew. */
  replayedAtMs: number | null;
  /** The call in which an alert had its letter tried again; empty: none. */
  retriedBy: string;
  /** Bound object; null while pending. */
  request: (RequestId & { resourceVersion: string }) | null;
  /** Kubernetes held it already when this episode's intent was ensured. */
  found: boolean;
  gone: boolean;
  /** The ensure of its intent has answered; until then only a watch has seen the object. */
  confirmed: boolean;
  /** Uids of objects of its intent that were deleted again. */
  takenBack: Set<string>;
  /** Uids that went while its ensure had not answered: a late answer may still name them. */
  readonly lost: Set<string>;
  /** The watch it was last seen under. */
  session: string | null;
  checkedAtMs: number;
  checkUntilMs: number;
  /** When it was last seen live; an ensure may have seen it at any time since its intent was written. */
  liveAtMs: number;
  count: number;
  /** What the object counts beside this episode. */
  others: number;
  firstMs: number;
  lastMs: number;
  resolvedAtMs: number | null;
  writtenCount: number;
  writtenResolvedAtMs: number | null;
  recordedAtMs: number;
  /** These outlive the episode: an instance fires or not whatever became of the request. */
  readonly firing: Map<string, number>;
  readonly resolved: Map<string, { readonly startsAtMs: number; readonly atMs: number }>;
  readonly events: Map<string, number>;
  overflow: boolean;
  steps: readonly Step[];
  touchedMs: number;
  /** Null: a fingerprint. */
  readonly storm: Storm | null;
}

/** The dead letter that an intent became, beside what its episode tells. */
export interface Letter {
  readonly kind: Exclude<LetterKind, "invalid">;
  readonly reason: string;
  /** When it was given up, or an alert was counted on it since. */
  readonly lastMs: number;
  readonly diedMs: number;
}

/** A window and its storm. */
export type Window = Episode & { readonly storm: Storm };

/** Every delivery counted on the object so far, by whomever; 0 without an episode. */
export const occurrencesOf = (episode: Episode | undefined): number => (episode ? episode.count + episode.others : 0);

/** Whether the object shows less than is known of the episode. A storm that has ended lists no more members: they get another request. */
export const isUnwritten = ({ count, writtenCount, resolvedAtMs, writtenResolvedAtMs, storm, state }: Episode): boolean =>
  count > writtenCount ||
  resolvedAtMs !== writtenResolvedAtMs ||
  (storm !== null && ((state === "live" && storm.seq > storm.listed) || (storm.closedAtMs !== null && !storm.showsClosed)));

/** Sets a member of a bounded map and tells whether there was room. */
export function remember<Value>(members: Map<string, Value>, key: string, value: Value): boolean {
  if (!members.has(key) && members.size >= MEMBERS_MAX) return false;
  members.set(key, value);
  return true;
}

/**
 * When the request ended on the ledger's clock: what the object tells, else when the watch that followed it heard of it (`heardMs`), else when
 * it was last seen live. What was seen may be old when it is told, so an end of before is believed as far back as that can be; not one from
 * before the intent that the object was made for, nor from after now.
 */
export function endOf(episode: Episode, state: RequestState | null, heardMs: number | null, nowMs: number): number {
  const { liveAtMs, found, intentAtMs } = episode;
  const endedAtMs = state?.endedAtMs ?? heardMs;
  if (endedAtMs === null) return liveAtMs;
  return Math.min(nowMs, Math.max(endedAtMs, liveAtMs - SIGHT_AGE_MAX_MS, found ? 0 : intentAtMs));
}

/** What an episode begins with; the members of its record outlive it. */
export const freshEpisode = (intent: string, count: number, nowMs: number) => ({
  intent,
  state: "pending" as Episode["state"],
  buffered: false,
  membership: null as Episode["membership"],
  intentAtMs: nowMs,
  tries: 0,
  letter: null as Letter | null,
  replayedAtMs: null as number | null,
  retriedBy: "",
  request: null as Episode["request"],
  found: false,
  gone: false,
  confirmed: false,
  takenBack: new Set<string>(),
  lost: new Set<string>(),
  session: null as string | null,
  checkedAtMs: 0,
  checkUntilMs: 0,
  liveAtMs: 0,
  count,
  others: 0,
  firstMs: nowMs,
  lastMs: nowMs,
  resolvedAtMs: null as number | null,
  writtenCount: 0,
  writtenResolvedAtMs: null as number | null,
  recordedAtMs: 0,
});

/** A record of nothing yet. */
export const emptyRecord = (subject: Subject, namespace: string) => ({
  ...freshEpisode("", 0, 0),
  subject,
  namespace,
  source: "",
  draft: null,
  firing: new Map(),
  resolved: new Map(),
  events: new Map(),
  overflow: false,
  steps: [],
  touchedMs: 0,
  storm: null,
});

/** The record of a fingerprint that was never seen. */
export const newEpisode = ({ fingerprint, namespace, draft }: AdmitAlert): Episode => ({
  ...emptyRecord(fingerprint, namespace),
  state: "ended",
  draft,
});
