import { memberId } from "../../domain/storm-draft.ts";
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
  /** None of an empty fingerprint, as they have nothing in common. */
  alike(fingerprint: string): readonly StoredRequest[];
  /** Live requests of the alert with this id, none of them a storm's. */
  owners(memberId: string): readonly StoredRequest[];
  /** Storms that the alert with this id is in, or was listed in. */
  holders(memberId: string): readonly StoredRequest[];
  /** Other live requests of its fingerprint that a creator of this one looks at: those of its namespace, and across the fallback namespace. Storms have none. */
  rivalsOf(request: StoredRequest): readonly StoredRequest[];
  /** Each live request of a fingerprint that has older rivals, with the oldest of them; oldest before. */
  pairsOf(fingerprint: string): readonly Pair[];
  remembered(uid: string): Count | null;
  /** Whether an object shows less than it once did. */
  isShort(uid: string): boolean;
}

/** Two live requests where one should be. */
export interface Pair {
  readonly first: StoredRequest;
  readonly later: StoredRequest;
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
  const alike = (fingerprint: string) => getAll(uids.get(memberId(fingerprint))).filter((each) => each.fingerprint === fingerprint);
  return {
    put(request) {
      const before = entries.get(request.uid);
      const entry = { request: withKnownIds(request, before), most: wholeCountOf(request, before?.most ?? null) };
      entries.set(request.uid, entry);
      if (request.fingerprint !== "") enter(uids, memberId(request.fingerprint), request.uid);
      for (const id of newIds(entry, before)) enter(holders, id, request.uid);
    },
    take(uid) {
      const entry = entries.get(uid);
      if (!entry) return null;
      entries.delete(uid);
      leave(uids, memberId(entry.request.fingerprint), uid);
      for (const id of newIds(entry, undefined)) leave(holders, id, uid);
      return entry.request;
    },
    get,
    all: () => [...entries.values()].map(({ request }) => request),
    alike,
    owners: (id) => getAll(uids.get(id)).filter((each) => !each.storm && isLive(each)),
    holders: (id) => getAll(holders.get(id)),
    rivalsOf({ uid, fingerprint, namespace, storm }) {
      if (storm) return [];
      const meets = (other: StoredRequest) => [namespace, fallbackNamespace].includes(other.namespace) || namespace === fallbackNamespace;
      return alike(fingerprint).filter((other) => other.uid !== uid && !other.storm && isLive(other) && meets(other));
    },
    pairsOf: (fingerprint) =>
      pairsAmong(
        alike(fingerprint).filter((request) => isLive(request) && !request.storm),
        fallbackNamespace,
      ),
    remembered: (uid) => entries.get(uid)?.most ?? null,
    isShort(uid) {
      const entry = entries.get(uid);
      return entry !== undefined && !equalCounts(entry.most, countOf(entry.request));
    },
  };
}

/** A spec never changes, so its ids are read once. */
function withKnownIds(request: StoredRequest, before: Entry | undefined): StoredRequest {
  const made: StoredStorm["made"] | undefined = before?.request.storm?.made;
  return request.storm && made ? { ...request, storm: { ...request.storm, made } } : request;
}

/** Ids that the storm was not known to have before. */
function newIds({ request, most }: Entry, before: Entry | undefined): Iterable<string> {
  const listed = most.storm?.lines ?? new Map<string, string>();
  if (!before) return [...(request.storm?.made().ids ?? []), ...listed.keys()];
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

/** In one pass: who writes past every rule may leave hundreds alike. */
function pairsAmong(live: StoredRequest[], fallbackNamespace: string): readonly Pair[] {
  const oldest = new Map<string, StoredRequest>();
  const eldestOf = ({ namespace }: StoredRequest): StoredRequest | undefined => {
    if (namespace === fallbackNamespace) return oldest.values().next().value;
    const [own, fallback] = [oldest.get(namespace), oldest.get(fallbackNamespace)];
    return own && fallback ? elder(own, fallback) : (own ?? fallback);
  };
  return live.sort(byAge).flatMap((later) => {
    const first = eldestOf(later);
    if (!oldest.has(later.namespace)) oldest.set(later.namespace, later);
    return first ? [{ first, later }] : [];
  });
}

const elder = (left: StoredRequest, right: StoredRequest): StoredRequest => (byAge(left, right) < 0 ? left : right);
