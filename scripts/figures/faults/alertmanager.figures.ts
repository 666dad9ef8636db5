import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { objectsIn } from "../../../test/support/checker.ts";
import { type FaultBench, startFaultBench } from "../../../test/support/faults/bench.ts";
import { type Alertmanager, startAlertmanager } from "../../../test/support/prometheus.ts";
import { pause } from "../bench.ts";
import { report } from "../figure.ts";
import { tell } from "../progress.ts";

// A real Alertmanager with alerts of many groups while Redis and the API server are both away for four minutes: it keeps trying, and when they are
// back every alert has its one request.

const AWAY_MS = 240_000;
const GROUPS = 40;
const ALERTS_OF_GROUP = 5;

let dir: string;
let bench: FaultBench;
let alertmanager: Alertmanager;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-away-"));
  bench = await startFaultBench({ own: true, random: Math.random });
  alertmanager = await startAlertmanager(dir, {
    webhookUrl: new URL("/api/v1/signals/prometheus", bench.gateways[0].url).href,
    bearerToken: bench.installation.sourceToken,
    repeatInterval: "1h",
  });
});
afterAll(async () => {
  await alertmanager?.stop();
  await bench?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function raise(namespace: string): Promise<void> {
  const startsAt = new Date().toISOString();
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const alerts = Array.from({ length: GROUPS * ALERTS_OF_GROUP }, (_, n) => ({
    labels: { alertname: `LoneAway${n % GROUPS}`, namespace, pod: `checkout-${n}`, severity: "critical" },
    annotations: {},
    startsAt,
    endsAt,
  }));
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(alerts) };
  const { status } = await fetch(`http://${alertmanager.address}/api/v2/alerts`, init);
  if (status !== 200) throw new Error(`Alertmanager answered ${status}`);
}

it("both stores away for four minutes", { timeout: 900_000 }, async (context) => {
  const namespace = await bench.namespace();
  await bench.redis.kill();
  bench.kubernetes.cut();
  await raise(namespace);
  await pause(AWAY_MS);
  const failed = await alertmanager.counter("alertmanager_notification_requests_failed_total");
  const early = (await objectsIn(bench, namespace)).length;
  await bench.redis.start();
  bench.kubernetes.open();
  const mendedMs = performance.now();
  const all = GROUPS * ALERTS_OF_GROUP;
  let made = 0;
  while (made < all && performance.now() - mendedMs < 420_000) {
    await pause(500);
    made = new Set((await objectsIn(bench, namespace)).map(({ spec }) => spec.signalFingerprint)).size;
  }
  const tookMs = performance.now() - mendedMs;
  tell(`Alertmanager: ${made} of ${all} after ${Math.round(tookMs)} ms, ${failed} failed requests, ${early} requests meanwhile`);
  const objects = await objectsIn(bench, namespace);
  report(context, [
    { name: "stores_away", value: AWAY_MS / 1_000, unit: "s" },
    { name: "stores_away_failed_notifications", value: failed, unit: "requests", bar: { atLeast: 1 } },
    { name: "stores_away_lost", value: all - made, unit: "alerts", bar: { atMost: 0 } },
    { name: "stores_away_doubled_live", value: objects.length - made, unit: "requests", bar: { atMost: 0 } },
    { name: "stores_away_recovery", value: tookMs / 1_000, unit: "s" },
  ]);
});
