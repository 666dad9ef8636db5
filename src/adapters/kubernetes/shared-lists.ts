import type { RequestApi } from "./request-api.ts";
import type { StoredRequest } from "./stored-request.ts";

/** The requests of a namespace, in a state at least as new as the call. */
export type FreshList = (namespace: string) => Promise<readonly StoredRequest[]>;

/**
 * One LIST for all who were waiting when it began, and one at a time per namespace: what a burst asks for grows with time, not with its size.
 * Who comes while one is under way waits for the next, as the running one may be older than the question.
 */
export function createSharedLists(api: Pick<RequestApi, "list">): FreshList {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<readonly StoredRequest[]>>();

  const begin = (namespace: string): Promise<readonly StoredRequest[]> => {
    waiting.delete(namespace);
    const list = api.list(namespace);
    const ended = list.then(
      () => {},
      () => {},
    );
    running.set(namespace, ended);
    void ended.then(() => running.get(namespace) === ended && running.delete(namespace));
    return list;
  };

  return (namespace) => {
    const next = waiting.get(namespace) ?? (running.get(namespace) ?? Promise.resolve()).then(() => begin(namespace));
    waiting.set(namespace, next);
    return next;
  };
}
