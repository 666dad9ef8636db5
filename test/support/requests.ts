import { askApiServer } from "./real-parts.ts";

/** What tests read of a RemediationRequest as the API server shows it. */
export interface RequestObject {
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly signalFingerprint: string; readonly [field: string]: unknown };
  readonly status?: {
    readonly overallPhase?: string;
    readonly deduplication?: { readonly occurrenceCount: number; readonly resolvedAt?: string };
    readonly storm?: {
      readonly alertCount: number;
      readonly members: readonly string[];
      readonly details?: readonly object[];
      readonly truncated?: boolean;
      readonly closedAt?: string;
    };
  };
}

/** Of the requests of a namespace, or of one. */
export const pathOf = (namespace: string, name = "") =>
  `/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests/${name}`.replace(/\/$/, "");

async function ask(path: string, request: Parameters<typeof askApiServer>[1], ...expected: number[]): Promise<unknown> {
  const { status, body } = await askApiServer(path, request);
  if (!expected.includes(status)) throw new Error(`${request?.method ?? "GET"} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** The requests of a namespace, in the order of their names. */
export async function requestsIn(namespace: string): Promise<RequestObject[]> {
  const { items } = (await ask(pathOf(namespace), {}, 200)) as { items: RequestObject[] };
  return items;
}

/** The request of a name. */
export const requestNamed = async (namespace: string, name: string): Promise<RequestObject> =>
  (await ask(pathOf(namespace, name), {}, 200)) as RequestObject;

/** The occurrences that each request of a namespace shows; without a status of its own, the 1 it was created with. */
export const countsIn = async (namespace: string): Promise<number[]> =>
  (await requestsIn(namespace)).map(({ status }) => status?.deduplication?.occurrenceCount ?? 1);

/** Reads a request, changes it and sends it back until nobody else was quicker: how a controller updates. */
async function update(request: RequestObject, part: "" | "/status", change: (current: RequestObject) => object): Promise<void> {
  const path = pathOf(request.metadata.namespace, request.metadata.name);
  for (;;) {
    const current = (await ask(path, {}, 200)) as RequestObject;
    const { status, body } = await askApiServer(`${path}${part}`, { method: "PUT", body: { ...current, ...change(current) } });
    if (status === 200) return;
    if (status !== 409) throw new Error(`PUT ${path}${part}: ${status} ${JSON.stringify(body)}`);
  }
}

/** Moves a request to a phase, as the remediation system would. */
export const setPhase = (request: RequestObject, overallPhase: string): Promise<void> =>
  update(request, "/status", ({ status }) => ({ status: { ...status, overallPhase } }));

/** Moves a request to its end, as a remediation system does that tells when that was. */
export const endRequest = (request: RequestObject): Promise<void> =>
  update(request, "/status", ({ status }) => ({
    status: { ...status, overallPhase: "Completed", completedAt: new Date().toISOString() },
  }));

export const setFinalizers = (request: RequestObject, finalizers: readonly string[]): Promise<void> =>
  update(request, "", ({ metadata }) => ({ metadata: { ...metadata, finalizers } }));

export async function deleteRequest({ metadata: { namespace, name } }: RequestObject): Promise<void> {
  await ask(pathOf(namespace, name), { method: "DELETE" }, 200, 202);
}

/** Creates a request by somebody else's hand. */
export async function createRequest(namespace: string, name: string, spec: object): Promise<RequestObject> {
  const body = { apiVersion: "remediation.kubernaut.io/v1alpha1", kind: "RemediationRequest", metadata: { name }, spec };
  return (await ask(pathOf(namespace), { method: "POST", body }, 201)) as RequestObject;
}
