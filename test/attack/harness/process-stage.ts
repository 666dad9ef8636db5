import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { credentialSettings, TOKENS } from "../../runtime/process-target.ts";
import { RUNTIMES, type Runtime } from "../../runtime/runtimes.ts";
import { LIMITS, type RequestObject } from "../../runtime/target.ts";
import { freePort } from "../../support/free-port.ts";
import { createPart } from "../../support/part.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import type { Platform } from "./attempt.ts";
import { createCallKeys } from "./call-token.ts";
import { PLANTED } from "./planted.ts";
import type { Stage } from "./stage.ts";

type Settings = Readonly<Record<string, string>>;

const CLUSTER = "attacked";
const secretOf = (whose: string) => `${whose}-secret-${randomBytes(8).toString("hex")}`;

/** What a role `all` wrote for kubectl: where its emulation is, and the token of that. */
function readKubeconfig(dir: string) {
  const path = join(dir, ".breakwater/kubeconfig");
  const { clusters } = JSON.parse(readFileSync(path, "utf8")) as { clusters: [{ cluster: { server: string } }] };
  const server = new URL(clusters[0].cluster.server);
  return { path, url: server.origin, token: server.pathname.split("/").at(-1) ?? "", server: server.href };
}

/**
 * All roles on one runtime: `all` with sources on a Redis that asks for a password, `all` without on the embedded default, and proxy and bridge beside
 * the first, on its emulated Kubernetes API and its Redis.
 */
export async function openProcesses(runtime: Runtime): Promise<Stage> {
  const dirs = ["redis", "all", "open", "more"].map((name) => mkdtempSync(join(tmpdir(), `breakwater-attack-${name}-`)));
  const [redisDir, allDir, openDir, moreDir] = dirs as [string, string, string, string];
  const stops: (() => Promise<void>)[] = [];
  const started: Record<string, () => string> = {};
  const start = async (name: string, settings: Settings, cwd: string) => {
    const part = await createPart({ ...settings, LOG_LEVEL: "debug" }, cwd, runtime);
    stops.push(() => part.stop());
    await part.start();
    const before = part.output().length;
    started[name] = () => part.output().slice(before);
    return part.url;
  };
  const stop = async () => {
    await Promise.all(stops.map((end) => end()));
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  };
  try {
    const [redisPassword, bridgeToken] = [secretOf("redis"), secretOf("bridge")];
    const server = await startRedisServer(redisDir, ["--requirepass", redisPassword]);
    const redis = new Redis(server.url, { password: redisPassword });
    stops.push(async () => {
      redis.disconnect();
      await server.stop();
    });
    const redisUrl = server.url.replace("//", `//:${redisPassword}@`);
    const keys = createCallKeys();
    const common = { ENABLE_STORM_BUFFERING: "false", CLUSTER_NAME: CLUSTER };
    const gateway = start(
      "gateway",
      { ...common, ...credentialSettings("shop"), REDIS_URL: redisUrl, KUBE_PORT: `${await freePort()}` },
      allDir,
    );
    const open = start("open gateway", { ...common, KUBE_PORT: `${await freePort()}` }, openDir);
    await Promise.all([gateway, open]);
    const emulation = readKubeconfig(allDir);
    const proxy = start(
      "proxy",
      { ROLE: "proxy", CLUSTER_NAME: CLUSTER, CRD_PROXY_VERIFY_KEYS: keys.verifyKey, KUBE_CONFIG: emulation.path },
      moreDir,
    );
    const bridge = start("bridge", { ROLE: "bridge", BRIDGE_TOKEN: bridgeToken, REDIS_URL: redisUrl }, moreDir);
    const urls = {
      gateway: await gateway,
      "open gateway": await open,
      proxy: await proxy,
      bridge: await bridge,
      emulation: emulation.url,
    };
    const kubernetes = [emulation.server, readKubeconfig(openDir).server];
    return {
      platform: RUNTIMES[runtime].name as Platform,
      urls,
      tokens: { ...TOKENS, bridge: bridgeToken, emulation: emulation.token },
      namespace: "shop",
      fallbackNamespace: "kubernaut-system",
      cluster: CLUSTER,
      limits: LIMITS.process,
      keys,
      secrets: [...Object.values(TOKENS), redisPassword, bridgeToken, emulation.token, keys.secret, ...Object.values(PLANTED)],
      redis,
      requests: async () => (await Promise.all(kubernetes.map(listRequests))).flat(),
      logs: () => Object.fromEntries(Object.entries(started).map(([name, output]) => [name, output()])),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listRequests(server: string): Promise<readonly RequestObject[]> {
  const answer = await fetch(`${server}/apis/remediation.kubernaut.io/v1alpha1/remediationrequests`);
  return ((await answer.json()) as { items: RequestObject[] }).items;
}
