import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKeys, proxyKubeconfig } from "../support/installation.ts";
import { createPart, type Part } from "../support/part.ts";
import { freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { requestsIn } from "../support/requests.ts";
import { startSenders } from "../support/steady-senders.ts";
import { sha256 } from "../support/storms.ts";

type Settings = Readonly<Record<string, string>>;

const PER_SECOND = 50;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const [OLD, NEW] = ["old-token-of-the-tests", "new-token-of-the-tests"];
const [OLD_BRIDGE, NEW_BRIDGE] = ["old-bridge-token-of-the-tests", "new-bridge-token-of-the-tests"];
const sourceOf = (...tokens: readonly string[]): Settings => ({
  SOURCE_TEST: JSON.stringify({ auth: tokens.map((token) => ({ bearerSha256: sha256(token) })) }),
});
const setOf = (...keys: readonly string[]) => JSON.stringify({ keys: keys.map((key) => JSON.parse(key) as object) });

let dir: string;
let redis: RedisServer;
let bridge: Part;
let proxy: Part;
let gateways: readonly Part[];
let namespace: string;
let token: string;
let senders: ReturnType<typeof startSenders>;
let keys: readonly { readonly signingKey: string; readonly verifyKey: string }[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-rotate-"));
  keys = [await createKeys("old"), await createKeys("new")];
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Two gateways, a proxy, a bridge with a user of its own in Redis; alerts come in until the test is over. */
beforeEach(async () => {
  const cluster = freshName("cluster");
  redis = await startRedisServer(dir, ["--user", "breakwater", "on", ">one", "~*", "+@all"]);
  writeFileSync(join(dir, "kubeconfig"), proxyKubeconfig(realParts().apiServerUrl));
  bridge = await createPart({ ROLE: "bridge", BRIDGE_TOKEN: OLD_BRIDGE, REDIS_URL: redisUrl("one") });
  proxy = await createPart({
    ...{ ROLE: "proxy", CLUSTER_NAME: cluster, CRD_PROXY_VERIFY_KEYS: keys[0]?.verifyKey ?? "", KUBE_CONFIG: join(dir, "kubeconfig") },
  });
  const settings = {
    ...{ ROLE: "gateway", CLUSTER_NAME: cluster, CRD_PROXY_URL: proxy.url, CRD_PROXY_SIGNING_KEY: keys[0]?.signingKey ?? "" },
    ...{ UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: OLD_BRIDGE, REDIS_ENGINE: "redis", ENABLE_STORM_BUFFERING: "false" },
    ...sourceOf(OLD),
  };
  gateways = [await createPart(settings), await createPart(settings)];
  await Promise.all([bridge, proxy].map((part) => part.start()));
  await Promise.all(gateways.map((part) => part.start()));
  namespace = await freshNamespace("rotate");
  token = OLD;
  senders = startSenders({
    ...{ gateways, authorization: () => `Bearer ${token}`, perSecond: PER_SECOND },
    alert: (n) => ({ namespace, pod: `pod-${n % 10}` }),
  });
  await pause(500);
});
afterEach(() => Promise.all([...gateways, proxy, bridge, redis].map((part) => part.stop())));

const redisUrl = (password: string) => `redis://breakwater:${password}@127.0.0.1:${redis.port}`;

/** Ends a part in order and starts it with other settings, as a rollout does, one after the other. */
async function roll(parts: readonly Part[], settings: Settings): Promise<void> {
  for (const part of parts) {
    await part.stop();
    await part.start(settings);
  }
}

/** Nobody gave up, and each problem has one request, with every delivery counted. */
async function holds(): Promise<void> {
  await pause(500);
  const { taken, failed } = await senders.stop();
  expect(failed).toBe(0);
  const counts = async () =>
    Object.fromEntries(
      (await requestsIn(namespace)).map(({ spec, status }) => [
        (spec.signalLabels as { pod: string }).pod,
        status?.deduplication?.occurrenceCount,
      ]),
    );
  await expect.poll(counts, { timeout: 30_000, interval: 500 }).toEqual(Object.fromEntries(taken));
  expect(await requestsIn(namespace)).toHaveLength(taken.size);
}

describe("a secret is replaced while alerts come in, and no webhook is lost or counted twice:", { timeout: 120_000 }, () => {
  it("a sender's token", async () => {
    await roll(gateways, sourceOf(OLD, NEW));
    token = NEW;
    await pause(500);
    await roll(gateways, sourceOf(NEW));
    await holds();
  });

  it("the gateway's signing key", async () => {
    const [old, next] = keys as [(typeof keys)[0], (typeof keys)[0]];
    await roll([proxy], { CRD_PROXY_VERIFY_KEYS: setOf(old.verifyKey, next.verifyKey) });
    await roll(gateways, { CRD_PROXY_SIGNING_KEY: next.signingKey });
    await roll([proxy], { CRD_PROXY_VERIFY_KEYS: setOf(next.verifyKey) });
    await holds();
  });

  it("the bridge's token", async () => {
    await roll([bridge], { BRIDGE_TOKEN: `${OLD_BRIDGE},${NEW_BRIDGE}` });
    await roll(gateways, { UPSTASH_REDIS_REST_TOKEN: NEW_BRIDGE });
    await roll([bridge], { BRIDGE_TOKEN: NEW_BRIDGE });
    await holds();
  });

  it("the password of Redis", async () => {
    const tell = async (...command: string[]) =>
      fetch(bridge.url, { method: "POST", headers: { authorization: `Bearer ${OLD_BRIDGE}` }, body: JSON.stringify(command) });
    expect((await tell("ACL", "SETUSER", "breakwater", ">two")).status, "not by the bridge").toBe(400);
    await redis.run("ACL", "SETUSER", "breakwater", ">two");
    await roll([bridge], { REDIS_URL: redisUrl("two") });
    await redis.run("ACL", "SETUSER", "breakwater", "<one");
    await holds();
  });

  it("the proxy's token for Kubernetes, in its file", async () => {
    writeFileSync(join(dir, "kubeconfig"), proxyKubeconfig(realParts().apiServerUrl));
    await roll([proxy], {});
    await holds();
  });
});
