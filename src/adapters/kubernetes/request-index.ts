import { type Count, countOf, equalCounts, wholeCountOf } from "./count.ts";
import type { StoredRequest } from "./stored-request.ts";

/** Requests as a watch saw them last, and the most that each ever counted. */
export interface RequestIndex {
  put(request: StoredRequest): void;
  /** Forgets an object and what it counted. Returns it as it was; null: it was not known. */
  take(uid: string): StoredRequest | null;
  get(uid: string): StoredRequest | null;
  all(): readonly StoredRequest[];
  alike(fingerprint: string): readonly StoredRequest[];
  remembered(uid: string): Count | null;
  /** Whether an object shows less than it once did. */
  isShort(uid: string): boolean;
}

interface Entry {
  readonly request: StoredRequest;
  readonly most: Count;
}

export function createRequestIndex(): RequestIndex {
  const entries = new Map<string, Entry>();
  const uids = new Map<string, Set<string>>();
  const get = (uid: string) => entries.get(uid)?.request ?? null;
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
      const alike = uids.get(request.fingerprint);
      alike?.delete(uid);
      if (alike?.size === 0) uids.delete(request.fingerprint);
      return request;
    },
    get,
    all: () => [...entries.values()].map(({ request }) => request),
    alike: (fingerprint) => [...(uids.get(fingerprint) ?? [])].flatMap((uid) => get(uid) ?? []),
    remembered: (uid) => entries.get(uid)?.most ?? null,
    isShort(uid) {
      const entry = entries.get(uid);
      return entry !== undefined && !equalCounts(entry.most, countOf(entry.request));
    },
  };
}
