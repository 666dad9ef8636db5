import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requestApiServer } from "../support/api-request.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, relaySettings, startInstallation } from "../support/installation.ts";
import { realParts } from "../support/real-parts.ts";
import { deploy } from "../support/real-setup.ts";
import { untilRelayed } from "../support/relaying.ts";
import type { RequestObject } from "../support/requests.ts";
import { fire } from "../support/sender.ts";

/** An API server of the test's own, at one address over all its restarts. */
let dir: string;
let server: ApiServer;
let front: Front;
let installation: Installation;
const namespace = "default";
const requests = `/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests`;

async function start(): Promise<void> {
  server = await startApiServer(join(dir, "cluster"));
  deploy(server.kubeconfigPath);
  await vi.waitUntil(async () => (await requestApiServer(server, requests)).status === 200, { timeout: 20_000 });
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-restart-"));
  await start();
  const dispatcher = new Agent({ connect: { ca: readFileSync(server.caFile) } });
  front = await openFront({ target: () => server.url, answer: (_call, pass) => pass(), dispatcher });
  const kubeconfigPath = join(dir, "kubeconfig");
  writeFileSync(kubeconfigPath, readFileSync(server.kubeconfigPath, "utf8").replace(server.url, front.url));
  const { bridgeUrl, bridgeToken } = realParts();
  installation = await startInstallation({
    kubeconfigPath,
    proxies: [relaySettings({ url: bridgeUrl, token: bridgeToken }, [namespace])],
    gateway: { DEDUP_STATE_TTL_SECONDS: "0" },
  });
}, 90_000);
afterAll(async () => {
  await installation?.stop();
  await front?.close();
  await server?.stop();
  rmSync(dir, { recursive: true });
});

const later = { timeout: 20_000, interval: 250 };
const alert = (pod: string) => fire(installation, { namespace, pod });

async function requestsOf(pod: string): Promise<RequestObject[]> {
  const { body } = await requestApiServer(server, requests);
  return (body as { items: RequestObject[] }).items.filter(({ spec }) => (spec.signalLabels as { pod: string }).pod === pod);
}

async function complete({ metadata: { name } }: RequestObject): Promise<void> {
  const path = `${requests}/${name}`;
  const { body } = await requestApiServer(server, path);
  const changed = { ...(body as RequestObject), status: { overallPhase: "Completed" } };
  expect((await requestApiServer(server, `${path}/status`, { method: "PUT", body: changed })).status).toBe(200);
}

describe("an API server that is started again", () => {
  it("is watched again: nothing that happened meanwhile or afterwards stays unknown", { timeout: 60_000 }, async () => {
    await untilRelayed(installation, namespace);
    await alert("before");
    await server.stop();
    expect((await alert("before")).result?.outcome).toBe("duplicate");
    expect((await alert("meanwhile")).result?.outcome).toBe("accepted");
    await start();
    const [before] = await requestsOf("before");
    await complete(before as RequestObject);
    const phasesAfterAlert = async () => {
      await alert("before");
      return (await requestsOf("before")).map(({ status }) => status?.overallPhase ?? "");
    };
    await expect.poll(phasesAfterAlert, later).toEqual(["Completed", ""]);
    await expect.poll(async () => (await requestsOf("meanwhile")).length, later).toBe(1);
    for (const pod of ["before", "meanwhile"]) await expect.poll(async () => (await alert(pod)).result?.rung, later).toBe("relay");
    expect(await requestsOf("before")).toHaveLength(2);
  });
});
