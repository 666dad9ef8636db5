import type { RequestApi } from "./request-api.ts";
import type { StoredRequest } from "./stored-request.ts";

/** The requests of a namespace, in a state at least as new as the call. `onCost` is told the caller's part of the request once that is over. */
export type FreshList = (namespace: string, onCost?: (part: number) => void) => Promise<readonly StoredRequest[]>;

interface Waiting {
  readonly list: Promise<readonly StoredRequest[]>;
  served: number;
}

/**
 * One LIST for all who were waiting when it began, and one at a time per namespace: what a burst asks for grows with time, not with its size.
 * Who comes while one is under way waits for the next, as the running one may be older than the question.
 */
export function createSharedLists(api: Pick<RequestApi, "list">): FreshList {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Waiting>();

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

  return (namespace, onCost = () => {}) => {
    const next = waiting.get(namespace) ?? {
      list: (running.get(namespace) ?? Promise.resolve()).then(() => begin(namespace)),
      served: 0,
    };
    next.served += 1;
    waiting.set(namespace, next);
    const tell = () => onCost(1 / next.served);
    next.list.then(tell, tell);
    return next.list;
  };
}
