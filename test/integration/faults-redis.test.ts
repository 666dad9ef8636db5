import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { freePort } from "../support/free-port.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { countsIn } from "../support/requests.ts";
import { type Answer, alertOf, fire, post, webhookOf } from "../support/sender.ts";

/** A Redis that keeps what it has acknowledged, a bridge before it, and an installation on them. */
let dir: string;
let startRedis: () => Promise<void>;
let redis: RedisServer;
let bridge: BridgeProcess;
let installation: Installation;
let namespace: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-redis-"));
  const port = await freePort();
  startRedis = async () => {
    redis = await startRedisServer(dir, ["--port", `${port}`, "--appendonly", "yes", "--appendfsync", "always"]);
  };
  await startRedis();
  bridge = await startBridge(`redis://127.0.0.1:${port}`);
  installation = await startInstallation({ bridge, gateway: { CRD_PROXY_TIMEOUT_MS: "1000" } });
});
afterAll(async () => {
  await installation?.stop();
  await bridge?.stop();
  await redis?.stop();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  namespace = await freshNamespace();
});

/** As Alertmanager sends a group: sent again, it is the same delivery. */
const group = () => ({
  ...webhookOf(alertOf({ namespace }), alertOf({ namespace, pod: "checkout-2" })),
  groupKey: `{}:{namespace="${namespace}"}`,
});
/** In rising order: which fingerprint comes first depends on the namespace. */
const counted = (counts: readonly number[]) =>
  expect.poll(async () => (await countsIn(namespace)).sort((left, right) => left - right), { timeout: 20_000 }).toEqual(counts);
const isReady = async () => (await fetch(new URL("/ready", installation.gateway.url))).ok;

function expectUnavailable({ status, headers, body, tookMs }: Answer): void {
  expect([status, headers.get("content-type")]).toEqual([503, "application/problem+json"]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(body).toMatchObject({ status: 503, code: "ledger-unavailable" });
  expect(tookMs).toBeLessThan(10_000);
}

/** Sends the group until it is taken, as Alertmanager does. */
const deliver = () =>
  expect.poll(async () => (await post(installation, group())).status, { timeout: 15_000, interval: 200 }).toBeLessThan(300);

describe("while Redis is out of reach, a webhook is answered 503 and not ready, and sent again it is counted once:", () => {
  it("Redis was killed", async () => {
    await redis.stop("SIGKILL");
    expectUnavailable(await post(installation, group()));
    expect(await isReady()).toBe(false);
    await startRedis();
    await deliver();
    await counted([1, 1]);
    expect(await isReady()).toBe(true);
  });

  it("Redis hangs, and does what it was asked when nobody waits for it any more", async () => {
    process.kill(redis.pid, "SIGSTOP");
    expectUnavailable(await post(installation, group()));
    process.kill(redis.pid, "SIGCONT");
    await deliver();
    await counted([1, 1]);
  });

  it("the bridge is gone", async () => {
    process.kill(bridge.pid, "SIGSTOP");
    expectUnavailable(await post(installation, group()));
    process.kill(bridge.pid, "SIGCONT");
    await deliver();
    await counted([1, 1]);
  });
});

describe("a Redis that is killed and started again", () => {
  it("still knows which requests are open, and which are live", async () => {
    await installation.proxy.stop("SIGKILL");
    expect(await fire(installation, { namespace })).toMatchObject({ status: 202, result: { outcome: "accepted" } });
    await redis.stop("SIGKILL");
    await startRedis();
    await installation.proxy.start();
    await counted([1]);
    await redis.stop("SIGKILL");
    await startRedis();
    await deliver();
    await counted([1, 2]);
  });

  it("that has forgotten everything makes no second request", async () => {
    expect(await fire(installation, { namespace })).toMatchObject({ status: 201 });
    await redis.stop("SIGKILL");
    rmSync(join(dir, "appendonlydir"), { recursive: true });
    await startRedis();
    await deliver();
    await counted([1, 2]);
  });
});
