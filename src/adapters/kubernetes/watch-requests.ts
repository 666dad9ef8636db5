import { memberId } from "../../domain/storm-draft.ts";
import type { Log } from "../../ports/log.ts";
import type { RequestChange, RequestWatch } from "../../ports/request-watch.ts";
import { followRequests } from "./follow-requests.ts";
import type { Timing } from "./pace.ts";
import type { RequestFeed } from "./request-feed.ts";
import { createRequestIndex, type RequestIndex } from "./request-index.ts";
import type { RequestView } from "./request-view.ts";
import { slotsOf } from "./slots.ts";
import { isLive, type StoredRequest, subjectOf, toState } from "./stored-request.ts";
import { createUpkeep, type Upkeep, type UpkeepParts } from "./upkeep.ts";
import { createWatchScope, type WatchScope } from "./watch-scope.ts";

export interface WatcherOptions {
  readonly feed: RequestFeed;
  readonly api: UpkeepParts["api"];
  /** One watch each; empty: one over the whole cluster. */
  readonly namespaces: readonly string[];
  /** Where requests of other namespaces may be, too. */
  readonly fallbackNamespace: string;
  readonly timing: Timing;
  readonly log: Log;
  /** A second live request of a fingerprint was taken back, or has to stay. */
  onCollision(): void;
}

export interface RequestWatcher {
  /** Shows nothing while no watch runs. */
  readonly view: RequestView;
  /** To be called once. `listen` gets every change, in order per request. */
  start(listen: (change: RequestChange) => void): RequestWatch;
}

/** Longest wait for the watch to show what was just written; after that a LIST is quicker. */
const CATCH_UP_MS = 1_000;

/** Follows requests: what it sees is told, shown to those who would have to LIST otherwise, and put right where it is wrong. */
export function createRequestWatcher(options: WatcherOptions): RequestWatcher {
  const { feed, timing, log } = options;
  const index = createRequestIndex(options.fallbackNamespace);
  const namespaces = options.namespaces.length > 0 ? new Set(options.namespaces) : [null];
  const scopes = [...namespaces].map((namespace) => createWatchScope(namespace, timing));
  const sessions = createSessions(scopes);
  const stopped = new AbortController();
  const { signal } = stopped;
  const upkeep = createUpkeep({ ...options, index, signal });
  return {
    view: createView(index, scopes, sessions),
    start(listen) {
      const telling = createTelling({ index, sessions, upkeep, listen });
      const follow = (scope: WatchScope) =>
        followRequests(scope, { ...telling, feed, timing, log, signal, listed: (requests) => telling.listed(scope.namespace, requests) });
      const ended = Promise.all(scopes.map(follow));
      return {
        session: sessions.alive,
        async stop() {
          stopped.abort();
          await ended;
        },
      };
    },
  };
}

interface TellingParts {
  readonly index: RequestIndex;
  readonly sessions: Sessions;
  readonly upkeep: Upkeep;
  listen(change: RequestChange): void;
}

/** Brings what is seen into the index, then to whoever listens. */
function createTelling({ index, sessions, upkeep, listen }: TellingParts) {
  const tell = (request: StoredRequest, late: boolean) => {
    const change = seen(request, late && !isLive(request) ? null : sessions.current());
    listen(late ? { ...change, late } : change);
    upkeep.saw(request);
  };
  const leave = (uid: string, late: boolean) => {
    const request = index.take(uid);
    upkeep.lost(uid);
    if (request) listen(farewell(request, { late, rival: index.rivalsOf(request)[0], session: sessions.current() }));
  };
  return {
    listed(namespace: string | null, requests: readonly StoredRequest[]) {
      const uids = new Set(requests.map(({ uid }) => uid));
      for (const request of requests) index.put(request);
      const vanished = index.all().filter((each) => (namespace === null || each.namespace === namespace) && !uids.has(each.uid));
      sessions.renew();
      for (const { uid } of vanished) leave(uid, false);
      for (const request of index.all()) tell(request, false);
    },
    present(request: StoredRequest, late: boolean) {
      index.put(request);
      tell(request, late);
    },
    removed: ({ uid }: StoredRequest, late: boolean) => leave(uid, late),
  };
}

type Sessions = ReturnType<typeof createSessions>;

/** One session for all scopes: it says that nothing was missed in any of them. */
function createSessions(scopes: readonly WatchScope[]) {
  let session: string | null = null;
  const current = () => (scopes.every((scope) => scope.version() !== null) ? session : null);
  return {
    renew() {
      session = crypto.randomUUID();
    },
    /** Null until all is listed. */
    current,
    /** Null also while some API server's silence means that changes may wait to be heard. */
    alive: () => (scopes.every((scope) => scope.isAlive()) ? current() : null),
  };
}

function createView(index: RequestIndex, scopes: readonly WatchScope[], sessions: Sessions): RequestView {
  const scopeOf = (namespace: string) => scopes.find((scope) => scope.namespace === null || scope.namespace === namespace);
  const known = (fingerprints: readonly string[], namespace: string) => {
    const all = fingerprints.flatMap((fingerprint) => [...index.alike(fingerprint), ...index.holders(memberId(fingerprint))]);
    return [...new Set(all)].filter((request) => request.namespace === namespace);
  };
  return {
    list: (namespace, fingerprints) => (scopeOf(namespace)?.isAlive() ? known(fingerprints, namespace) : null),
    async listSince({ namespace: own, fingerprint, resourceVersion }, namespace) {
      const scope = scopeOf(namespace);
      // A watch over another namespace is moved on by chance only.
      const reached = scope === scopeOf(own) ? await scope?.reach(resourceVersion, CATCH_UP_MS) : scope?.hasReached(resourceVersion);
      return reached ? known([fingerprint], namespace) : null;
    },
    ownersOf(namespace, memberIds) {
      const owners = () => memberIds.flatMap(index.owners).filter((owner) => owner.namespace === namespace);
      return scopeOf(namespace)?.isAlive() ? owners() : null;
    },
    shown(uid) {
      const request = index.get(uid);
      return request && scopeOf(request.namespace)?.isAlive() ? request : null;
    },
    remembered: index.remembered,
    sessionOf({ uid, namespace, resourceVersion }) {
      const scope = scopeOf(namespace);
      // What was seen to go will not be told again.
      const isAhead = scope?.hasReached(resourceVersion) && !index.get(uid);
      return scope && !isAhead ? sessions.alive() : null;
    },
  };
}

const seen = (request: StoredRequest, session: string | null): Extract<RequestChange, { kind: "seen" }> => ({
  kind: "seen",
  subject: subjectOf(request),
  state: toState(request, session),
  slots: slotsOf(request),
  resolvedAtMs: request.counted.resolvedAtMs,
  members: request.storm?.listing.lines.size ?? 0,
});

interface Farewell {
  readonly rival: StoredRequest | undefined;
  readonly late: boolean;
  readonly session: string | null;
}

/** An untouched request that goes while another one of its fingerprint is live was taken back in favour of that, by whomever. */
function farewell(request: StoredRequest, { rival, late, session }: Farewell): RequestChange {
  const { uid, intent, phase } = request;
  const subject = subjectOf(request);
  const wasTakenBack = intent !== null && phase === "" && isLive(request);
  if (!rival || !wasTakenBack) return { kind: "gone", subject, uid, ...(late && { late }) };
  return { kind: "moved", subject, uid, state: toState(rival, session) };
}
