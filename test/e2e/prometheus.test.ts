import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Installation, startInstallation } from "../support/installation.ts";
import type { Started } from "../support/process.ts";
import { type Alertmanager, openWatched, startAlertmanager, startPrometheus, type Watched } from "../support/prometheus.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";

let dir: string;
let namespace: string;
let installation: Installation;
let watched: Watched;
let alertmanager: Alertmanager;
let prometheus: Started;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-prometheus-"));
  namespace = await freshNamespace();
  // Repeats come every 2 s here, and each is to be an occurrence of its own.
  installation = await startInstallation({ gateway: { DELIVERY_TTL_SECONDS: "1" } });
  watched = await openWatched("shop_broken", { namespace, deployment: "checkout" });
  const webhookUrl = new URL("/api/v1/signals/prometheus", installation.gateway.url).href;
  alertmanager = await startAlertmanager(dir, { webhookUrl, bearerToken: installation.sourceToken });
  prometheus = await startPrometheus(dir, {
    watched: watched.address,
    alertmanager: alertmanager.address,
    rule: { alert: "ShopBroken", expr: "shop_broken == 1", labels: { severity: "critical" } },
  });
});
afterAll(async () => {
  await Promise.all([prometheus?.stop(), alertmanager?.stop(), installation?.stop(), watched?.close()]);
  rmSync(dir, { recursive: true });
});

/** What the only request of the namespace counts, and since when it is resolved. */
async function story(): Promise<{ readonly count: number; readonly resolvedAt: string | undefined }> {
  const requests = await requestsIn(namespace);
  expect(requests.length).toBeLessThan(2);
  const { occurrenceCount = requests.length, resolvedAt } = requests[0]?.status?.deduplication ?? {};
  return { count: occurrenceCount, resolvedAt };
}
const count = async () => (await story()).count;
const within = { timeout: 30_000, interval: 250 };

describe("an alert of a real Prometheus, sent by a real Alertmanager,", () => {
  it("makes one request, which counts every notification until it is resolved, over a restart of the gateway", {
    timeout: 120_000,
  }, async () => {
    watched.broken = true;
    await expect.poll(count, within).toBeGreaterThan(2);
    const [request] = await requestsIn(namespace);
    expect(request?.spec).toMatchObject({
      signalName: "ShopBroken",
      severity: "critical",
      priority: "P1",
      signalSource: "test",
      signalLabels: { namespace, deployment: "checkout" },
    });

    await installation.gateway.stop();
    const before = await count();
    await installation.gateway.start();
    await expect.poll(count, within).toBeGreaterThan(before + 1);

    watched.broken = false;
    await expect.poll(async () => (await story()).resolvedAt, within).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect((await requestsIn(namespace)).map(({ metadata }) => metadata.uid)).toEqual([request?.metadata.uid]);

    const resolves = 1;
    const notified = await alertmanager.counter("alertmanager_notifications_total");
    await expect.poll(count, within).toBe(notified - resolves);
    expect(await alertmanager.counter("alertmanager_notifications_failed_total")).toBe(0);
    expect(alertmanager.output().match(/msg="Notify success"/g)).toHaveLength(notified);
    expect(alertmanager.output()).not.toContain("level=error");
  });
});
