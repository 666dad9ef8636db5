import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage, type Container, type Image, memoryOf, startAsFirstProcess, startContainer, userOf } from "../support/container.ts";
import { freePort } from "../support/free-port.ts";
import { createKeys, proxyKubeconfig } from "../support/installation.ts";
import { startAlertmanager } from "../support/prometheus.ts";
import { freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { requestsIn } from "../support/requests.ts";
import { crowd, isStorm, sha256 } from "../support/storms.ts";

/** What an image weighs at most, how fast it is ready, and what it takes while nothing happens. */
const MEGABYTES_MAX = 60;
const READY_MS_MAX = 1_000;
const IDLE_MB_MAX = 110;

const BRIDGE_TOKEN = "bridge-token-of-the-tests";

let dir: string;
let image: Image;
let redis: RedisServer;
let keys: Awaited<ReturnType<typeof createKeys>>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-image-test-"));
  [image, redis, keys] = await Promise.all([buildImage(), startRedisServer(dir), createKeys()]);
}, 240_000);
afterAll(async () => {
  await Promise.all([image?.remove(), redis?.stop()]);
  rmSync(dir, { recursive: true });
});

const cluster = freshName("cluster");
const sourceToken = freshName("source");

const bridge = () => startContainer(image, { env: { ROLE: "bridge", BRIDGE_TOKEN, REDIS_URL: redis.url } });
const gatewayEnv = (bridgeUrl: string, proxyUrl: string) => ({
  ...{ ROLE: "gateway", CLUSTER_NAME: cluster, CRD_PROXY_URL: proxyUrl, CRD_PROXY_SIGNING_KEY: keys.signingKey },
  ...{ UPSTASH_REDIS_REST_URL: bridgeUrl, UPSTASH_REDIS_REST_TOKEN: BRIDGE_TOKEN, REDIS_ENGINE: "redis" },
  SOURCE_TEST: JSON.stringify({ auth: [{ bearerSha256: sha256(sourceToken) }] }),
  ...{ STORM_FIRST_REQUEST_SECONDS: "1", STORM_JOIN_SECONDS: "10", SHUTDOWN_DELAY_SECONDS: "0" },
});
function proxy() {
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(kubeconfig, proxyKubeconfig(realParts().apiServerUrl));
  return startContainer(image, {
    env: { ROLE: "proxy", CLUSTER_NAME: cluster, CRD_PROXY_VERIFY_KEYS: keys.verifyKey, KUBE_CONFIG: "/kubeconfig" },
    files: { "/kubeconfig": kubeconfig, [realParts().caFile]: realParts().caFile },
  });
}

/** All files and folders below a folder. */
function* below(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* below(path);
  }
}

describe("the image", { timeout: 120_000 }, () => {
  it(`weighs at most ${MEGABYTES_MAX} MB, and holds one program, what that loads, certificates and a user`, async () => {
    console.log(`image: ${image.megabytes} MB compressed`);
    expect(image.megabytes).toBeLessThanOrEqual(MEGABYTES_MAX);
    const root = await image.mounted();
    const files = [...below(root)].filter((path) => lstatSync(path).isFile()).map((path) => path.slice(root.length));
    const libraries = files.filter((path) => /^\/lib(64)?\//.test(path));
    expect(files.filter((path) => !libraries.includes(path)).toSorted()).toEqual([
      "/breakwater",
      "/etc/group",
      "/etc/nsswitch.conf",
      "/etc/passwd",
      "/etc/ssl/certs/ca-certificates.crt",
    ]);
    expect(libraries.every((path) => /\/(ld-linux|lib(c|m|dl|pthread))[-.\w]*$/.test(path))).toBe(true);
    expect(readFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), "utf8").match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(100);
  });

  it("has nothing that its user may write", async () => {
    const root = await image.mounted();
    const writable = [...below(root)].filter((path) => {
      const { mode, uid, gid } = lstatSync(path);
      return !lstatSync(path).isSymbolicLink() && (uid !== 0 || gid !== 0 || (mode & 0o002) !== 0);
    });
    expect(writable).toEqual([]);
  });

  it("says which setting is missing, and exits 2", async () => {
    const failed = startContainer(image, { env: { ROLE: "proxy" } });
    await expect(failed).rejects.toThrow(/CRD_PROXY_VERIFY_KEYS is needed with this role.*KUBE_CONFIG is needed.*status 2/s);
  });

  it("names a file with authorities that is not there", async () => {
    const failed = startContainer(image, {
      env: { ROLE: "bridge", BRIDGE_TOKEN, REDIS_URL: "rediss://localhost", REDIS_CA_FILE: "/none.pem" },
    });
    await expect(failed).rejects.toThrow(/REDIS_CA_FILE cannot be read: ENOENT/);
  });

  it("runs gateway, proxy and bridge, which take a storm from a real Alertmanager", async () => {
    const namespace = await freshNamespace();
    const parts: Container[] = [];
    try {
      const [theBridge, theProxy] = await Promise.all([bridge(), proxy()]);
      parts.push(theBridge, theProxy);
      const gateway = await startContainer(image, { env: gatewayEnv(theBridge.url, theProxy.url) });
      parts.push(gateway);
      const named = { bridge: theBridge, proxy: theProxy, gateway };
      for (const [name, part] of Object.entries(named)) {
        console.log(`${name}: ready after ${Math.round(part.readyAfterMs)} ms, ${Math.round(memoryOf(part.program))} MB`);
        expect(userOf(part.program)).toBe(10_001);
        expect(memoryOf(part.program), name).toBeLessThanOrEqual(IDLE_MB_MAX);
      }
      const alertmanager = await startAlertmanager(dir, {
        webhookUrl: `${gateway.url}/api/v1/signals/prometheus`,
        bearerToken: sourceToken,
        repeatInterval: "1h",
      });
      const startsAt = new Date().toISOString();
      const alerts = crowd(30, { namespace, alertname: "NodeDown" }).map((labels) => ({
        ...{ labels: { severity: "critical", ...labels }, annotations: {}, startsAt },
      }));
      await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
        ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(alerts) },
      });
      await expect.poll(async () => (await requestsIn(namespace)).map(isStorm), { timeout: 30_000 }).toEqual([true]);
      await alertmanager.stop();
    } finally {
      await Promise.all(parts.map((part) => part.stop()));
    }
  });

  it(`is ready within ${READY_MS_MAX} ms of its start, also while Redis is down`, async () => {
    const env = gatewayEnv(`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`);
    const gateway = await startContainer(image, { env });
    console.log(`gateway without Redis: ready after ${Math.round(gateway.readyAfterMs)} ms`);
    await gateway.stop();
    expect(gateway.readyAfterMs).toBeLessThanOrEqual(READY_MS_MAX);
  });

  it("runs as process 1 on a file system that cannot be written at all, tells its health, and ends in order when told to", async () => {
    const port = await freePort();
    const env = {
      ROLE: "bridge",
      BRIDGE_TOKEN,
      REDIS_URL: redis.url,
      PORT: `${port}`,
      BIND_ADDRESS: "127.0.0.1",
      SHUTDOWN_DELAY_SECONDS: "0",
    };
    const first = await startAsFirstProcess(await image.mounted(), env, new URL(`http://127.0.0.1:${port}/ready`));
    const healthy = await startAsFirstProcess(await image.mounted(), env, new URL(`http://127.0.0.1:${port}/health`), ["health"]);
    expect(await healthy.exited).toBe(0);
    first.tellProgram("SIGTERM");
    expect(await first.exited).toBe(0);
    expect(first.output()).toContain('"stopping"');
  });
});
