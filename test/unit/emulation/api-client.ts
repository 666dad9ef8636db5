import * as v from "valibot";

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** What the tests read of an answer: an object, a list, a table or a Status. */
export const Answer = v.looseObject({
  kind: v.string(),
  reason: v.optional(v.string()),
  message: v.optional(v.string()),
  details: v.optional(
    v.looseObject({ causes: v.optional(v.array(v.object({ reason: v.string(), message: v.string(), field: v.string() })), []) }),
  ),
  metadata: v.optional(v.record(v.string(), v.unknown()), {}),
  spec: v.optional(v.record(v.string(), v.unknown())),
  status: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
  items: v.optional(v.array(v.looseObject({ metadata: v.looseObject({ name: v.string() }) })), []),
});
export type Answer = v.InferOutput<typeof Answer>;

export interface Reply {
  readonly code: number;
  readonly warnings: string | null;
  readonly body: Answer;
}

/** Talks about the RemediationRequests of one namespace as a Kubernetes client does. Any status is an answer. */
export function apiClient(fetch: Fetch, namespace: string) {
  const api = "/apis/remediation.kubernaut.io/v1alpha1";
  const all = `${api}/namespaces/${namespace}/remediationrequests`;
  async function send(method: string, path: string, body?: unknown, type = "application/json"): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(path, { method, ...(body === undefined ? {} : { body: text, headers: { "content-type": type } }) });
    return { code: response.status, warnings: response.headers.get("warning"), body: v.parse(Answer, await response.json()) };
  }
  return {
    namespace,
    create: (body: unknown, query = "") => send("POST", `${all}${query}`, body),
    createIn: (other: string, body: unknown) => send("POST", `${api}/namespaces/${other}/remediationrequests`, body),
    get: (name: string) => send("GET", `${all}/${name}`),
    list: (query = "") => send("GET", `${all}${query}`),
    listEverywhere: (query = "") => send("GET", `${api}/remediationrequests${query}`),
    replace: (name: string, body: unknown) => send("PUT", `${all}/${name}`, body),
    merge: (name: string, body: unknown) => send("PATCH", `${all}/${name}`, body, "application/merge-patch+json"),
    mergeStatus: (name: string, body: unknown) => send("PATCH", `${all}/${name}/status`, body, "application/merge-patch+json"),
    jsonPatch: (name: string, body: unknown) => send("PATCH", `${all}/${name}`, body, "application/json-patch+json"),
    patchAs: (type: string, name: string, body: unknown) => send("PATCH", `${all}/${name}`, body, type),
    remove: (name: string, body?: unknown) => send("DELETE", `${all}/${name}`, body),
    removeAll: (query = "") => send("DELETE", `${all}${query}`),
    definition: () => send("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/remediationrequests.remediation.kubernaut.io"),
    /** Events of a watch until the server ends it, one JSON value each. */
    async watch(query: string): Promise<readonly WatchEvent[]> {
      const response = await fetch(`${all}?watch=true&${query}`, {});
      const lines = (await response.text()).split("\n").filter((line) => line !== "");
      return lines.map((line) => v.parse(WatchEvent, JSON.parse(line)));
    },
  };
}

export const WatchEvent = v.object({
  type: v.string(),
  object: v.looseObject({ kind: v.string(), metadata: v.record(v.string(), v.unknown()) }),
});
export type WatchEvent = v.InferOutput<typeof WatchEvent>;
export type ApiClient = ReturnType<typeof apiClient>;
