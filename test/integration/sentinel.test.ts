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
  installation = await startInstallation({ bridge: redis.bridge });
  namespace = await freshNamespace();
});
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
    expect(await fire(installation, { namespace })).toMatchObject({ result: { outcome: "created" } });
    await redis.replicated();
    await redis.killMaster();
    await deliver("checkout-1", "after the failover");
    await deliver("checkout-2", "new after the failover");
    await counted([1, 2]);
    expect(await requestsIn(namespace)).toHaveLength(2);
  });

  it("is followed to its new master where the old one stays as a replica, which takes no writes", async () => {
    expect(await fire(installation, { namespace })).toMatchObject({ result: { outcome: "created" } });
    await redis.replicated();
    await redis.switchOver();
    await deliver("checkout-1", "after the switch");
    await counted([2]);
  });
});
