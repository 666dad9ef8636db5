import { type Count, countOf, equalCounts, wholeCountOf } from "./count.ts";
import { isLive, type StoredRequest } from "./stored-request.ts";

/** Requests as a watch saw them last, and the most that each ever counted. */
export interface RequestIndex {
  put(request: StoredRequest): void;
  /** Forgets an object and what it counted. Returns it as it was; null: it was not known. */
  take(uid: string): StoredRequest | null;
  get(uid: string): StoredRequest | null;
  all(): readonly StoredRequest[];
  /** None of an empty fingerprint, as they have nothing in common. */
  alike(fingerprint: string): readonly StoredRequest[];
  /** Other live requests of its fingerprint that a creator of this one looks at: those of its namespace, and across the fallback namespace. */
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
  const get = (uid: string) => entries.get(uid)?.request ?? null;
  const alike = (fingerprint: string) => [...(uids.get(fingerprint) ?? [])].flatMap((uid) => get(uid) ?? []);
  return {
    put(request) {
      const { uid, fingerprint } = request;
      entries.set(uid, { request, most: wholeCountOf(request, entries.get(uid)?.most ?? null) });
      if (fingerprint !== "") uids.set(fingerprint, (uids.get(fingerprint) ?? new Set()).add(uid));
    },
    take(uid) {
      const request = get(uid);
      if (!request) return null;
      entries.delete(uid);
      const others = uids.get(request.fingerprint);
      others?.delete(uid);
      if (others?.size === 0) uids.delete(request.fingerprint);
      return request;
    },
    get,
    all: () => [...entries.values()].map(({ request }) => request),
    alike,
    rivalsOf({ uid, fingerprint, namespace }) {
      const meets = (other: StoredRequest) => [namespace, fallbackNamespace].includes(other.namespace) || namespace === fallbackNamespace;
      return alike(fingerprint).filter((other) => other.uid !== uid && isLive(other) && meets(other));
    },
    pairsOf: (fingerprint) => pairsAmong(alike(fingerprint).filter(isLive), fallbackNamespace),
    remembered: (uid) => entries.get(uid)?.most ?? null,
    isShort(uid) {
      const entry = entries.get(uid);
      return entry !== undefined && !equalCounts(entry.most, countOf(entry.request));
    },
  };
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

/** Whole seconds are all that the server tells of an age, so the uid decides beyond that: the same for everybody. */
const byAge = (left: StoredRequest, right: StoredRequest): number =>
  left.createdAtMs - right.createdAtMs || (left.uid < right.uid ? -1 : 1);

const elder = (left: StoredRequest, right: StoredRequest): StoredRequest => (byAge(left, right) < 0 ? left : right);
