import { describe, expect, it } from "vitest";
import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { checkInstalled } from "../../src/adapters/kubernetes/installed.ts";
import { manifestFor } from "../../src/adapters/kubernetes/manifest.ts";
import { MEMBERS_WRITTEN_MAX } from "../../src/domain/ledger-limits.ts";
import { STORM_MEMBERS_MAX } from "../../src/domain/storm-draft.ts";
import type { Operation } from "../../src/ports/remediation-writer.ts";
import { apiBench } from "../contract/kubernetes-bench.ts";
import { remediationWriterContract } from "../contract/remediation-writer.contract.ts";
import { askApiServer, freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { memberLine } from "../support/storm-builders.ts";

import { draftFor, ensureOf, ensureStormOf, fingerprintOf, recordOf } from "../unit/kubernetes/builders.ts";

const TIMEOUT_MS = 10_000;
const connect = (timeoutMs = 5_000) => openKubernetes({ kubeConfig: realParts().kubeconfigPath, timeoutMs }).objects;
const open = async () => apiBench(connect(), await freshNamespace("writer"), await freshNamespace("fallback"));

remediationWriterContract("Kubernetes, on a real API server", open);

describe("a real API server", () => {
  const fingerprint = fingerprintOf("c");
  const numbered = (n: number) => n.toString(16).padStart(4, "0").repeat(16);
  const ensureIn = (namespace: string, intent: string): Operation => ensureOf(fingerprint, intent, namespace);

  it("has the definition that the writer needs", async () => {
    expect(await checkInstalled(connect())).toBeNull();
  });

  it("knows the writes for Breakwater's", async () => {
    const { writer } = await open();
    const namespace = await freshNamespace("managed");
    const [made] = await writer.perform([ensureIn(namespace, "intent-m")], TIMEOUT_MS);
    const { name } = (made as Extract<typeof made, { kind: "created" }>).state;
    const { body } = await askApiServer(`/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests/${name}`);
    const { metadata } = body as { metadata: { managedFields: { manager: string }[] } };
    expect(metadata.managedFields.map(({ manager }) => manager)).toEqual(["breakwater"]);
  });

  it("gets requests into the fallback namespace where theirs is missing, and finds them there once it exists", async () => {
    const { writer, fallbackNamespace } = await open();
    const missing = freshName("missing");
    const [made] = await writer.perform([ensureIn(missing, "intent-a")], TIMEOUT_MS);
    expect(made).toMatchObject({ kind: "created", state: { namespace: fallbackNamespace } });
    await askApiServer("/api/v1/namespaces", { method: "POST", body: { metadata: { name: missing } } });
    const [found] = await writer.perform([ensureIn(missing, "intent-b")], TIMEOUT_MS);
    expect(found).toMatchObject({ kind: "existing", state: { namespace: fallbackNamespace, intent: "intent-a" } });
  });

  it("gets requests into the fallback namespace where theirs is going away", async () => {
    const { writer, namespace, fallbackNamespace } = await open();
    await askApiServer(`/api/v1/namespaces/${namespace}`, { method: "DELETE" });
    const [made] = await writer.perform([ensureIn(namespace, "intent-a")], TIMEOUT_MS);
    expect(made).toMatchObject({ kind: "created", state: { namespace: fallbackNamespace } });
  });

  it("takes an object without a spec, and does not keep the writer from its work by it", async () => {
    const { writer, namespace } = await open();
    const body = { apiVersion: "remediation.kubernaut.io/v1alpha1", kind: "RemediationRequest", metadata: { name: "bare" } };
    const path = `/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests`;
    expect((await askApiServer(path, { method: "POST", body })).status).toBe(201);
    expect(await writer.perform([ensureIn(namespace, "intent-a")], TIMEOUT_MS)).toMatchObject([{ kind: "created" }]);
  });

  it("reads a list of more than one page to its end", async () => {
    const { namespace } = await open();
    const api = createRequestApi(connect());
    // Each with a fingerprint of its own: of one, watches elsewhere in the cluster would leave a single one.
    const create = (n: number) => api.create(namespace, manifestFor(draftFor(numbered(n), namespace), `intent-${n}`, `rr-page-${n}`));
    for (let batch = 0; batch < 13; batch++) await Promise.all(Array.from({ length: 40 }, (_, index) => create(batch * 40 + index)));
    expect(new Set((await api.list(namespace)).map(({ uid }) => uid)).size).toBe(520);
  });

  it("lets one of two writers on the same version write, and none delete what has changed", async () => {
    const { namespace } = await open();
    const api = createRequestApi(connect());
    const made = await api.create(namespace, manifestFor(ensureOf(fingerprint, "intent-a", namespace).draft, "intent-a", "rr-versions"));
    const patch = {
      firstSeen: "2026-03-01T10:00:00Z",
      lastSeen: "2026-03-01T10:00:00Z",
      occurrenceCount: 2,
      slots: { a: 2 },
      resolvedAt: null,
      highestSeverity: "warning",
      highestPriority: "P2",
    } as const;
    await api.patchStatus(made, { deduplication: patch });
    await expect(api.patchStatus(made, { deduplication: { ...patch, slots: { b: 2 } } })).rejects.toMatchObject({ problem: "conflict" });
    await expect(api.delete(made)).rejects.toMatchObject({ problem: "conflict" });
    const now = await api.get(made);
    expect(now.counted.slots).toEqual({ a: 2 });
    await api.delete(now);
    await expect(api.get(made)).rejects.toMatchObject({ problem: "not-found" });
    await expect(api.patchStatus(now, { deduplication: patch })).rejects.toMatchObject({ problem: "not-found" });
  });

  it("refuses for good what its definition forbids", async () => {
    const { writer, namespace } = await open();
    const operation = ensureOf(fingerprint, "intent-a", namespace);
    const spec = { ...operation.draft.spec, environment: "" };
    const results = await writer.perform([{ ...operation, draft: { namespace, spec } }], TIMEOUT_MS);
    expect(results).toEqual([{ kind: "refused", reason: "invalid" }]);
  });

  it("makes 200 requests at once, each once", async () => {
    const { writer, namespace } = await open();
    const operations = Array.from({ length: 200 }, (_, n) => ensureOf(numbered(n), `intent-${n}`, namespace));
    const results = await writer.perform(operations, 20_000);
    expect(results.filter(({ kind }) => kind === "created")).toHaveLength(200);
    expect(await createRequestApi(connect()).list(namespace)).toHaveLength(200);
  });

  it("takes a storm of 10,000 members and their whole list, below 512 KiB in all, and finds the last of them", async () => {
    const { writer, namespace } = await open();
    const of = (n: number) => n.toString(16).padStart(16, "0").padEnd(64, "e");
    const fingerprints = Array.from({ length: STORM_MEMBERS_MAX }, (_, n) => of(n));
    const operation = ensureStormOf(fingerprint, "d".repeat(32), fingerprints, namespace);
    const [made] = await writer.perform([operation], TIMEOUT_MS);
    if (made?.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(made)}`);
    for (let from = 0; from < STORM_MEMBERS_MAX; from += MEMBERS_WRITTEN_MAX) {
      const members = fingerprints
        .slice(from, from + MEMBERS_WRITTEN_MAX)
        .map((each, n) => memberLine(each, `shop:Pod:checkout-${from + n}`));
      const [result] = await writer.perform([recordOf(made.state, "slot", from + 1, { storm: { members, closedAtMs: null } })], TIMEOUT_MS);
      expect(result).toMatchObject({ kind: "recorded", members: from + members.length });
    }
    const { name } = made.state;
    const { body } = await askApiServer(`/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests/${name}`);
    const { metadata, status } = body as { metadata: { labels: object }; status: { storm: { alertCount: number; truncated: boolean } } };
    expect(metadata.labels).toMatchObject({
      "breakwater.dev/group": fingerprint.slice(0, 63),
      "breakwater.dev/origin-namespace": namespace,
    });
    expect(status.storm).toMatchObject({ alertCount: STORM_MEMBERS_MAX, truncated: true });
    expect(JSON.stringify(body).length).toBeLessThan(512 * 1024);
    const last = ensureOf(of(STORM_MEMBERS_MAX - 1), "intent-z", namespace);
    expect(await writer.perform([last], TIMEOUT_MS)).toMatchObject([{ kind: "existing", state: { uid: made.state.uid } }]);
  });

  it("gives up on a call after its timeout", async () => {
    await expect(createRequestApi(connect(1)).list("default")).rejects.toMatchObject({ problem: "timeout" });
  });
});
