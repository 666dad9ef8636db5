import { readFileSync } from "node:fs";
import { Agent, type RequestInit as UndiciInit, fetch as undiciFetch } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { freshNamespace, kubectl, realParts } from "../support/real-parts.ts";
import { apiClient, type Fetch } from "../unit/emulation/api-client.ts";
import { kubernetesChangesContract } from "../unit/emulation/kubernetes-changes.contract.ts";
import { kubernetesObjectsContract } from "../unit/emulation/kubernetes-objects.contract.ts";
import { remediationRequest } from "../unit/emulation/remediation-request.ts";

const definition = "customresourcedefinition/remediationrequests.remediation.kubernaut.io";
const proxy = "system:serviceaccount:kubernaut-system:breakwater-proxy";

function install(...manifest: string[]): void {
  kubectl(["apply", ...manifest]);
  kubectl(["wait", "--for=condition=Established", definition, "--timeout=20s"]);
}

function connect(): Fetch {
  const { apiServerUrl, adminToken, caFile } = realParts();
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  return async (path, init) => {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${adminToken}` };
    return (await undiciFetch(new URL(path, apiServerUrl), { ...(init as UndiciInit), headers, dispatcher })) as unknown as Response;
  };
}

const open = async () => apiClient(connect(), await freshNamespace());

/** A schema takes effect a moment after its definition was accepted. */
const keptSlots = async (name: string) => {
  const api = await open();
  await api.create(remediationRequest(name));
  const { body } = await api.mergeStatus(name, { status: { overallPhase: "A", deduplication: { slots: { a: 1 } } } });
  return body.status;
};

describe("the installed definition", () => {
  it("keeps counts by slot, which the one that existing consumers have drops without a word", async () => {
    install("-f", "test/compat/remediationrequests.seed-era.yaml");
    await expect.poll(() => keptSlots("rr-old"), { timeout: 10_000 }).toEqual({ overallPhase: "A" });
    install("-k", "deploy");
    await expect.poll(() => keptSlots("rr-new"), { timeout: 10_000 }).toEqual({ overallPhase: "A", deduplication: { slots: { a: 1 } } });
  });
});

describe("the proxy's ServiceAccount", () => {
  beforeAll(() => install("-k", "deploy"));

  const may = (verb: string, resource: string, ...more: string[]) => {
    try {
      return kubectl(["auth", "can-i", verb, resource, `--as=${proxy}`, "--namespace=default", ...more]).trim() === "yes";
    } catch {
      return false;
    }
  };
  const allowed = (verbs: readonly string[], resource: string, ...more: string[]) => verbs.filter((verb) => may(verb, resource, ...more));
  const verbs = ["create", "get", "list", "watch", "patch", "delete", "update", "deletecollection"];
  const requests = "remediationrequests.remediation.kubernaut.io";

  it("may do exactly what the proxy does with requests and their status", () => {
    expect(allowed(verbs, requests)).toEqual(["create", "get", "list", "watch", "patch", "delete"]);
    expect(allowed(verbs, requests, "--subresource=status")).toEqual(["get", "patch"]);
  });

  it("may read the one definition and nothing else", () => {
    expect(allowed(verbs, definition)).toEqual(["get"]);
    expect(allowed(verbs, "customresourcedefinition/other.example.com")).toEqual([]);
    for (const resource of ["secrets", "configmaps", "pods", "namespaces"])
      expect(allowed(["get", "list", "create"], resource)).toEqual([]);
  });
});

describe("a real API server", () => {
  beforeAll(() => install("-k", "deploy"));
  kubernetesObjectsContract("API server", open);
  kubernetesChangesContract("API server", open);
});
