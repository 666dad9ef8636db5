import { type CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import * as v from "valibot";
import { REQUEST_API } from "../../domain/remediation-request.ts";
import { ApiFailure, isProblem } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import type { RequestApi } from "./request-api.ts";
import { readRequest, type StoredRequest } from "./stored-request.ts";

const { group, version, plural, kind } = REQUEST_API;

/** Whose writes these are in an object's `managedFields`; else the server takes the name of the HTTP client. */
const FIELD_MANAGER = "breakwater";

/** Objects in one page of a LIST. */
const PAGE_SIZE = 500;

/** A snapshot of pages is kept for minutes; one that expired is begun anew, not for ever. */
const LIST_TRIES = 3;

const Page = v.object({
  items: v.array(v.unknown()),
  metadata: v.object({ continue: v.fallback(v.string(), ""), resourceVersion: v.fallback(v.string(), "") }),
});

/** RequestApi by client-node. */
export function createRequestApi(objects: CustomObjectsApi): RequestApi {
  const type = { group, version, plural };
  const one = (call: Promise<unknown>) => call.then(toRequest, rejectWithFailure);
  return {
    list: async (namespace) => (await listRequests(objects, namespace)).requests,
    get: ({ namespace, name }) => one(objects.getNamespacedCustomObject({ ...type, namespace, name })),
    create: (namespace, manifest) => {
      const body = { apiVersion: `${group}/${version}`, kind, ...manifest };
      return one(objects.createNamespacedCustomObject({ ...type, namespace, body, fieldManager: FIELD_MANAGER }));
    },
    async delete({ namespace, name, uid, resourceVersion }) {
      const body = { preconditions: { uid, resourceVersion } };
      await objects.deleteNamespacedCustomObject({ ...type, namespace, name, body }).catch(rejectWithFailure);
    },
    patchStatus: ({ namespace, name, resourceVersion }, status) => {
      const body = { metadata: { resourceVersion }, status };
      const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      return one(objects.patchNamespacedCustomObjectStatus({ ...type, namespace, name, body, fieldManager: FIELD_MANAGER }, asMergePatch));
    },
  };
}

/** All requests of one moment. */
export interface Snapshot {
  readonly requests: readonly StoredRequest[];
  readonly resourceVersion: string;
}

/** The requests of a namespace, or of all with null, in a state at least as new as the call. Rejects with `ApiFailure`. */
export function listRequests(objects: CustomObjectsApi, namespace: string | null): Promise<Snapshot> {
  return listAll((page) => fetchPage(objects, namespace, { limit: PAGE_SIZE, ...page }));
}

/** The version of the server's state, at least as new as the call. Rejects with `ApiFailure`. */
export async function readVersion(objects: CustomObjectsApi, namespace: string | null): Promise<string> {
  const page = v.safeParse(Page, await fetchPage(objects, namespace, { limit: 1 }).catch(rejectWithFailure));
  if (!page.success) throw new ApiFailure("reply-invalid");
  return page.output.metadata.resourceVersion;
}

function fetchPage(objects: CustomObjectsApi, namespace: string | null, page: { limit: number; _continue?: string }): Promise<unknown> {
  const query = { group, version, plural, ...page };
  return namespace === null ? objects.listClusterCustomObject(query) : objects.listNamespacedCustomObject({ ...query, namespace });
}

/** Without a resourceVersion the first page is a consistent read, and its continuations show the same moment (Kubernetes API concepts). */
async function listAll(fetch: (page: { _continue?: string }) => Promise<unknown>): Promise<Snapshot> {
  for (let tries = 1; ; tries++) {
    try {
      const requests: StoredRequest[] = [];
      let next = "";
      let resourceVersion = "";
      do {
        const page = v.safeParse(Page, await fetch(next ? { _continue: next } : {}));
        if (!page.success) throw new ApiFailure("reply-invalid");
        requests.push(...page.output.items.map(toRequest));
        next = page.output.metadata.continue;
        resourceVersion = page.output.metadata.resourceVersion;
      } while (next);
      return { requests, resourceVersion };
    } catch (error) {
      const failure = toApiFailure(error);
      if (!isProblem(failure, "expired") || tries === LIST_TRIES) throw failure;
    }
  }
}

/** Throws `ApiFailure` where it is none. */
export function toRequest(json: unknown): StoredRequest {
  const request = readRequest(json);
  if (!request) throw new ApiFailure("reply-invalid");
  return request;
}

function rejectWithFailure(error: unknown): never {
  throw toApiFailure(error);
}
