import { ApiException, CustomObjectsApi, KubeConfig, PatchStrategy, setHeaderOptions, Watch } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remediationRequest } from "./remediation-request.ts";
import { serveEmulation } from "./serve-emulation.ts";

const resource = { group: "remediation.kubernaut.io", version: "v1alpha1", namespace: "test", plural: "remediationrequests" };

describe("the official client on the emulation", () => {
  let served: Awaited<ReturnType<typeof serveEmulation>>;
  let config: KubeConfig;
  let api: CustomObjectsApi;
  beforeAll(async () => {
    served = await serveEmulation();
    config = new KubeConfig();
    config.loadFromFile(served.kubeconfigPath);
    // The client refuses http otherwise.
    Object.assign(config.getCurrentCluster() ?? {}, { skipTLSVerify: true });
    api = config.makeApiClient(CustomObjectsApi);
  });
  afterAll(() => served.stop());

  const codeOf = (error: unknown) => (error instanceof ApiException ? error.code : error);

  it("creates, lists in pages, patches and deletes with preconditions", async () => {
    for (const name of ["rr-1", "rr-2", "rr-3"]) {
      await api.createNamespacedCustomObject({ ...resource, body: remediationRequest(name) });
    }
    const first = await api.listNamespacedCustomObject({ ...resource, limit: 2 });
    const second = await api.listNamespacedCustomObject({
      ...resource,
      limit: 2,
      _continue: first.metadata.continue,
    });
    expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual(["rr-1", "rr-2", "rr-3"]);

    const { uid, resourceVersion } = first.items[0].metadata;
    const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    const body = { metadata: { resourceVersion }, status: { overallPhase: "Completed" } };
    const patched = await api.patchNamespacedCustomObjectStatus({ ...resource, name: "rr-1", body }, merge);
    expect(patched.status).toEqual({ overallPhase: "Completed" });
    expect(await api.patchNamespacedCustomObjectStatus({ ...resource, name: "rr-1", body }, merge).catch(codeOf)).toBe(409);
    const replaced = [{ op: "replace", path: "/spec/severity", value: "info" }];
    expect((await api.patchNamespacedCustomObject({ ...resource, name: "rr-2", body: replaced })).spec.severity).toBe("info");

    const remove = (preconditions: object) => api.deleteNamespacedCustomObject({ ...resource, name: "rr-1", body: { preconditions } });
    expect(await remove({ uid, resourceVersion }).catch(codeOf)).toBe(409);
    expect(await remove({ uid, resourceVersion: patched.metadata.resourceVersion })).toMatchObject({ status: "Success" });
    expect(await api.getNamespacedCustomObject({ ...resource, name: "rr-1" }).catch(codeOf)).toBe(404);
  });

  it("reads the definition", async () => {
    const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
    const found = await api.getClusterCustomObject({ ...definitions, name: "remediationrequests.remediation.kubernaut.io" });
    expect(found.spec.versions[0].schema.openAPIV3Schema.properties.status.properties).toHaveProperty("deduplication");
  });

  it("watches from a list on, until the server ends the watch", async () => {
    const watched = { ...resource, namespace: "watched" };
    const { metadata } = await api.listNamespacedCustomObject(watched);
    const events: string[] = [];
    const path = "/apis/remediation.kubernaut.io/v1alpha1/namespaces/watched/remediationrequests";
    const query = { resourceVersion: metadata.resourceVersion, timeoutSeconds: 1, allowWatchBookmarks: true };
    const ended = Promise.withResolvers<unknown>();
    await new Watch(config).watch(
      path,
      query,
      (type: string, { metadata: { name } }) => events.push(`${type} ${name ?? ""}`),
      ended.resolve,
    );
    await api.createNamespacedCustomObject({ ...watched, body: remediationRequest("rr-1") });
    await api.deleteNamespacedCustomObject({ ...watched, name: "rr-1" });
    expect(await ended.promise).toBeNull();
    expect(events).toEqual(["ADDED rr-1", "DELETED rr-1", "BOOKMARK "]);
  });
});
