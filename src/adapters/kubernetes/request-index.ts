import { type Count, countOf, equalCounts, wholeCountOf } from "./count.ts";
import { isLive, type StoredRequest } from "./stored-request.ts";

/** Requests as a watch saw them last, and the most that each ever counted. */
export interface RequestIndex {
  put(request: StoredRequest): void;
  /** Forgets an object and what it counted. Returns it as it was; null: it was not known. */
  take(uid: string): StoredRequest | null;
  get(uid: string): StoredRequest | null;
  all(): readonly StoredRequest[];
  alike(fingerprint: string): readonly StoredRequest[];
  /** Other live requests of its fingerprint that a creator of this one looks at: those of its namespace, and across the fallback namespace. */
  rivalsOf(request: StoredRequest): readonly StoredRequest[];
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
  const get = (uid: string) => entries.get(uid)?.request ?? null;
  const alike = (fingerprint: string) => [...(uids.get(fingerprint) ?? [])].flatMap((uid) => get(uid) ?? []);
  return {
    put(request) {
      const { uid, fingerprint } = request;
      entries.set(uid, { request, most: wholeCountOf(request, entries.get(uid)?.most ?? null) });
      uids.set(fingerprint, (uids.get(fingerprint) ?? new Set()).add(uid));
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
    remembered: (uid) => entries.get(uid)?.most ?? null,
    isShort(uid) {
      const entry = entries.get(uid);
      return entry !== undefined && !equalCounts(entry.most, countOf(entry.request));
    },
  };
}
