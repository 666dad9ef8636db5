import type { RequestApi } from "./request-api.ts";
import type { FreshList } from "./shared-lists.ts";

/** What an operation has cost the API server so far, in requests; of a list that served several, its part. */
export interface Cost {
  requests: number;
}

/** The same API, each call of which is counted. */
export function countedApi(api: RequestApi, cost: Cost): RequestApi {
  const counted =
    <Args extends unknown[], Value>(method: (...args: Args) => Value) =>
    (...args: Args): Value => {
      cost.requests += 1;
      return method(...args);
    };
  return {
    list: counted((namespace) => api.list(namespace)),
    get: counted((request) => api.get(request)),
    create: counted((namespace, manifest) => api.create(namespace, manifest)),
    delete: counted((request) => api.delete(request)),
    patchStatus: counted((request, status) => api.patchStatus(request, status)),
  };
}

/** The same lists, each of which is counted when it is over. */
export const countedLists =
  (lists: FreshList, cost: Cost): FreshList =>
  (namespace) =>
    lists(namespace, (part) => {
      cost.requests += part;
    });
