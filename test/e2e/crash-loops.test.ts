import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Installation, startInstallation } from "../support/installation.ts";
import type { Started } from "../support/process.ts";
import { type Alertmanager, openWatched, startAlertmanager, startPrometheus, type Watched } from "../support/prometheus.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import { isStorm, provided } from "../support/storms.ts";

const NAMESPACES = 10;
const PODS = 10;

/** What the chart prometheus-community/prometheus adds to each sample of kube-state-metrics, the node of the scraped pod among it. */
const CHART_LABELS = {
  service: "prometheus-kube-state-metrics",
  node: "worker-1",
  app_kubernetes_io_component: "metrics",
  app_kubernetes_io_instance: "prometheus",
  app_kubernetes_io_managed_by: "Helm",
  app_kubernetes_io_name: "kube-state-metrics",
  helm_sh_chart: "kube-state-metrics-5.28.0",
};

let dir: string;
let namespaces: readonly string[];
let installation: Installation;
let watched: Watched;
let alertmanager: Alertmanager;
let prometheus: Started;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-crash-loops-"));
  namespaces = await Promise.all(Array.from({ length: NAMESPACES }, () => freshNamespace()));
  installation = await startInstallation({ gateway: { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "3" } });
  const pods = namespaces.flatMap((namespace) =>
    Array.from({ length: PODS }, (_, at) => ({ namespace, pod: `web-${at}`, uid: `${namespace}-${at}`, container: "app" })),
  );
  watched = await openWatched("kube_pod_container_status_waiting_reason", ...pods.map((pod) => ({ ...pod, reason: "CrashLoopBackOff" })));
  const webhookUrl = new URL("/api/v1/signals/prometheus", installation.gateway.url).href;
  alertmanager = await startAlertmanager(dir, { webhookUrl, bearerToken: installation.sourceToken });
  prometheus = await startPrometheus(dir, {
    watched: watched.address,
    alertmanager: alertmanager.address,
    scrape: { job: "kubernetes-service-endpoints", labels: CHART_LABELS },
    rule: {
      alert: "KubernetesPodCrashLooping",
      expr: 'kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"} == 1',
      labels: { severity: "critical" },
    },
  });
});
afterAll(async () => {
  await Promise.all([prometheus?.stop(), alertmanager?.stop(), installation?.stop(), watched?.close()]);
  rmSync(dir, { recursive: true });
});

/** The pods that the storms of a namespace are about. */
async function podsIn(namespace: string): Promise<readonly (readonly string[])[]> {
  const requests = await requestsIn(namespace);
  expect(requests.every(isStorm)).toBe(true);
  return requests.map((request) =>
    provided(request)
      .storm.members.map(({ target }) => target)
      .concat(request.status?.storm?.members?.map((line) => line.split(" ")[1] ?? "") ?? []),
  );
}

describe("100 crash-looping pods in ten namespaces, told by a real Prometheus whose scrape adds a node,", () => {
  it("are ten storms of ten pods, and no node", { timeout: 60_000 }, async () => {
    watched.broken = true;
    for (const namespace of namespaces) {
      const pods = Array.from({ length: PODS }, (_, at) => `${namespace}:Pod:web-${at}`);
      const told = async () => (await podsIn(namespace)).map((targets) => [...new Set(targets)].sort());
      await expect.poll(told, { timeout: 30_000, interval: 250 }).toEqual([pods]);
    }
    expect(await alertmanager.counter("alertmanager_notifications_failed_total")).toBe(0);
  });
});
