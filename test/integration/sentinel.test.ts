import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import { alertOf, fire, post, webhookOf } from "../support/sender.ts";
import { startWatchedRedis, type WatchedRedis } from "../support/sentinel.ts";

let redis: WatchedRedis;
let installation: Installation;
let namespace: string;

beforeEach(async () => {
  redis = await startWatchedRedis();
  namespace = await freshNamespace();
});
const start = async (gateway: Readonly<Record<string, string>> = {}) => {
  installation = await startInstallation({ bridge: redis.bridge, gateway });
};
afterEach(async () => {
  await installation?.stop();
  await redis?.stop();
});

/** Sends an alert until it is taken, as Alertmanager does: sent again, it is the same delivery. */
async function deliver(pod: string, delivery: string): Promise<void> {
  const webhook = { ...webhookOf(alertOf({ namespace, pod })), groupKey: `{}:{delivery="${delivery}"}` };
  await expect.poll(async () => (await post(installation, webhook)).status, { timeout: 25_000, interval: 200 }).toBeLessThan(300);
}
/** In rising order. */
const counted = (counts: readonly number[]) =>
  expect.poll(async () => (await countsIn(namespace)).sort((left, right) => left - right), { timeout: 25_000 }).toEqual(counts);

describe("a Redis that Sentinels watch over", { timeout: 90_000 }, () => {
  it("goes on where its master was killed: what was replicated is known, and nothing is made twice", async () => {
    await start();
    expect(await fire(installation, { namespace })).toMatchObject({ result: { outcome: "created" } });
    await redis.replicated();
    await redis.killMaster();
    await deliver("checkout-1", "after the failover");
    await deliver("checkout-2", "new after the failover");
    await counted([1, 2]);
    expect(await requestsIn(namespace)).toHaveLength(2);
  });

  it("is followed to its new master where the old one stays as a replica, which takes no writes", async () => {
    await start();
    expect(await fire(installation, { namespace })).toMatchObject({ result: { outcome: "created" } });
    await redis.replicated();
    await redis.switchOver();
    await deliver("checkout-1", "after the switch");
    await counted([2]);
  });

  it("acknowledges nothing that only its master has, where a replica has to have it: that goes to Kubernetes at once", async () => {
    await start({ REDIS_WAIT_REPLICAS: "1", ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "15" });
    await redis.replicated();
    expect(await fire(installation, { namespace })).toMatchObject({ result: { outcome: "buffered" } });
    await redis.replica("SIGSTOP");
    expect(await fire(installation, { namespace, pod: "checkout-2" })).toMatchObject({ result: { outcome: "created", rung: "direct" } });
    const later = { namespace, alertname: "WhileItLags" };
    expect(await fire(installation, later)).toMatchObject({ result: { outcome: "created", rung: "direct", occurrenceCount: 1 } });
    await redis.replica("SIGCONT");
    let last = 2;
    const next = async () => (await fire(installation, { namespace, alertname: `Alert${++last}` })).result;
    await expect.poll(next, { timeout: 15_000, interval: 500 }).toMatchObject({ outcome: "buffered" });
    // The ledger never heard of it, so nothing of it waits there.
    expect(await fire(installation, later)).toMatchObject({ result: { outcome: "buffered", occurrenceCount: 1 } });
    const acknowledged = await next();
    expect(acknowledged?.outcome).toBe("buffered");
    await redis.killMaster();
    const madeFor = async () => (await requestsIn(namespace)).map(({ spec }) => spec.signalFingerprint);
    await expect.poll(madeFor, { timeout: 45_000, interval: 500 }).toContain(acknowledged?.fingerprint);
  });
});
