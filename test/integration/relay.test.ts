import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { SESSION_ALIVE_MS } from "../../src/domain/ledger-limits.ts";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { type Call, type Front, openFront } from "../support/front.ts";
import { type Installation, relaySettings, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import type { Part } from "../support/part.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { untilRelayed } from "../support/relaying.ts";
import { deleteRequest, type RequestObject, requestsIn, setPhase } from "../support/requests.ts";
import { type AlertResult, fire } from "../support/sender.ts";

/**
 * The gateway calls one proxy; the relay is in another, which has a way to Redis of its own: what a test breaks there, nothing else feels.
 * `vouched` believes a state only while a relay vouches for it; `trusting` believes for 5 min what it was told last.
 */
let own: OwnRedis;
let relayBridge: BridgeProcess;
let redisFront: Front;
let proxyFront: Front;
let installation: Installation;
let vouched: Parameters<typeof fire>[0];
let trusting: Parameters<typeof fire>[0];
let relay: Part;
let namespace: string;

/** What of the relay's calls to Redis is lost. */
let loses: (call: Call) => boolean = () => false;
/** Whether counts are written: who writes one sees what its request has come to. */
let writes = true;
/** What its answers wait for. */
let answering: Promise<void> = Promise.resolve();

const namespaces: string[] = [];
const TESTS_MAX = 12;

beforeAll(async () => {
  own = await startOwnRedis();
  relayBridge = await startBridge(own.url);
  redisFront = await openFront({
    target: () => relayBridge.url,
    answer: async (call, pass) => (loses(call) ? new Response("lost", { status: 502 }) : pass()),
  });
  proxyFront = await openFront({
    target: () => installation.proxy.url,
    async answer({ body }, pass) {
      if (!writes && body.includes('"record"')) return new Response("lost", { status: 502 });
      const answer = await pass();
      await answering;
      return answer;
    },
  });
  for (let made = 0; made < TESTS_MAX; made++) namespaces.push(await freshNamespace());
  installation = await startInstallation({
    bridge: own.bridge,
    proxies: [{}, relaySettings({ ...relayBridge, url: redisFront.url }, namespaces)],
    gateway: { CRD_PROXY_URL: proxyFront.url, DEDUP_STATE_TTL_SECONDS: "0" },
  });
  const { sourceToken, gateway, proxies } = installation;
  vouched = { gateway, sourceToken };
  trusting = { gateway: await installation.addGateway({ DEDUP_STATE_TTL_SECONDS: "300" }), sourceToken };
  relay = proxies[1] as Part;
});
afterAll(async () => {
  await installation?.stop();
  await redisFront?.close();
  await proxyFront?.close();
  await relayBridge?.stop();
  await own?.stop();
});
beforeEach(async () => {
  [loses, writes] = [() => false, true];
  await untilRelayed(vouched, namespaces[0] as string);
  namespace = namespaces.pop() as string;
});

const soon = { timeout: 1_000, interval: 50 };
const later = { timeout: 25_000, interval: 250 };
const rungOf = async () => (await fire(vouched, { namespace })).result?.rung;
const phasesOf = async () => (await requestsIn(namespace)).map(({ status }) => status?.overallPhase ?? "");

/** The request of this namespace's first alert, which the relay vouches for. */
async function firstRequest(): Promise<RequestObject> {
  expect(await fire(vouched, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", rung: "kubernetes" } });
  await expect.poll(rungOf, soon).toBe("relay");
  const [request] = await requestsIn(namespace);
  return request as RequestObject;
}

/** The same, with all that was counted so far in its status. */
async function writtenRequest(): Promise<RequestObject> {
  const request = await firstRequest();
  await expect.poll(() => own.owed(installation.cluster), later).toBe(0);
  return request;
}

/** The ledger knows that a request has ended. */
async function told({ spec }: RequestObject): Promise<void> {
  const episode = keysOf(installation.cluster).episode(spec.signalFingerprint);
  await expect.poll(() => own.redis.hget(episode, "state"), soon).toBe("ended");
}

/** Makes every heartbeat so far older. */
async function age(ms: number): Promise<void> {
  const { sessions } = keysOf(installation.cluster);
  for (const session of await own.redis.hkeys(sessions)) await own.redis.hincrby(sessions, session, -ms);
}

describe("a relay", () => {
  it("vouches for a request over many repeats, without a look at Kubernetes", async () => {
    await firstRequest();
    const answers = await Promise.all(Array.from({ length: 20 }, () => fire(vouched, { namespace })));
    expect(answers.map(({ result }) => [result?.outcome, result?.rung])).toEqual(answers.map(() => ["duplicate", "relay"]));
  });

  it.each(["Completed", "Failed", "TimedOut"])(
    "tells within a second that a request is %s, so that the next alert makes a new one",
    async (phase) => {
      const request = await firstRequest();
      await setPhase(request, phase);
      await told(request);
      expect(await fire(trusting, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", reason: "request-ended" } });
      expect(await phasesOf()).toEqual([phase, ""]);
    },
  );

  it("tells within a second that a request was deleted, so that the next alert makes a new one", async () => {
    await fire(trusting, { namespace });
    const [request] = (await requestsIn(namespace)) as [RequestObject];
    await deleteRequest(request);
    await told(request);
    expect(await fire(trusting, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", reason: "request-ended" } });
    expect(await requestsIn(namespace)).toHaveLength(1);
  });

  it("makes a request known, and its end, before the proxy that made it has answered", async () => {
    let release = () => {};
    answering = new Promise((resolve) => {
      release = resolve;
    });
    const first = fire(vouched, { namespace });
    const bound = async () => (await fire(trusting, { namespace })).result;
    await expect.poll(bound, soon).toMatchObject({ outcome: "duplicate", reason: "request-live", rung: "relay" });
    const [request] = (await requestsIn(namespace)) as [RequestObject];
    await setPhase(request, "Completed");
    await told(request);
    release();
    answering = Promise.resolve();
    expect((await first).status).toBeLessThan(300);
    // The answer says that the request is live, as it was when it was made.
    await sleep(500);
    expect(await fire(trusting, { namespace })).toMatchObject({ status: 201, result: { outcome: "created" } });
    expect(await phasesOf()).toEqual(["Completed", ""]);
  });
});

describe("while a relay does not reach Redis", () => {
  it("nobody believes it for longer than 45 s, and it vouches again afterwards", async () => {
    const request = await firstRequest();
    process.kill(relayBridge.pid, "SIGSTOP");
    await age(SESSION_ALIVE_MS);
    expect(await rungOf()).toBe("kubernetes");
    await setPhase(request, "Completed");
    expect(await fire(vouched, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", rung: "kubernetes" } });
    process.kill(relayBridge.pid, "SIGCONT");
    await expect.poll(rungOf, later).toBe("relay");
    expect(await phasesOf()).toEqual(["Completed", ""]);
  });

  it("it does not vouch for what it could not tell", { timeout: 60_000 }, async () => {
    const request = await writtenRequest();
    writes = false;
    loses = ({ body }) => body.includes(":episode:");
    await setPhase(request, "Completed");
    // A heartbeat is good for so long from here on, and the next one is due 20 s after it.
    const leftMs = 25_000;
    const startedMs = performance.now();
    await age(SESSION_ALIVE_MS - leftMs);
    let result: AlertResult | undefined;
    do {
      result = (await fire(vouched, { namespace })).result;
      await sleep(250);
    } while (result?.rung === "relay" && performance.now() - startedMs < 2 * leftMs);
    expect(performance.now() - startedMs).toBeLessThan(leftMs + 1_000);
    expect(result).toMatchObject({ rung: "cache", reason: "request-pending" });
    writes = true;
    loses = () => false;
    await expect.poll(rungOf, later).toBe("relay");
    expect(await phasesOf()).toEqual(["Completed", ""]);
  });
});

describe("a relay that was killed", () => {
  it("leaves the repeats to looks at Kubernetes, and vouches again once it is back", async () => {
    await firstRequest();
    await relay.stop("SIGKILL");
    await age(SESSION_ALIVE_MS);
    expect([await rungOf(), await rungOf()]).toEqual(["kubernetes", "kubernetes"]);
    await relay.start();
    await expect.poll(rungOf, later).toBe("relay");
    expect(await requestsIn(namespace)).toHaveLength(1);
  });

  it("does not vouch, once it is back, for a request that was deleted meanwhile", async () => {
    const request = await writtenRequest();
    await relay.stop("SIGKILL");
    await age(SESSION_ALIVE_MS);
    await deleteRequest(request);
    await relay.start();
    await untilRelayed(vouched, namespaces[0] as string);
    expect(await fire(vouched, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", rung: "kubernetes" } });
    await expect.poll(rungOf, soon).toBe("relay");
  });
});
