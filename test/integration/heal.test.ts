import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { requestApiServer } from "../support/api-request.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshName } from "../support/real-parts.ts";
import { deploy } from "../support/real-setup.ts";
import type { RequestObject } from "../support/requests.ts";
import { fire } from "../support/sender.ts";

/** An API server of the test's own, of which everything may be taken away. */
let dir: string;
let server: ApiServer;
let installation: Installation;
const api = "/apis/remediation.kubernaut.io/v1alpha1";
const fallback = "kubernaut-system";

const kubectl = (args: readonly string[], input?: string) =>
  execFileSync("kubectl", ["--kubeconfig", server.kubeconfigPath, ...args], { stdio: "pipe", encoding: "utf8", ...(input && { input }) });

/** A kubeconfig of the proxy's own ServiceAccount. */
function proxyKubeconfig(): string {
  const token = kubectl(["create", "token", "breakwater-proxy", `--namespace=${fallback}`]).trim();
  const path = join(dir, "kubeconfig");
  writeFileSync(path, readFileSync(server.kubeconfigPath, "utf8").replace(server.adminToken, token), { mode: 0o600 });
  return path;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-heal-"));
  server = await startApiServer(join(dir, "cluster"));
  deploy(server.kubeconfigPath);
  await vi.waitUntil(async () => (await requestApiServer(server, `${api}/remediationrequests`)).status === 200, { timeout: 20_000 });
  installation = await startInstallation({ kubeconfigPath: proxyKubeconfig() });
}, 90_000);
afterAll(async () => {
  await installation?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true });
});

const soon = { timeout: 25_000, interval: 250 };

/** Where the requests of one alert are; their names are as many as the requests. */
async function placesOf(pod: string): Promise<string[]> {
  const { body } = await requestApiServer(server, `${api}/remediationrequests`);
  const { items = [] } = body as { items?: RequestObject[] };
  return items.filter(({ spec }) => (spec.signalLabels as { pod: string }).pod === pod).map(({ metadata }) => metadata.namespace);
}

function newNamespace(): string {
  const name = freshName("heal");
  kubectl(["create", "namespace", name]);
  return name;
}

/** An alert that cannot have its request now is accepted all the same. */
async function accepted(namespace: string): Promise<string> {
  const pod = freshName("pod");
  expect(await fire(installation, { namespace, pod })).toMatchObject({
    status: 202,
    result: { outcome: "accepted", remediationRequest: null },
  });
  expect(await placesOf(pod)).toEqual([]);
  return pod;
}

it("a proxy that was not allowed to makes the request once the missing binding is there", async () => {
  const namespace = newNamespace();
  const binding = kubectl(["get", "clusterrolebinding", "breakwater-proxy", "--output=yaml"]);
  kubectl(["delete", "clusterrolebinding", "breakwater-proxy"]);
  await vi.waitUntil(async () => (await fire(installation, { namespace, pod: freshName("probe") })).result?.outcome === "accepted", soon);
  const pod = await accepted(namespace);
  kubectl(["create", "--filename=-"], binding.replace(/^ {2}(uid|resourceVersion|creationTimestamp):.*\n/gm, ""));
  await expect.poll(() => placesOf(pod), soon).toEqual([namespace]);
});

it("a namespace that is going away leaves its request to the fallback, once", async () => {
  const namespace = newNamespace();
  kubectl(["create", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", namespace } }));
  kubectl(["delete", "namespace", namespace, "--wait=false"]);
  const pod = freshName("pod");
  expect(await fire(installation, { namespace, pod })).toMatchObject({ result: { outcome: "created" } });
  expect(await fire(installation, { namespace, pod })).toMatchObject({ result: { outcome: "duplicate" } });
  expect(await placesOf(pod)).toEqual([fallback]);
});

it("a missing definition holds requests up until it is there again", async () => {
  const namespace = newNamespace();
  kubectl(["delete", "customresourcedefinition", "remediationrequests.remediation.kubernaut.io"]);
  await vi.waitUntil(async () => (await requestApiServer(server, `${api}/remediationrequests`)).status === 404, soon);
  const pod = freshName("pod");
  expect(await fire(installation, { namespace, pod })).toMatchObject({ status: 202, result: { outcome: "accepted" } });
  deploy(server.kubeconfigPath);
  await expect.poll(() => placesOf(pod), { timeout: 28_000, interval: 250 }).toEqual([namespace]);
});
