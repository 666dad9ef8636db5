import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApiServer } from "../api-request.ts";
import { type ApiServer, startApiServer } from "../api-server.ts";
import { type FaultFront, openFaultFront } from "../fault-front.ts";
import { type Installation, READ_TOKEN, relaySettings, startInstallation } from "../installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../kubernetes-front.ts";
import { type OwnRedis, startOwnRedis } from "../own-redis.ts";
import type { Part } from "../part.ts";
import { freshName, realParts } from "../real-parts.ts";
import { deploy } from "../real-setup.ts";

/** Two gateways, a proxy with a relay, a Redis that keeps what it acknowledges and an API server, each behind something that breaks it. */
export interface FaultBench {
  readonly installation: Installation;
  readonly gateways: readonly [Part, Part];
  readonly redis: OwnRedis;
  /** Before the bridge, and before the proxy. */
  readonly fronts: { readonly bridge: FaultFront; readonly proxy: FaultFront };
  readonly kubernetes: KubernetesFront;
  /** Its own API server; null: it shares the run's, which nobody may break. */
  readonly apiServer: { freeze(): void; thaw(): void; kill(): Promise<void>; start(): Promise<void> } | null;
  /** One request to its API server as an admin. */
  askApi(path: string, request?: Parameters<typeof requestApiServer>[2]): ReturnType<typeof requestApiServer>;
  namespace(): Promise<string>;
  /** Whether no gateway keeps its senders from anything, and nothing is owed to Kubernetes. */
  isAtRest(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface FaultBenchOptions {
  /** With an API server of its own that a fault may kill; else these namespaces of the run's are all that it touches. */
  readonly own: boolean;
  readonly namespaces?: readonly string[];
  readonly random: () => number;
  readonly gateway?: Readonly<Record<string, string>>;
}

/** Alerts that pass at once, whatever else comes; all others may be storms, which are soon due. */
const STORMS = {
  ENABLE_STORM_BUFFERING: "true",
  STORM_FIRST_REQUEST_SECONDS: "2",
  STORM_JOIN_SECONDS: "30",
  STORM_RULE_LONE: '{"priority":1,"match":{"alertname":"Lone*"},"bypass":true}',
};

/** Starts one, all of it working. */
export async function startFaultBench({ own, namespaces = [], random, gateway = {} }: FaultBenchOptions): Promise<FaultBench> {
  const redis = await startOwnRedis({ durable: true });
  const owned = own ? await openOwnApiServer() : null;
  const kubernetes = await openKubernetesFront(owned?.server());
  const bridge = await openFaultFront({ target: () => redis.bridge.url, random });
  const proxy = await openFaultFront({ target: () => installation.proxy.url, random });
  const access = { url: bridge.url, token: redis.bridge.token };
  const { PROXY_NAMESPACES = "", FALLBACK_NAMESPACE = "", ...store } = relaySettings(access, namespaces);
  const kubeconfigPath = owned?.kubeconfigFor(kubernetes.url);
  const installation = await startInstallation({
    bridge: access,
    kubernetesUrl: kubernetes.url,
    proxies: [own ? store : { ...store, PROXY_NAMESPACES, FALLBACK_NAMESPACE }],
    gateway: { ...STORMS, CRD_PROXY_URL: proxy.url, ...gateway },
    ...(kubeconfigPath && { kubeconfigPath }),
  });
  const second = await installation.addGateway({}, "node");
  const gateways = [installation.gateway, second] as const;
  const askApi: FaultBench["askApi"] = (path, request) => requestApiServer(owned?.server() ?? serverOfRun(), path, request);
  const isCalm = async ({ url }: Part) => {
    const { breakers, clusters } = (await readStatus(url)) as Status;
    const [{ survey }] = clusters as [Status["clusters"][number]];
    const closed = breakers.redis === "closed" && Object.values(breakers.proxies).every((state) => state === "closed");
    return closed && survey.openIntents === 0 && survey.buffered === 0;
  };
  return {
    installation,
    gateways,
    redis,
    fronts: { bridge, proxy },
    kubernetes,
    apiServer: owned && {
      freeze: () => void process.kill(owned.server().pid, "SIGSTOP"),
      thaw: () => void process.kill(owned.server().pid, "SIGCONT"),
      kill: () => owned.server().stop("SIGKILL"),
      start: async () => kubernetes.moveTo(await owned.restart()),
    },
    askApi,
    async namespace() {
      const name = freshName("faults");
      const { status } = await askApi("/api/v1/namespaces", { method: "POST", body: { metadata: { name } } });
      if (status !== 201) throw new Error(`the API server answered ${status} to a new namespace`);
      return name;
    },
    async isAtRest() {
      const calm = await Promise.all(gateways.map((one) => isCalm(one).catch(() => false)));
      return calm.every(Boolean) && (await redis.owed(installation.cluster)) === 0;
    },
    async stop() {
      await installation.stop();
      await Promise.all([bridge.close(), proxy.close(), kubernetes.close()]);
      await redis.stop();
      await owned?.stop();
    },
  };
}

interface Status {
  readonly breakers: { readonly redis: string; readonly proxies: Readonly<Record<string, string>> };
  readonly clusters: readonly { readonly survey: { readonly openIntents: number; readonly buffered: number } }[];
}

async function readStatus(url: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${READ_TOKEN}` };
  return (await fetch(new URL("/api/v1/status", url), { headers, signal: AbortSignal.timeout(5_000) })).json();
}

const serverOfRun = () => {
  const { apiServerUrl: url, caFile, adminToken } = realParts();
  return { url, caFile, adminToken };
};

async function openOwnApiServer() {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-faults-"));
  const data = join(dir, "cluster");
  mkdirSync(data);
  let server: ApiServer = await startApiServer(data);
  deploy(server.kubeconfigPath);
  return {
    server: () => server,
    async restart() {
      server = await startApiServer(data);
      return server;
    },
    kubeconfigFor(url: string): string {
      const path = join(dir, "kubeconfig");
      const contexts = [{ name: "test", context: { cluster: "test", user: "admin" } }];
      const users = [{ name: "admin", user: { token: server.adminToken } }];
      const clusters = [{ name: "test", cluster: { server: url } }];
      writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "Config", clusters, users, contexts, "current-context": "test" }));
      return path;
    },
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
