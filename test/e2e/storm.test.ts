import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type Alertmanager, startAlertmanager } from "../support/prometheus.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import { type AlertLabels, counters } from "../support/sender.ts";
import { crowd, isStorm, tellingOf, told } from "../support/storms.ts";

let dir: string;
let namespace: string;
let installation: Installation;
let alertmanager: Alertmanager;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-storm-"));
  namespace = await freshNamespace();
  installation = await startInstallation({
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "1", STORM_JOIN_SECONDS: "10" },
  });
  const webhookUrl = new URL("/api/v1/signals/prometheus", installation.gateway.url).href;
  // The next part of a storm comes when no alert waits any more.
  const options = { webhookUrl, bearerToken: installation.sourceToken, groupInterval: "3s", repeatInterval: "1h" };
  alertmanager = await startAlertmanager(dir, options);
});
afterAll(async () => {
  await Promise.all([alertmanager?.stop(), installation?.stop()]);
  rmSync(dir, { recursive: true });
});

/** Tells Alertmanager of alerts as a Prometheus does. */
async function begin(alerts: readonly AlertLabels[]): Promise<void> {
  const startsAt = new Date().toISOString();
  const response = await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts.map((labels) => ({ labels: { severity: "warning", ...labels }, annotations: {}, startsAt }))),
  });
  expect(response.status).toBe(200);
}

const within = { timeout: 20_000, interval: 200 };
const received = async () => (await counters(installation.gateway)).gateway_alerts_received_total;
/** Notifications that were answered 2xx. */
const answered = () => alertmanager.output().match(/msg="Notify success"/g)?.length ?? 0;

describe("a storm that a real Alertmanager tells of in several notifications, further apart than an alert waits,", () => {
  it("is one request, with all that came first, all that came later, and a straggler", { timeout: 60_000 }, async () => {
    const all = crowd(40, { namespace, alertname: "NodeDown" });
    const parts = [all.slice(0, 12), all.slice(12, 39), all.slice(39)];
    for (const [at, part] of parts.entries()) {
      const before = answered();
      await begin(part);
      await expect.poll(answered, within).toBeGreaterThan(before);
      const [request, ...others] = await requestsIn(namespace);
      expect([request && isStorm(request), others], `after notification ${at + 1}`).toEqual([true, []]);
    }
    // Each notification tells of all that fire, so every alert that was received is an occurrence.
    const story = async () => ({ requests: (await requestsIn(namespace)).map(told), occurrences: await received() });
    const whole = async () => ({ requests: [tellingOf(all, (await received()) ?? 0)], occurrences: await received() });
    await expect.poll(async () => isDeepStrictEqual(await story(), await whole()), within).toBe(true);
    expect(await story()).toEqual(await whole());
    expect(await alertmanager.counter("alertmanager_notifications_failed_total")).toBe(0);
  });
});
