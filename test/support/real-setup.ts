import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { requestApiServer } from "./api-request.ts";
import { startApiServer } from "./api-server.ts";
import { startBridge } from "./bridge.ts";
import type { RealParts } from "./real-parts.ts";
import { startRedisServer } from "./redis-server.ts";

const requests = "/apis/remediation.kubernaut.io/v1alpha1/namespaces/default/remediationrequests";
/** The API server lets the first creation of a kind wait for seconds after its definition is new; any answer means that this is over. */
const FIRST = { apiVersion: "remediation.kubernaut.io/v1alpha1", kind: "RemediationRequest", metadata: { name: "first" } };

/** Installs what `deploy` holds, and waits until requests can be made. */
export function deploy(kubeconfigPath: string): void {
  const kubectl = (...args: string[]) => execFileSync("kubectl", ["--kubeconfig", kubeconfigPath, ...args], { stdio: "pipe" });
  kubectl("apply", "-k", "deploy");
  kubectl("wait", "--for=condition=Established", "customresourcedefinition/remediationrequests.remediation.kubernaut.io");
}

/** Starts one Redis, one bridge before it and one API server, with what `deploy` holds, for the whole run, and ends them with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const stops: (() => Promise<void>)[] = [];
  const teardown = async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
  const startLedger = async () => {
    const redis = await startRedisServer(dir);
    stops.push(() => redis.stop());
    const bridge = await startBridge(redis.url);
    stops.push(() => bridge.stop());
    return { redisUrl: redis.url, bridgeUrl: bridge.url, bridgeToken: bridge.token };
  };
  const startCluster = async () => {
    const server = await startApiServer(join(dir, "cluster"));
    stops.push(() => server.stop());
    const { url, kubeconfigPath, caFile, adminToken } = server;
    deploy(kubeconfigPath);
    await requestApiServer(server, `${requests}?dryRun=All`, { method: "POST", body: FIRST });
    return { apiServerUrl: url, kubeconfigPath, caFile, adminToken };
  };
  const started = await Promise.allSettled([startLedger(), startCluster()]);
  const [ledger, cluster] = started;
  if (ledger.status === "rejected" || cluster.status === "rejected") {
    await teardown();
    throw new AggregateError(
      started.flatMap((part) => (part.status === "rejected" ? [part.reason] : [])),
      "a real part did not start",
    );
  }
  project.provide("realParts", { ...ledger.value, ...cluster.value } satisfies RealParts);
  return teardown;
}
