import { type CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import * as v from "valibot";
import { REQUEST_API } from "../../domain/remediation-request.ts";
import { ApiFailure, isProblem } from "./api-failure.ts";
import { toApiFailure } from "./api-reply.ts";
import type { RequestApi } from "./request-api.ts";
import { readRequest, type StoredRequest } from "./stored-request.ts";

const { group, version, plural, kind } = REQUEST_API;

/** Objects in one page of a LIST. */
const PAGE_SIZE = 500;

/** A snapshot of pages is kept for minutes; one that expired is begun anew, not for ever. */
const LIST_TRIES = 3;

const Page = v.object({
  items: v.array(v.unknown()),
  metadata: v.object({ continue: v.fallback(v.string(), "") }),
});

/** RequestApi by client-node. */
export function createRequestApi(objects: CustomObjectsApi): RequestApi {
  const type = { group, version, plural };
  const one = (call: Promise<unknown>) => call.then(toRequest, rejectWithFailure);
  return {
    list: (namespace) => listAll((page) => objects.listNamespacedCustomObject({ ...type, namespace, limit: PAGE_SIZE, ...page })),
    get: ({ namespace, name }) => one(objects.getNamespacedCustomObject({ ...type, namespace, name })),
    create: (namespace, manifest) => {
      const body = { apiVersion: `${group}/${version}`, kind, ...manifest };
      return one(objects.createNamespacedCustomObject({ ...type, namespace, body }));
    },
    async delete({ namespace, name, uid, resourceVersion }) {
      const body = { preconditions: { uid, resourceVersion } };
      await objects.deleteNamespacedCustomObject({ ...type, namespace, name, body }).catch(rejectWithFailure);
    },
    patchStatus: ({ namespace, name, resourceVersion }, deduplication) => {
      const body = { metadata: { resourceVersion }, status: { deduplication } };
      const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      return one(objects.patchNamespacedCustomObjectStatus({ ...type, namespace, name, body }, asMergePatch));
    },
  };
}

/** Without a resourceVersion the first page is a consistent read, and its continuations show the same moment (Kubernetes API concepts). */
async function listAll(fetchPage: (page: { _continue?: string }) => Promise<unknown>): Promise<readonly StoredRequest[]> {
  for (let tries = 1; ; tries++) {
    try {
      const requests: StoredRequest[] = [];
      let next = "";
      do {
        const page = v.safeParse(Page, await fetchPage(next ? { _continue: next } : {}));
        if (!page.success) throw new ApiFailure("reply-invalid");
        requests.push(...page.output.items.map(toRequest));
        next = page.output.metadata.continue;
      } while (next);
      return requests;
    } catch (error) {
      const failure = toApiFailure(error);
      if (!isProblem(failure, "expired") || tries === LIST_TRIES) throw failure;
    }
  }
}

function toRequest(json: unknown): StoredRequest {
  const request = readRequest(json);
  if (!request) throw new ApiFailure("reply-invalid");
  return request;
}

function rejectWithFailure(error: unknown): never {
  throw toApiFailure(error);
}
