import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METRICS } from "../../src/metrics/table.ts";
import { type Installation, READ_TOKEN, startInstallation } from "../support/installation.ts";
import type { Part } from "../support/part.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { alertOf, fire, post, webhookOf } from "../support/sender.ts";

let installation: Installation;
let gateways: readonly Part[];
let namespace: string;

beforeAll(async () => {
  installation = await startInstallation();
  gateways = [installation.gateway, await installation.addGateway({}, "node")];
  namespace = await freshNamespace();
});
afterAll(() => installation?.stop());

/** Sends through each gateway in turn. */
const through = (at: number) => ({ gateway: gateways[at % gateways.length] as Part, sourceToken: installation.sourceToken });

/** Every series of a gateway but for ages, which grow while they are read. */
async function series({ url }: Part): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(new URL("/metrics", url), { headers: { authorization: `Bearer ${READ_TOKEN}` } });
  const samples = (await response.text()).matchAll(/^(?!gateway_intents_oldest)(\w+\{[^}]*\}) (\S+)$/gm);
  return Object.fromEntries([...samples].map(([, name = "", value]) => [name.replace(/cluster="[^"]*",?/, ""), Number(value)]));
}

/** Whether a ledger counts it. */
const isLedgers = (name: string): boolean => METRICS.some((metric) => metric.name === name && metric.movedBy.startsWith("ledger"));

describe("two gateways on one Redis", () => {
  it("tell the same exact totals, whichever of them decided, and although a third has gone", async () => {
    const third = await installation.addGateway({});
    const last = { gateway: third, sourceToken: installation.sourceToken };
    expect(await fire(last, { namespace, pod: "pod-0" })).toMatchObject({ status: 201 });
    await third.stop();
    await Promise.all(Array.from({ length: 40 }, (_, at) => fire(through(at), { namespace, pod: `pod-${at % 4}` })));
    const delivery = {
      ...webhookOf(alertOf({ namespace, pod: "pod-1" }), { status: "unheard-of" }),
      groupKey: "{}:{}",
      truncatedAlerts: 3,
    };
    await Promise.all([0, 1, 2, 3].map((at) => post(through(at), delivery)));
    await post(through(1), webhookOf(alertOf({ namespace, alertname: "Watchdog", severity: "none" })));
    await post(through(0), webhookOf(alertOf({ namespace, pod: "pod-1" }, "resolved")));
    const expected = {
      "gateway_alerts_received_total{}": 45,
      "gateway_crds_created_total{}": 4,
      "gateway_deduplication_cache_hits_total{}": 38,
      "gateway_deduplication_cache_misses_total{}": 4,
      "gateway_alerts_quarantined_total{}": 1,
      "gateway_truncated_alerts_total{}": 3,
      "gateway_crd_collision_errors_total{}": 0,
      'gateway_alert_outcomes_total{source="test",outcome="accepted",rung="cache"}': 4,
      'gateway_alert_outcomes_total{source="test",outcome="ignored",rung="cache"}': 1,
      'gateway_alert_outcomes_total{source="test",outcome="resolved",rung="cache"}': 1,
      "gateway_intents_open{}": 0,
      'gateway_dead_letters{kind="invalid"}': 1,
    };
    for (const gateway of gateways) await expect.poll(() => series(gateway), { timeout: 15_000 }).toMatchObject(expected);
    const updates = async () => (await series(installation.gateway))["gateway_crd_update_success_total{}"];
    await expect.poll(updates, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
    const differ = async () => {
      const [one, other] = await Promise.all(gateways.map(series));
      const shared = Object.keys({ ...one, ...other }).filter((name) => isLedgers(name.replace(/\{.*/, "")));
      return shared.filter((name) => one?.[name] !== other?.[name]);
    };
    // Another write may be counted between the two looks.
    await expect.poll(differ).toEqual([]);
    const seen = (await series(installation.gateway))["gateway_watchdog_last_seen_seconds{}"];
    expect(seen).toBeGreaterThan(Date.now() / 1_000 - 60);
  });
});
