import {
  CustomObjectsApi,
  createConfiguration,
  PatchStrategy,
  ResponseContext,
  ServerConfiguration,
  setHeaderOptions,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { ApiFailure } from "../../src/adapters/kubernetes/api-failure.ts";
import type { Kubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import type { Timing } from "../../src/adapters/kubernetes/pace.ts";
import { pause } from "../../src/adapters/kubernetes/pause.ts";
import { createKubernetesWriter } from "../../src/adapters/kubernetes/remediation-writer.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import { MARKS, REQUEST_API, type RequestRef } from "../../src/domain/remediation-request.ts";
import { silentLog } from "../support/silent-log.ts";
import { BORN_MS } from "../unit/kubernetes/builders.ts";
import type { WriterBench } from "./remediation-writer.contract.ts";
import { replaceStatus } from "./watch-bench.ts";

const { group, version, plural } = REQUEST_API;
const type = { group, version, plural };
const SERVER = "http://emulation.test";
const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

interface Shown {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly signalFingerprint: string };
  readonly status?: {
    readonly deduplication?: { occurrenceCount: number; firstSeen: string; lastSeen: string; resolvedAt?: string };
    readonly storm?: { members: string[]; details?: unknown[]; closedAt?: string };
  };
}

/** The Kubernetes adapter on something that speaks the API server's protocol; what others do goes past the adapter, which may have a connection with rights of its own. */
export function apiBench(objects: CustomObjectsApi, namespace: string, fallbackNamespace: string, own = objects): WriterBench {
  // What waits for its turn, not for a deadline, waits less long than it would.
  const timing: Timing = {
    clock: { now: Date.now },
    pause: (ms, signal) => pause(signal ? ms : Math.min(ms, 200), signal),
    random: Math.random,
  };
  const options = {
    api: createRequestApi(own),
    view: NO_VIEW,
    timing,
    fallbackNamespace,
    namespaces: [],
    slot: "direct-test",
    onCollision() {},
    log: silentLog,
  };
  const ref = ({ namespace: where, name }: RequestRef) => ({ ...type, namespace: where, name });
  const get = async (request: RequestRef) => (await objects.getNamespacedCustomObject(ref(request))) as Shown;
  const list = async (where: string) => (await objects.listNamespacedCustomObject({ ...type, namespace: where })).items as Shown[];
  return {
    writer: createKubernetesWriter(options),
    namespace,
    fallbackNamespace,
    async size(fingerprint) {
      const all = [...(await list(namespace)), ...(await list(fallbackNamespace))];
      return all.filter(({ spec }) => spec.signalFingerprint === fingerprint).length;
    },
    async count(request) {
      const shown = (await get(request)).status?.deduplication;
      if (!shown) return { occurrenceCount: 1, firstSeenMs: BORN_MS, lastSeenMs: BORN_MS, resolvedAtMs: null };
      return {
        occurrenceCount: shown.occurrenceCount,
        firstSeenMs: Date.parse(shown.firstSeen),
        lastSeenMs: Date.parse(shown.lastSeen),
        resolvedAtMs: shown.resolvedAt === undefined ? null : Date.parse(shown.resolvedAt),
      };
    },
    async storm(request) {
      const { members = [], details = [], closedAt } = (await get(request)).status?.storm ?? {};
      return { members, details, closedAtMs: closedAt === undefined ? null : Date.parse(closedAt) };
    },
    isBuffered: async (request) => (await get(request)).metadata.labels?.[MARKS.buffered] === "true",
    erase: (request, phase) => replaceStatus(objects, request, phase),
    async setPhase(request, overallPhase, atMs) {
      const body = { status: { overallPhase, completedAt: new Date(atMs).toISOString() } };
      await objects.patchNamespacedCustomObjectStatus({ ...ref(request), body }, asMergePatch);
    },
    async remove(request) {
      await objects.deleteNamespacedCustomObject(ref(request));
    },
  };
}

/** An API server that is a fetch handler of this process. */
export function kubernetesOver(handle: (request: Request) => Promise<Response>, token: string): Kubernetes {
  const authorization = `Bearer ${token}`;
  const httpApi = wrapHttpLibrary({
    async send(request) {
      const body = request.getBody();
      const headers = { ...request.getHeaders(), authorization };
      const init = { method: request.getHttpMethod(), headers, ...(typeof body === "string" && { body }) };
      const response = await handle(new Request(request.getUrl(), init));
      const text = await response.text();
      const read = { text: async () => text, binary: async () => Buffer.from(text), stream: () => null };
      return new ResponseContext(response.status, Object.fromEntries(response.headers), read);
    },
  });
  const objects = new CustomObjectsApi(createConfiguration({ baseServer: new ServerConfiguration(SERVER, {}), httpApi }));
  const stream: Kubernetes["stream"] = async (path, signal) => {
    const { body } = await handle(new Request(SERVER + path, { headers: { authorization } }));
    if (!body) throw new ApiFailure("reply-invalid");
    const passing = new TransformStream<Uint8Array, Uint8Array>();
    body.pipeTo(passing.writable, { signal }).catch(() => {});
    return passing.readable;
  };
  return { objects, stream };
}
