import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { newKey } from "../unit/proxy/keys.ts";
import { PROMETHEUS } from "./client.ts";
import { alertIn, sha256, webhook } from "./payloads.ts";
import { RUNTIMES } from "./runtimes.ts";

/** A forward proxy that lets nothing through, and the hosts that it was asked for. */
async function openProxy(): Promise<{ readonly server: Server; readonly url: string; readonly asked: Set<string> }> {
  const asked = new Set<string>();
  const server = createServer((request, answer) => {
    asked.add(new URL(request.url ?? "", "http://none").hostname);
    answer.writeHead(502).end();
  });
  server.on("connect", ({ url }, socket) => {
    asked.add(`${url}`.replace(/:\d+$/, ""));
    socket.on("error", () => {});
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe.each(Object.values(RUNTIMES))("the environment's proxies on $name", { timeout: 90_000 }, ({ command, args }) => {
  let dir: string;
  let proxy: Awaited<ReturnType<typeof openProxy>>;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "breakwater-proxies-"));
    proxy = await openProxy();
  });
  afterAll(() => {
    proxy.server.closeAllConnections();
    proxy.server.close();
    rmSync(dir, { recursive: true });
  });

  const start = async (settings: Record<string, string>, environment: Record<string, string>) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { ...settings, ...environment, PORT: `${port}`, BIND_ADDRESS: "127.0.0.1" };
    const { stop } = await startProcess({ command, args, cwd: dir, env, ready: new URL("/health", url) });
    proxy.asked.clear();
    return { url, stop };
  };

  /** What a gateway asks the proxy for: Redis over http, its CRD proxy over https. */
  const askedByGateway = async (environment: Record<string, string>) => {
    const { signingKey } = await newKey("k1");
    const settings = {
      ROLE: "gateway",
      UPSTASH_REDIS_REST_URL: "http://redis.test:8080",
      UPSTASH_REDIS_REST_TOKEN: "rest",
      CRD_PROXY_URL: "https://crd.test",
      CRD_PROXY_SIGNING_KEY: JSON.stringify(signingKey),
      SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256: sha256("sender") }] }),
      ENABLE_STORM_BUFFERING: "false",
    };
    const { url, stop } = await start(settings, environment);
    const headers = { "content-type": "application/json", authorization: "Bearer sender" };
    await fetch(url + PROMETHEUS, { method: "POST", headers, body: JSON.stringify(webhook([alertIn("shop")])) });
    const asked = [...proxy.asked].toSorted();
    await stop();
    return asked;
  };

  /** The same of a proxy, at this address of its API server. */
  const askedByProxy = async (server: string, environment: Record<string, string>) => {
    const { verifyKeys } = await newKey("k1");
    const config = {
      clusters: [{ name: "c", cluster: { server } }],
      contexts: [{ name: "x", context: { cluster: "c" } }],
      "current-context": "x",
    };
    const KUBE_CONFIG = join(dir, "kubeconfig");
    writeFileSync(KUBE_CONFIG, JSON.stringify(config));
    const { url, stop } = await start({ ROLE: "proxy", CRD_PROXY_VERIFY_KEYS: JSON.stringify(verifyKeys), KUBE_CONFIG }, environment);
    await fetch(`${url}/ready`);
    const asked = [...proxy.asked];
    await stop();
    return asked;
  };

  it("are on the way to Redis, to the CRD proxy and to the API server, in capital and in small letters", async ({ expect }) => {
    const { url } = proxy;
    expect(await askedByGateway({ HTTP_PROXY: url, HTTPS_PROXY: url })).toEqual(["crd.test", "redis.test"]);
    expect(await askedByGateway({ http_proxy: url, https_proxy: url })).toEqual(["crd.test", "redis.test"]);
    expect(await askedByProxy("https://api.test:6443", { HTTPS_PROXY: url })).toEqual(["api.test"]);
  });

  it("are passed by for hosts and domains of NO_PROXY, in small letters first, and for this machine", async ({ expect }) => {
    const { url } = proxy;
    const both = { HTTP_PROXY: url, HTTPS_PROXY: url };
    expect(await askedByGateway({ ...both, NO_PROXY: "other.test,redis.test" })).toEqual(["crd.test"]);
    expect(await askedByGateway({ ...both, NO_PROXY: "redis.test", no_proxy: "crd.test" })).toEqual(["redis.test"]);
    expect(await askedByProxy("https://api.kube.test:6443", { ...both, NO_PROXY: ".kube.test" })).toEqual([]);
    expect(await askedByProxy(`http://127.0.0.1:${await freePort()}`, both)).toEqual([]);
  });
});
