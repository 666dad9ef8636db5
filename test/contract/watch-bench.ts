import { type CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { Kubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createClusterParts } from "../../src/adapters/kubernetes/cluster.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { manifestFor } from "../../src/adapters/kubernetes/manifest.ts";
import type { Timing } from "../../src/adapters/kubernetes/pace.ts";
import { pause } from "../../src/adapters/kubernetes/pause.ts";
import { REQUEST_API, type RequestRef } from "../../src/domain/remediation-request.ts";
import { silentLog } from "../support/silent-log.ts";
import { draftFor } from "../unit/kubernetes/builders.ts";
import type { WatchBench, WatchedCluster } from "./request-watch.contract.ts";

const { group, version, plural } = REQUEST_API;
const ref = ({ namespace, name }: RequestRef) => ({ group, version, plural, namespace, name });
const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

export interface ProxyOptions {
  readonly namespaces?: readonly string[];
  readonly fallbackNamespace: string;
  readonly timing?: Timing;
  onCollision?(): void;
}

/** A proxy's writer and watch on an API server, over connections of the test's choosing. */
export function openProxyOn(kubernetes: Kubernetes, options: ProxyOptions): WatchedCluster {
  const { namespaces = [], fallbackNamespace, onCollision = () => {} } = options;
  const timing = options.timing ?? { clock: { now: Date.now }, pause, random: Math.random };
  const { writer, watcher } = createClusterParts(kubernetes, {
    ...{ namespaces, fallbackNamespace, timing, onCollision },
    log: silentLog,
    slot: "direct-test",
  });
  return { writer, watch: watcher.start };
}

/** Watches on an API server; what others do goes past them. */
export function watchBench(kubernetes: Kubernetes, namespace: string, fallbackNamespace: string): WatchBench {
  const { objects } = kubernetes;
  const api = createRequestApi(objects);
  return {
    namespace,
    fallbackNamespace,
    open: (namespaces) => openProxyOn(kubernetes, { namespaces, fallbackNamespace }),
    async setPhase(request, overallPhase, atMs) {
      const body = { status: { overallPhase, completedAt: new Date(atMs).toISOString() } };
      await objects.patchNamespacedCustomObjectStatus({ ...ref(request), body }, asMergePatch);
    },
    async remove(request) {
      await objects.deleteNamespacedCustomObject(ref(request));
    },
    replaceStatus: (request, overallPhase) => replaceStatus(objects, request, overallPhase),
    async plant(where, fingerprint, intent, name) {
      return (await api.create(where, manifestFor(draftFor(fingerprint, where), intent, name))).uid;
    },
    async storm(request) {
      const { lines, closedAtMs } = (await api.get(request)).storm?.listing ?? { lines: new Map<string, string>(), closedAtMs: null };
      return { members: [...lines.values()], closedAtMs };
    },
    slots: async (request) => (await api.get(request)).counted.slots,
  };
}

/** Writes the whole status, on the version read, until nobody was quicker. */
export async function replaceStatus(objects: CustomObjectsApi, request: RequestRef, overallPhase: string): Promise<void> {
  for (;;) {
    const current = await objects.getNamespacedCustomObject(ref(request));
    const body = { ...current, status: { overallPhase } };
    const error: { code?: number } | null = await objects.replaceNamespacedCustomObjectStatus({ ...ref(request), body }).then(
      () => null,
      (reason) => reason,
    );
    if (!error) return;
    if (error.code !== 409) throw error;
  }
}
