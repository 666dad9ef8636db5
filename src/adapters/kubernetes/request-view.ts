import type { Count } from "./count.ts";
import type { StoredRequest } from "./stored-request.ts";

/** What a watch knows of requests, for those who would have to ask the API server otherwise. */
export interface RequestView {
  /**
   * The requests of a namespace that have one of these fingerprints, and the storms that hold one, in a state that may lag; null: the namespace
   * is not watched, or the watch not in step.
   */
  list(namespace: string, fingerprints: readonly string[]): readonly StoredRequest[] | null;
  /** The same for the fingerprint of `held`, in a state at least as new as that; null also where that is not reached soon. */
  listSince(held: StoredRequest, namespace: string): Promise<readonly StoredRequest[] | null>;
  /** Live requests in a namespace of the alerts with these ids, none of them a storm's; null as above. */
  ownersOf(namespace: string, memberIds: readonly string[]): readonly StoredRequest[] | null;
  /** An object in a state that may lag; null: it is not watched, the watch is not in step, or it is gone. */
  shown(uid: string): StoredRequest | null;
  /** All that an object was ever seen to count and list; null: it was not seen, or it is gone. */
  remembered(uid: string): Count | null;
  /** The session that will tell of every later change of an object; null: none. */
  sessionOf(request: StoredRequest): string | null;
}

/** The view of who does not watch. */
export const NO_VIEW: RequestView = {
  list: () => null,
  listSince: async () => null,
  ownersOf: () => null,
  shown: () => null,
  remembered: () => null,
  sessionOf: () => null,
};
