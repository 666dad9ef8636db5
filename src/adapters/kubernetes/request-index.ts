import { type Count, countOf, equalCounts, wholeCountOf } from "./count.ts";
import { byAge, isLive, type StoredRequest } from "./stored-request.ts";
import type { StoredStorm } from "./stored-storm.ts";

/** Requests as a watch saw them last, and the most that each ever counted. */
export interface RequestIndex {
  put(request: StoredRequest): void;
  /** Forgets an object and what it counted. Returns it as it was; null: it was not known. */
  take(uid: string): StoredRequest | null;
  get(uid: string): StoredRequest | null;
  all(): readonly StoredRequest[];
  alike(fingerprint: string): readonly StoredRequest[];
  /** Storms that the alert with this id is in, or was listed in. */
  holders(memberId: string): readonly StoredRequest[];
  /** Live requests of single alerts with this fingerprint, the oldest first. */
  rivals(fingerprint: string): readonly StoredRequest[];
  /** Whether a creator of one looks at the other: those of one namespace do, and across the fallback namespace. */
  meet(left: StoredRequest, right: StoredRequest): boolean;
  remembered(uid: string): Count | null;
  /** Whether an object shows less than it once did. */
  isShort(uid: string): boolean;
}

interface Entry {
  readonly request: StoredRequest;
  readonly most: Count;
}

/** An empty index. `fallbackNamespace`: where requests of any namespace may be, too. */
export function createRequestIndex(fallbackNamespace: string): RequestIndex {
  const entries = new Map<string, Entry>();
  const uids = new Map<string, Set<string>>();
  const holders = new Map<string, Set<string>>();
  const get = (uid: string) => entries.get(uid)?.request ?? null;
  const getAll = (among: ReadonlySet<string> = new Set()) => [...among].flatMap((uid) => get(uid) ?? []);
  const alike = (fingerprint: string) => getAll(uids.get(fingerprint));
  return {
    put(request) {
      const before = entries.get(request.uid);
      const entry = { request: withKnownIds(request, before), most: wholeCountOf(request, before?.most ?? null) };
      entries.set(request.uid, entry);
      enter(uids, request.fingerprint, request.uid);
      for (const id of newIds(entry, before)) enter(holders, id, request.uid);
    },
    take(uid) {
      const entry = entries.get(uid);
      if (!entry) return null;
      entries.delete(uid);
      leave(uids, entry.request.fingerprint, uid);
      for (const id of newIds(entry, undefined)) leave(holders, id, uid);
      return entry.request;
    },
    get,
    all: () => [...entries.values()].map(({ request }) => request),
    alike,
    holders: (id) => getAll(holders.get(id)),
    rivals: (fingerprint) =>
      alike(fingerprint)
        .filter((request) => !request.storm && isLive(request))
        .sort(byAge),
    meet: (left, right) => left.namespace === right.namespace || [left.namespace, right.namespace].includes(fallbackNamespace),
    remembered: (uid) => entries.get(uid)?.most ?? null,
    isShort(uid) {
      const entry = entries.get(uid);
      return entry !== undefined && !equalCounts(entry.most, countOf(entry.request));
    },
  };
}

/** A spec never changes, so its ids are read once. */
function withKnownIds(request: StoredRequest, before: Entry | undefined): StoredRequest {
  const specIds: StoredStorm["specIds"] | undefined = before?.request.storm?.specIds;
  return request.storm && specIds ? { ...request, storm: { ...request.storm, specIds } } : request;
}

/** Ids that the storm was not known to have before. */
function newIds({ request, most }: Entry, before: Entry | undefined): Iterable<string> {
  const listed = most.storm?.lines ?? new Map<string, string>();
  if (!before) return [...(request.storm?.specIds() ?? []), ...listed.keys()];
  const known = before.most.storm?.lines ?? new Map<string, string>();
  // What is remembered only grows.
  return known.size === listed.size ? [] : [...listed.keys()].filter((id) => !known.has(id));
}

function enter(index: Map<string, Set<string>>, key: string, uid: string): void {
  const there = index.get(key);
  if (there) there.add(uid);
  else index.set(key, new Set([uid]));
}

function leave(index: Map<string, Set<string>>, key: string, uid: string): void {
  const there = index.get(key);
  there?.delete(uid);
  if (there?.size === 0) index.delete(key);
}
