import {
  CustomObjectsApi,
  createConfiguration,
  PatchStrategy,
  ResponseContext,
  ServerConfiguration,
  setHeaderOptions,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { pause } from "../../src/adapters/kubernetes/pause.ts";
import { createKubernetesWriter } from "../../src/adapters/kubernetes/remediation-writer.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import { REQUEST_API, type RequestRef } from "../../src/domain/remediation-request.ts";
import { BORN_MS } from "../unit/kubernetes/builders.ts";
import type { WriterBench } from "./remediation-writer.contract.ts";

const { group, version, plural } = REQUEST_API;
const type = { group, version, plural };
const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

interface Shown {
  readonly spec: { readonly signalFingerprint: string };
  readonly status?: { readonly deduplication?: { occurrenceCount: number; firstSeen: string; lastSeen: string; resolvedAt?: string } };
}

/** The Kubernetes adapter on something that speaks the API server's protocol; what others do goes past the adapter. */
export function apiBench(objects: CustomObjectsApi, namespace: string, fallbackNamespace: string): WriterBench {
  const timing = { clock: { now: Date.now }, pause, random: Math.random };
  const options = { api: createRequestApi(objects), view: NO_VIEW, timing, fallbackNamespace, namespaces: [], onCollision() {} };
  const ref = ({ namespace: where, name }: RequestRef) => ({ ...type, namespace: where, name });
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
      const { status } = (await objects.getNamespacedCustomObject(ref(request))) as Shown;
      const shown = status?.deduplication;
      if (!shown) return { occurrenceCount: 1, firstSeenMs: BORN_MS, lastSeenMs: BORN_MS, resolvedAtMs: null };
      return {
        occurrenceCount: shown.occurrenceCount,
        firstSeenMs: Date.parse(shown.firstSeen),
        lastSeenMs: Date.parse(shown.lastSeen),
        resolvedAtMs: shown.resolvedAt === undefined ? null : Date.parse(shown.resolvedAt),
      };
    },
    async setPhase(request, overallPhase, atMs) {
      const body = { status: { overallPhase, completedAt: new Date(atMs).toISOString() } };
      await objects.patchNamespacedCustomObjectStatus({ ...ref(request), body }, asMergePatch);
    },
    async remove(request) {
      await objects.deleteNamespacedCustomObject(ref(request));
    },
  };
}

/** client-node's calls answered by a fetch handler of this process. */
export function objectsOver(handle: (request: Request) => Promise<Response>, token: string): CustomObjectsApi {
  const httpApi = wrapHttpLibrary({
    async send(request) {
      const body = request.getBody();
      const headers = { ...request.getHeaders(), authorization: `Bearer ${token}` };
      const init = { method: request.getHttpMethod(), headers, ...(typeof body === "string" && { body }) };
      const response = await handle(new Request(request.getUrl(), init));
      const text = await response.text();
      const read = { text: async () => text, binary: async () => Buffer.from(text), stream: () => null };
      return new ResponseContext(response.status, Object.fromEntries(response.headers), read);
    },
  });
  return new CustomObjectsApi(createConfiguration({ baseServer: new ServerConfiguration("http://emulation.test", {}), httpApi }));
}
