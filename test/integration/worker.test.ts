import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openClient, PROMETHEUS } from "../runtime/client.ts";
import { alertIn, fingerprintOf, webhook } from "../runtime/payloads.ts";
import { credentialSettings, TOKENS } from "../runtime/process-target.ts";
import { type RunningWorker, startWorker } from "../support/worker.ts";
import { openWorker, type WorkerTarget } from "./runtimes-target.ts";

describe("the Worker's cron trigger", () => {
  let target: WorkerTarget | undefined;
  afterEach(() => target?.stop());

  it("makes the requests of alerts that were accepted while the proxy was down, and writes their counts", { timeout: 60_000 }, async () => {
    target = await openWorker();
    const { namespace, proxy, worker, requests } = target;
    const client = await openClient(target);
    await proxy.stop();
    const alert = alertIn(namespace);
    expect(await client.post(PROMETHEUS, webhook([alert]))).toMatchObject({
      status: 202,
      results: [{ outcome: "accepted", remediationRequest: null, occurrenceCount: 1, reason: "new" }],
    });
    expect(await client.post(PROMETHEUS, webhook([alert]))).toMatchObject({
      status: 202,
      results: [{ outcome: "duplicate", remediationRequest: null, occurrenceCount: 2, reason: "request-pending" }],
    });
    await proxy.start();
    expect(await requests(namespace)).toEqual([]);
    void worker.trigger();
    const counts = async () =>
      (await requests(namespace)).map(({ spec, status }) => [spec.signalFingerprint, status?.deduplication?.occurrenceCount]);
    await expect.poll(counts, { timeout: 30_000 }).toEqual([[fingerprintOf(alert), 2]]);
  });
});

describe("a Worker whose Redis", () => {
  let target: WorkerTarget | undefined;
  let silent: Server | undefined;
  afterEach(async () => {
    await target?.stop();
    silent?.close();
  });

  /** A port that takes connections and never answers. */
  async function openSilent(): Promise<string> {
    const server = createServer();
    silent = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ["takes no connection", async () => "http://127.0.0.1:1"],
    ["never answers", openSilent],
  ])("%s hands alerts to the proxy, which makes their request and counts", { timeout: 60_000 }, async (_, address) => {
    target = await openWorker({ UPSTASH_REDIS_REST_URL: await address() });
    const { namespace, requests, url } = target;
    const client = await openClient(target);
    const alert = alertIn(namespace);
    const send = async (status: "firing" | "resolved") => (await client.post(PROMETHEUS, webhook([{ ...alert, status }]))).results;
    expect(await send("firing")).toMatchObject([{ outcome: "created", rung: "direct", occurrenceCount: 1 }]);
    expect(await send("firing")).toMatchObject([{ outcome: "duplicate", rung: "direct", occurrenceCount: 2 }]);
    expect(await send("resolved")).toMatchObject([{ outcome: "resolved", rung: "direct" }]);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const shown = async () => (await requests(namespace)).map(({ status }) => status?.deduplication);
    await expect.poll(shown, { timeout: 15_000 }).toMatchObject([{ occurrenceCount: 2, resolvedAt: expect.any(String) }]);
  });
});

describe("a Worker whose REDIS_ENGINE was forgotten", () => {
  let target: WorkerTarget | undefined;
  afterEach(() => target?.stop());

  it("makes requests, is not ready and says why, in its log once and to who has a token", { timeout: 60_000 }, async () => {
    target = await openWorker({ REDIS_ENGINE: "upstash" });
    const { namespace, url, worker } = target;
    const client = await openClient(target);
    expect((await client.post(PROMETHEUS, webhook([alertIn(namespace)]))).results).toMatchObject([{ outcome: "created", rung: "direct" }]);
    const ready = async (headers: HeadersInit = {}) => {
      const answer = await fetch(`${url}/ready`, { headers });
      return [answer.status, (await answer.text()).includes("wrong-engine")];
    };
    expect(await ready()).toEqual([503, false]);
    expect(await ready({ authorization: `Bearer ${TOKENS.read}` })).toEqual([503, true]);
    expect(worker.output().match(/redis-misconfigured/g)).toHaveLength(1);
  });
});

describe("a Worker that cannot work", () => {
  let worker: RunningWorker | undefined;
  afterEach(() => worker?.stop());
  const post = (url: string, token: string = TOKENS.source) =>
    fetch(url + PROMETHEUS, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(webhook([alertIn("shop")])),
    });

  it("starts without settings, answers 503 without naming any, and names all that are missing in its log", async () => {
    worker = await startWorker({ UPSTASH_REDIS_REST_TOKEN: "rest-token", READ_TOKEN_SHA256: "no-hash" });
    const answer = await post(worker.url);
    const text = await answer.text();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(JSON.parse(text)).toMatchObject({ status: 503, code: "misconfigured" });
    expect(text).not.toMatch(/[A-Z]+_[A-Z_]+/);
    const logged = ["UPSTASH_REDIS_REST_URL", "CRD_PROXY_URL", "CRD_PROXY_SIGNING_KEY", "SOURCE_", "READ_TOKEN_SHA256"];
    await expect.poll(() => logged.filter((name) => !worker?.output().includes(name))).toEqual([]);
    expect(worker.output()).not.toMatch(/rest-token|no-hash/);
    expect((await fetch(`${worker.url}/ready`)).status).toBe(503);
    expect((await fetch(`${worker.url}/health`)).status).toBe(200);
    void worker.trigger();
    expect((await fetch(`${worker.url}/health`)).status).toBe(200);
  });

  it("answers 503 with Retry-After while its Redis cannot be reached, or 429 to who honours it, and says that it is not ready", async () => {
    const key = {
      kty: "OKP",
      crv: "Ed25519",
      kid: "k",
      x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    };
    worker = await startWorker({
      UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1",
      UPSTASH_REDIS_REST_TOKEN: "rest-token",
      CRD_PROXY_URL: "http://127.0.0.1:1",
      CRD_PROXY_SIGNING_KEY: JSON.stringify(key),
      ...credentialSettings("shop"),
    });
    expect((await fetch(`${worker.url}/ready`)).status).toBe(200);
    const [lost, later] = [await post(worker.url), await post(worker.url, TOKENS.narrow)];
    expect([lost.status, await lost.json()]).toMatchObject([503, { code: "ledger-unavailable" }]);
    expect([later.status, await later.json()]).toMatchObject([429, { code: "ledger-unavailable" }]);
    for (const { headers } of [lost, later]) expect(headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await fetch(`${worker.url}/ready`)).status).toBe(503);
    expect((await fetch(`${worker.url}/health`)).status).toBe(200);
  });
});
