import { reaches } from "../../domain/resource-version.ts";
import type { Log } from "../../ports/log.ts";
import { ApiFailure, type ApiProblem } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import type { Timing } from "./pace.ts";
import type { RequestEvent, RequestFeed } from "./request-feed.ts";
import type { StoredRequest } from "./stored-request.ts";
import { SILENT_MS, type WatchScope } from "./watch-scope.ts";

export interface FollowParts {
  readonly feed: RequestFeed;
  readonly timing: Timing;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** All there is, before the first change, again whenever changes may have been missed, and each ten minutes. */
  listed(requests: readonly StoredRequest[]): void;
  /** `late`: it was so before the server was reached again. */
  present(request: StoredRequest, late: boolean): void;
  removed(request: StoredRequest, late: boolean): void;
}

/** Pauses before a failed connection is tried again: seconds matter, and so does an API server that is just coming up. */
const PAUSE_FIRST_MS = 250;
const PAUSE_LONGEST_MS = 5_000;

/** Problems that a watch from the same version would meet again. */
const UNRESUMABLE: ReadonlySet<ApiProblem> = new Set([
  "expired",
  "reply-invalid",
  "bad-request",
  "invalid",
  "unprocessable",
  "not-found",
  "type-missing",
]);

/** Everything is listed this often, in case a watch has missed something. A list is due only between two connections; each lasts half a minute. */
const LIST_EVERY_MS = 600_000;

/** How much a connection told, and when its process was last known to be awake. */
interface Progress {
  events: number;
  awake: Moment;
}

/** By two clocks: the one may be set back, the other stands still while its machine is suspended. */
interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

const momentOf = ({ clock }: Timing): Moment => ({ wallMs: clock.now(), steadyMs: performance.now() });

const LOOK_EVERY_MS = 5_000;

/** A process that has not come to look for so long was stopped, or its machine was: what happened meanwhile reaches it late. */
const SLEPT_MS = 2 * LOOK_EVERY_MS;

/** Lists a scope and follows its changes, from where it was after a disconnect, until `signal` aborts. Never rejects. */
export async function followRequests(scope: WatchScope, parts: FollowParts): Promise<void> {
  const { timing, log, signal } = parts;
  let failures = 0;
  let interrupted = false;
  let isDoubtful = false;
  let listedMs = 0;
  const following: FollowParts = {
    ...parts,
    listed(requests) {
      listedMs = timing.clock.now();
      parts.listed(requests);
    },
  };
  while (!signal.aborted) {
    const progress: Progress = { events: 0, awake: momentOf(timing) };
    const isListDue = timing.clock.now() - listedMs >= LIST_EVERY_MS;
    const failure: ApiFailure | null = await followOnce(scope, following, progress, { isDoubtful, isListDue }).then(
      () => null,
      toApiFailure,
    );
    if (signal.aborted) return;
    if (failure && !interrupted) log.warn("watch-interrupted", { namespace: scope.namespace ?? "all", problem: failure.problem });
    interrupted = failure !== null;
    isDoubtful = interrupted || progress.events === 0 || hasSlept(progress, timing);
    const resumable = !failure || !UNRESUMABLE.has(failure.problem);
    if (!resumable) scope.lost();
    if (resumable && progress.events > 0) failures = 0;
    else failures = failure ? failures + 1 : 1;
    if (failures > 0) await timing.pause(Math.max(pauseBefore(failures, timing), failure?.retryAfterMs ?? 0), signal);
  }
}

function pauseBefore(failures: number, { random }: Timing): number {
  const longest = Math.min(PAUSE_LONGEST_MS, PAUSE_FIRST_MS * 2 ** (failures - 1));
  return Math.ceil((longest * (1 + random())) / 2);
}

interface Doubts {
  /** The server may have been restored from a backup meanwhile. */
  readonly isDoubtful: boolean;
  readonly isListDue: boolean;
}

async function followOnce(scope: WatchScope, parts: FollowParts, progress: Progress, { isDoubtful, isListDue }: Doubts): Promise<void> {
  const { timing, feed } = parts;
  const cutUntil = isDoubtful ? await requireHistory(scope, parts) : null;
  const known = isListDue ? null : scope.version();
  const version = known ?? (await list(scope, parts));
  const over = new AbortController();
  const signal = AbortSignal.any([parts.signal, over.signal]);
  try {
    const events = await feed.watch(scope.namespace, version, signal);
    scope.heard();
    void supervise(scope, timing, progress, over);
    for await (const event of events) {
      // Cut off while it slept: it asks how far the server is before it hears more, and so knows what is late.
      if (hasSlept(progress, timing)) throw new ApiFailure("timeout");
      scope.heard();
      take(event, scope, parts, cutUntil);
      progress.events++;
    }
  } finally {
    over.abort();
  }
}

async function list(scope: WatchScope, { feed, log, listed }: FollowParts): Promise<string> {
  const { requests, resourceVersion } = await feed.list(scope.namespace);
  scope.heard();
  scope.advance(resourceVersion);
  listed(requests);
  log.info("watch-listed", { namespace: scope.namespace ?? "all", requests: requests.length });
  return resourceVersion;
}

/** A server that was restored from a backup tells nothing to who has seen more than it knows: not even that. Tells how far it is; null: nothing was seen yet. */
async function requireHistory(scope: WatchScope, { feed }: FollowParts): Promise<string | null> {
  const seen = scope.version();
  if (seen === null) return null;
  const reached = await feed.version(scope.namespace);
  if (!reaches(reached, seen)) throw new ApiFailure("expired");
  return reached;
}

function hasSlept({ awake }: Progress, timing: Timing): boolean {
  const now = momentOf(timing);
  return Math.max(now.wallMs - awake.wallMs, now.steadyMs - awake.steadyMs) > SLEPT_MS;
}

/** Ends a connection that is silent or was slept over. Counts looks without an event, so that a clock that was set back delays nothing. */
async function supervise(scope: WatchScope, timing: Timing, progress: Progress, over: AbortController): Promise<void> {
  for (let silentMs = 0; !over.signal.aborted; ) {
    const before = progress.events;
    progress.awake = momentOf(timing);
    await timing.pause(LOOK_EVERY_MS, over.signal);
    silentMs = progress.events > before ? 0 : silentMs + LOOK_EVERY_MS;
    if (over.signal.aborted || (silentMs < SILENT_MS && !hasSlept(progress, timing))) continue;
    scope.fellSilent();
    over.abort();
  }
}

function take(event: RequestEvent, scope: WatchScope, { present, removed }: FollowParts, cutUntil: string | null): void {
  const version = event.kind === "reached" ? event.resourceVersion : event.request.resourceVersion;
  // Versions that go back are of another history.
  if (!reaches(version, scope.version() ?? "")) throw new ApiFailure("expired");
  const late = cutUntil !== null && reaches(cutUntil, version);
  if (event.kind === "present") present(event.request, late);
  if (event.kind === "removed") removed(event.request, late);
  scope.advance(version);
}
