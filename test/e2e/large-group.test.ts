import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type Alertmanager, startAlertmanager } from "../support/prometheus.ts";
import { freshNamespace, realParts } from "../support/real-parts.ts";
import { type RequestObject, requestsIn } from "../support/requests.ts";
import { type AlertLabels, counters } from "../support/sender.ts";
import { crowd, isStorm, lineOf, told } from "../support/storms.ts";

const NAMESPACES = 4;
const PODS = 5_000;
const ALERTS = NAMESPACES * PODS;

/** With it an alert has some 420 bytes in the webhook, and all have 8 MiB. */
const ANNOTATIONS = { summary: "Pod is not ready for 15 minutes.", runbook_url: "https://runbooks.example.com/pod" };

/** Added to each call of Redis until the gateway has answered 503 once. It calls once for 500 alerts, so the first sending fails on any machine. */
const REDIS_DELAY_MS = 200;

let dir: string;
let namespaces: readonly string[];
let redisFront: Front;
let isRedisSlow = true;
let installation: Installation;
let alertmanager: Alertmanager;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-large-group-"));
  namespaces = await Promise.all(Array.from({ length: NAMESPACES }, () => freshNamespace()));
  const { bridgeUrl, bridgeToken } = realParts();
  const slowly = (pass: () => Promise<Response>) => new Promise((resolve) => setTimeout(resolve, REDIS_DELAY_MS)).then(pass);
  redisFront = await openFront({ target: () => bridgeUrl, answer: (_, pass) => (isRedisSlow ? slowly(pass) : pass()) });
  installation = await startInstallation({
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "2" },
    bridge: { url: redisFront.url, token: bridgeToken },
  });
  const webhookUrl = new URL("/api/v1/signals/prometheus", installation.gateway.url).href;
  // Alertmanager has all alerts before it sends the group. It tries for five minutes, as by default, and sends nothing after that.
  const times = { groupWait: "10s", groupInterval: "5m", repeatInterval: "1h" };
  alertmanager = await startAlertmanager(dir, { webhookUrl, bearerToken: installation.sourceToken, ...times });
});
afterAll(async () => {
  await Promise.all([alertmanager?.stop(), installation?.stop()]);
  await redisFront?.close();
  rmSync(dir, { recursive: true });
});

/** Alerts that have the same name and are about different pods. */
const alertsIn = (namespace: string): AlertLabels[] =>
  crowd(PODS, { namespace, alertname: "KubePodNotReady", severity: "warning", job: "kube-state-metrics" });

/** Tells Alertmanager of them as Prometheus does. */
async function begin(alerts: readonly AlertLabels[], startsAt: string): Promise<void> {
  const response = await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts.map((labels) => ({ labels, annotations: ANNOTATIONS, startsAt }))),
  });
  expect(response.status).toBe(200);
}

const refused = () => alertmanager.counter("alertmanager_notification_requests_failed_total");
const answered = () => /msg="Notify success"/.test(alertmanager.output());
const received = async () => (await counters(installation.gateway)).gateway_alerts_received_total ?? 0;

/** What a storm's request shows: the ids are never cut, the names behind them may be. */
function shown(request: RequestObject) {
  const { members, alerts, count } = told(request);
  return { isStorm: isStorm(request), ids: members.map((line) => line.slice(0, 16)), alerts, count };
}

/** What a request shows that has taken all alerts of a namespace, each once. */
const whole = (namespace: string): ReturnType<typeof shown> => ({
  isStorm: true,
  ids: alertsIn(namespace)
    .map((labels) => lineOf(labels).slice(0, 16))
    .sort(),
  alerts: PODS,
  count: PODS,
});

describe("20,000 alerts in one notification of a real Alertmanager", () => {
  it("are all in storms after its retries, each counted once, and each retry gets further", { timeout: 480_000 }, async () => {
    const startsAt = new Date().toISOString();
    for (const namespace of namespaces) await begin(alertsIn(namespace), startsAt);

    // What had been received when so many sendings were refused: the last look before the next one.
    const progress = new Map<number, number>();
    const look = async () => {
      const sendings = await refused();
      const alerts = await received();
      isRedisSlow = sendings === 0;
      if (sendings === (await refused())) progress.set(sendings, alerts);
      return answered();
    };
    await expect.poll(look, { timeout: 330_000, interval: 250 }).toBe(true);
    expect(isRedisSlow, "a sending was refused").toBe(false);
    const steps = [...progress.values()];
    expect(steps, "each sending gets further").toEqual([...new Set(steps)].sort((left, right) => left - right));
    expect(await alertmanager.counter("alertmanager_notifications_failed_total")).toBe(0);
    expect(await received()).toBe(ALERTS);

    for (const namespace of namespaces) {
      const storms = async () => (await requestsIn(namespace)).map(shown);
      const counts = async () => (await storms()).map(({ ids, alerts, count }) => [ids.length, alerts, count]);
      await expect.poll(counts, { timeout: 60_000, interval: 1_000 }).toEqual([[PODS, PODS, PODS]]);
      expect(await storms()).toEqual([whole(namespace)]);
    }
    expect(await received()).toBe(ALERTS);
  });
});
