import { readFileSync } from "node:fs";
import { Agent, type RequestInit as UndiciInit, fetch as undiciFetch } from "undici";
import { describe, expect, it } from "vitest";
import { freshName, freshNamespace, kubectl, realParts } from "../support/real-parts.ts";
import { apiClient, type Fetch } from "../unit/emulation/api-client.ts";
import { kubernetesChangesContract } from "../unit/emulation/kubernetes-changes.contract.ts";
import { kubernetesObjectsContract } from "../unit/emulation/kubernetes-objects.contract.ts";
import { remediationRequest } from "../unit/emulation/remediation-request.ts";

function connect(): Fetch {
  const { apiServerUrl, adminToken, caFile } = realParts();
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  return async (path, init) => {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${adminToken}` };
    return (await undiciFetch(new URL(path, apiServerUrl), { ...(init as UndiciInit), headers, dispatcher })) as unknown as Response;
  };
}

const open = async () => apiClient(connect(), await freshNamespace());

/** The status that is kept of one write, under a definition that is installed beside all others as a resource of a group of its own. */
async function keptStatus(manifest: string): Promise<unknown> {
  const [namespace, group] = [await freshNamespace(), `${freshName("crd")}.example.com`];
  const elsewhere = (text: string) => text.replaceAll("remediation.kubernaut.io", group);
  kubectl(["create", "-f", "-"], elsewhere(readFileSync(manifest, "utf8")));
  kubectl(["wait", "--for=condition=Established", `customresourcedefinition/remediationrequests.${group}`, "--timeout=20s"]);
  kubectl(["create", `--namespace=${namespace}`, "--validate=false", "-f", "-"], elsewhere(JSON.stringify(remediationRequest("rr-1"))));
  const request = [`remediationrequests.${group}`, "rr-1", `--namespace=${namespace}`];
  const status = { overallPhase: "A", deduplication: { slots: { a: 1 }, highestSeverity: "critical" } };
  kubectl(["patch", ...request, "--subresource=status", "--type=merge", `--patch=${JSON.stringify({ status })}`]);
  return JSON.parse(kubectl(["get", ...request, "--output=json"])).status;
}

describe("the installed definition", () => {
  it("keeps counts by slot", async () => {
    expect(await keptStatus("deploy/crd.yaml")).toEqual({
      overallPhase: "A",
      deduplication: { slots: { a: 1 }, highestSeverity: "critical" },
    });
  });

  it("is needed for that: the one that existing consumers have takes the write and drops them", async () => {
    expect(await keptStatus("test/compat/remediationrequests.seed-era.yaml")).toEqual({ overallPhase: "A" });
  });
});

describe("a real API server", () => {
  kubernetesObjectsContract("API server", open);
  kubernetesChangesContract("API server", open);
});
