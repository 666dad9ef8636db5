import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import { type Answer, alertOf, fire, post, webhookOf } from "../support/sender.ts";

/** A Redis that keeps what it has acknowledged, a bridge before it, and an installation on them. */
let redis: OwnRedis;
let installation: Installation;
let namespace: string;

beforeAll(async () => {
  redis = await startOwnRedis({ durable: true });
  installation = await startInstallation({ bridge: redis.bridge });
});
afterAll(async () => {
  await installation?.stop();
  await redis?.stop();
});
beforeEach(async () => {
  namespace = await freshNamespace();
});

/** As Alertmanager sends a group: sent again, it is the same delivery. */
const group = (delivery = "a") => ({
  ...webhookOf(alertOf({ namespace }), alertOf({ namespace, pod: "checkout-2" })),
  groupKey: `{}:{namespace="${namespace}",delivery="${delivery}"}`,
});
/** In rising order: which fingerprint comes first depends on the namespace. */
const counted = (counts: readonly number[]) =>
  expect.poll(async () => (await countsIn(namespace)).sort((left, right) => left - right), { timeout: 20_000 }).toEqual(counts);
const isReady = async () => (await fetch(new URL("/ready", installation.gateway.url))).ok;
const rungOf = ({ body }: Answer) => (body as { results?: readonly { readonly rung: string }[] }).results?.map(({ rung }) => rung);

/** Sends a group until the ledger decides it. */
const decidedByLedger = (delivery: string) =>
  expect.poll(async () => rungOf(await post(installation, group(delivery))), { timeout: 40_000, interval: 500 }).not.toContain("direct");

const freeze = (pid: number) => {
  process.kill(pid, "SIGSTOP");
  return async () => void process.kill(pid, "SIGCONT");
};

/** Each breaks something and returns what mends it. */
const OUTAGES: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  "Redis was killed": async () => {
    await redis.kill();
    return () => redis.start();
  },
  "Redis hangs": async () => {
    redis.freeze();
    return async () => redis.thaw();
  },
  "the bridge hangs": async () => freeze(redis.bridge.pid),
  "Redis takes no writes": async () => {
    await redis.readOnly(true);
    return () => redis.readOnly(false);
  },
  "Redis has no memory left": async () => {
    await redis.full(true);
    return () => redis.full(false);
  },
};

describe("while Redis is out of reach, alerts have their requests and counts all the same, and the gateway is ready:", () => {
  it.each(Object.keys(OUTAGES))("%s", { timeout: 90_000 }, async (name) => {
    const mend = await OUTAGES[name]?.();
    const answer = await post(installation, group());
    expect([answer.status, rungOf(answer)]).toEqual([201, ["direct", "direct"]]);
    expect(answer.tookMs).toBeLessThan(10_000);
    expect(await isReady()).toBe(true);
    expect((await post(installation, group())).status).toBe(201);
    expect((await post(installation, group("b"))).status).toBe(202);
    await counted([2, 2]);
    await mend?.();
    await decidedByLedger("c");
    expect((await requestsIn(namespace)).length).toBe(2);
    // What hung may have done what it was asked when nobody waited any more: over, never under.
    await expect.poll(async () => Math.min(...(await countsIn(namespace))), { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  });
});

it("a proxy that is told to stop while Redis is away first writes what it has counted", { timeout: 60_000 }, async () => {
  await redis.kill();
  for (const delivery of ["a", "b", "c"]) expect((await post(installation, group(delivery))).status).toBeLessThan(300);
  await installation.proxy.stop("SIGTERM");
  expect(await countsIn(namespace)).toEqual([3, 3]);
  await Promise.all([redis.start(), installation.proxy.start()]);
});

describe("without Redis and without the proxy", () => {
  const deliver = () =>
    expect.poll(async () => (await post(installation, group())).status, { timeout: 25_000, interval: 500 }).toBeLessThan(300);

  it("a webhook is answered 503 soon and the gateway is not ready, and sent again it counts once", { timeout: 60_000 }, async () => {
    await Promise.all([redis.kill(), installation.proxy.stop("SIGKILL")]);
    const { status, headers, body, tookMs } = await post(installation, group());
    expect([status, headers.get("content-type"), body]).toMatchObject([503, "application/problem+json", { code: "ledger-unavailable" }]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(2_000);
    expect(await isReady()).toBe(false);
    await Promise.all([redis.start(), installation.proxy.start()]);
    await deliver();
    await counted([1, 1]);
    expect(await isReady()).toBe(true);
  });

  it("no answer takes 10 s where both hang, and in the end each alert has one request", { timeout: 90_000 }, async () => {
    await decidedByLedger("before");
    redis.freeze();
    installation.proxy.signal("SIGSTOP");
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => fire(installation, { namespace, pod: `frozen-${n}` })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(10_000);
    redis.thaw();
    installation.proxy.signal("SIGCONT");
    await deliver();
    await expect.poll(() => redis.owed(installation.cluster), { timeout: 30_000 }).toBe(0);
    const fingerprints = (await requestsIn(namespace)).map(({ spec }) => spec.signalFingerprint);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});

describe("a Redis that is killed and started again", () => {
  it("still knows which requests are open, and which are live", { timeout: 60_000 }, async () => {
    await decidedByLedger("before");
    await installation.proxy.stop("SIGKILL");
    expect(await fire(installation, { namespace, pod: "open" })).toMatchObject({ status: 202, result: { outcome: "accepted" } });
    await redis.kill();
    await redis.start();
    await installation.proxy.start();
    await expect.poll(async () => (await requestsIn(namespace)).length, { timeout: 20_000 }).toBe(3);
    await redis.kill();
    await redis.start();
    await expect
      .poll(async () => (await fire(installation, { namespace, pod: "open" })).result?.rung, { timeout: 20_000 })
      .not.toBe("direct");
    expect(await requestsIn(namespace)).toHaveLength(3);
  });

  it("that has forgotten everything makes no second request", async () => {
    await decidedByLedger("before");
    await redis.forget();
    await decidedByLedger("after");
    const areCounted = async () => {
      const counts = await countsIn(namespace);
      return counts.length > 0 && counts.every((count) => count >= 2);
    };
    await expect.poll(areCounted, { timeout: 20_000 }).toBe(true);
    expect(await requestsIn(namespace)).toHaveLength(2);
  });
});
