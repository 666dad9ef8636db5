import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type Alertmanager, startAlertmanager } from "../support/prometheus.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";

/** Two replicas of an Alertmanager that gossip, a third one that is cut off from them, and a front where the gateway fails them. */
let dir: string;
let namespace: string;
let installation: Installation;
let front: Front;
let gossiping: readonly Alertmanager[];
let cutOff: Alertmanager;

/** How the gateway fails those that gossip, until both have come: it refuses them, or keeps them waiting. */
let failing: "refuses" | "delays" | null = null;
/** Who has come since the last change of the alerts. */
let came = new Set<string>();
/** Who was answered 2xx since the last change of the alerts. */
let delivered = new Set<string>();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-ha-"));
  namespace = await freshNamespace();
  installation = await startInstallation();
  front = await openFront({
    target: () => installation.gateway.url,
    async answer({ body }, pass) {
      const { externalURL } = JSON.parse(body) as { externalURL: string };
      const refused = failing === "refuses" && came.size < 2;
      came.add(externalURL);
      if (refused) return new Response(null, { status: 503 });
      const answer = await pass();
      const everybody = came;
      while (failing === "delays" && everybody.size < 2) await sleep(50);
      if (answer.ok) delivered.add(externalURL);
      return answer;
    },
  });
  const webhookUrl = new URL("/api/v1/signals/prometheus", front.url).href;
  const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const start = (address: string, peers: readonly string[]) =>
    startAlertmanager(mkdtempSync(join(dir, "replica-")), {
      webhookUrl,
      bearerToken: installation.sourceToken,
      repeatInterval: "1h",
      cluster: { address, peers },
    });
  const pair = addresses.slice(0, 2);
  [...gossiping] = await Promise.all(pair.map((address) => start(address, pair)));
  cutOff = await start(addresses[2] as string, []);
});
afterAll(async () => {
  await Promise.all([...(gossiping ?? []), cutOff].map((replica) => replica?.stop()));
  await front?.close();
  await installation?.stop();
  rmSync(dir, { recursive: true });
});
const startsAt = new Date(Date.now() - 60_000).toISOString();

/** Tells replicas of the alerts of some containers as two Prometheus servers do, each all of them. */
async function tell(replicas: readonly Alertmanager[], alertname: string, containers: readonly string[], endsAt?: string): Promise<void> {
  [came, delivered] = [new Set(), new Set()];
  const labels = { alertname, namespace, pod: "checkout-1", severity: "critical" };
  for (const server of ["prometheus-0", "prometheus-1"])
    for (const { address } of replicas) {
      const told = { annotations: {}, startsAt, generatorURL: `http://${server}.example.com/graph`, ...(endsAt && { endsAt }) };
      const response = await fetch(`http://${address}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(containers.map((container) => ({ ...told, labels: { ...labels, container } }))),
      });
      expect(response.status).toBe(200);
    }
}

const within = { timeout: 20_000, interval: 100 };

/** What the requests of an alert count, and whether they are resolved. */
async function story(alertname: string): Promise<(readonly [number, boolean])[]> {
  const own = (await requestsIn(namespace)).filter(({ spec }) => spec.signalName === alertname);
  return own.map(({ status }) => [status?.deduplication?.occurrenceCount ?? 1, status?.deduplication?.resolvedAt !== undefined]);
}

/** One container's alert, a second one's of the same pod, and the end of both: two occurrences, whoever sends them how often. */
async function live(alertname: string, replicas: readonly Alertmanager[], deliveries: number): Promise<void> {
  const heard = () => expect.poll(() => delivered.size, within).toBeGreaterThanOrEqual(deliveries);
  const told = (count: number, resolved: boolean) => expect.poll(() => story(alertname), within).toEqual([[count, resolved]]);
  await tell(replicas, alertname, ["app"]);
  await heard();
  await told(1, false);
  await tell(replicas, alertname, ["sidecar"]);
  await heard();
  await told(2, false);
  await tell(replicas, alertname, ["app", "sidecar"], new Date().toISOString());
  await heard();
  await told(2, true);
}

describe("replicas of a real Alertmanager make one request, which counts what one of them alone would have told,", {
  timeout: 60_000,
}, () => {
  it("where all goes well, and one of them tells", async () => {
    failing = null;
    await live("Healthy", gossiping, 1);
  });

  it("where the gateway answers 503 at first, and each repeats until it was heard", async () => {
    failing = "refuses";
    await live("Refused", gossiping, 2);
  });

  it("where the gateway's answer takes longer than a replica waits for the one before it", async () => {
    failing = "delays";
    await live("Slow", gossiping, 2);
  });

  it("where one is cut off from the others", async () => {
    failing = null;
    await live("CutOff", [...gossiping, cutOff], 2);
  });
});
