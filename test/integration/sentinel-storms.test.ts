import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isClean, judge, objectsIn } from "../support/checker.ts";
import { type Sent, sendAll } from "../support/faults/load.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { askApiServer, freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import { alertOf } from "../support/sender.ts";
import { startWatchedRedis, type WatchedRedis } from "../support/sentinel.ts";

let redis: WatchedRedis;
let installation: Installation;
let urls: readonly string[];
let namespace: string;

beforeEach(async () => {
  redis = await startWatchedRedis();
});
async function start(windowSeconds: number): Promise<void> {
  const gateway = { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: `${windowSeconds}` };
  installation = await startInstallation({ bridge: redis.bridge, gateway });
  urls = [installation.gateway.url, (await installation.addGateway({}, "node")).url];
  namespace = await freshNamespace();
}
afterEach(async () => {
  await installation?.stop();
  await redis?.stop();
});

/** Sends these members of a storm, each a delivery of its own, until all are taken. */
const send = (from: number, to: number): Promise<Sent> =>
  sendAll(
    Array.from({ length: to - from }, (_, n) => ({
      key: `${namespace}-${from + n}`,
      alerts: [alertOf({ namespace, alertname: "Storm", pod: `checkout-${from + n}` })],
    })),
    { urls, token: installation.sourceToken, atOnce: 8 },
  );
const outcomesOf = ({ taken }: Sent) => taken.flatMap(({ results }) => results.map(({ outcome }) => outcome)).sort();
const isBuffered = (sent: Sent | undefined) => sent?.taken.every(({ results }) => results.every(({ rung }) => rung !== "direct")) ?? false;
/** Whether every alert is in one live request and counted there. */
async function isRight(sent: readonly Sent[]): Promise<boolean> {
  const taken = sent.flatMap((one) => one.taken);
  const claims = { namespace, taken, losses: new Set<never>(), lostSinceMs: 0, lostUntilMs: 0, ledgerBroken: true };
  return isClean(judge(claims, await objectsIn({ askApi: askApiServer }, namespace)));
}

describe("a failover of Redis inside a window", { timeout: 120_000 }, () => {
  it("takes none of its alerts: each gets its own request when the window is over", async () => {
    await start(15);
    const sent = await send(0, 3);
    expect(outcomesOf(sent)).toEqual(["buffered", "buffered", "buffered"]);
    await redis.replicated();
    await redis.killMaster();
    await expect.poll(() => requestsIn(namespace), { timeout: 45_000 }).toHaveLength(3);
    const requests = await requestsIn(namespace);
    expect(requests.map(({ metadata }) => metadata.labels["breakwater.dev/buffered"])).toEqual(["true", "true", "true"]);
    await expect.poll(() => isRight([sent]), { timeout: 20_000 }).toBe(true);
  });

  it("leaves one storm, whoever sent its alerts to which gateway meanwhile, and each alert in one request", async () => {
    await start(45);
    const before = await send(0, 4);
    expect(outcomesOf(before)).toEqual(["buffered", "buffered", "buffered", "buffered"]);
    await redis.replicated();
    const [during] = await Promise.all([send(4, 60), redis.killMaster()]);
    expect(during.refused).toBe(0);
    const after: Sent[] = [];
    // Until both gateways rely on Redis again, what comes has requests of its own.
    while (!isBuffered(after.at(-1))) {
      after.push(await send(100 + 2 * after.length, 102 + 2 * after.length));
      await sleep(500);
    }
    after.push(await send(60, 80));
    await expect.poll(() => isRight([before, during, ...after]), { timeout: 60_000, interval: 500 }).toBe(true);
    const storms = (await requestsIn(namespace)).filter(({ spec }) => spec.isStorm);
    expect(storms).toHaveLength(1);
    expect(storms[0]?.status?.storm?.members?.length).toBeGreaterThanOrEqual(5);
  });
});
