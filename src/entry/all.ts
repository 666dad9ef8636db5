import { renameSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parse } from "yaml";
import { openRedisInProcess } from "../adapters/redis/client.ts";
import { createRedisLedger, type LedgerClient } from "../adapters/redis/ledger.ts";
import { probeRedis } from "../adapters/redis/probe.ts";
import { type Pipeline, waitingForReplicas } from "../adapters/redis/replicas.ts";
import { openRestClient } from "../adapters/redis/rest-client.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { randomId } from "../adapters/system/random.ts";
import { connectRedis, executeCommand } from "../bridge/connection.ts";
import type { AllRoleConfig, ConnectedRedisConfig, EmulationConfig, KubernetesConfig } from "../config/config.ts";
import { isLoopback } from "../config/parts.ts";
import type { RedisTrouble } from "../domain/redis-trouble.ts";
import { sha256Hex } from "../domain/sha256.ts";
import { createEmulation } from "../emulation/app.ts";
import { kubeconfig } from "../emulation/kubeconfig.ts";
import { answeredWithin } from "../flows/answered-within.ts";
import type { ClusterPorts } from "../gateway.ts";
import { problem, RETRY_AFTER } from "../http/problem.ts";
import type { Log } from "../ports/log.ts";
import { openEmbeddedLedger } from "./embedded-ledger.ts";
import { runGateway } from "./gateway.ts";
import { openKubernetesCluster } from "./proxy.ts";
import { redisAccess } from "./redis-access.ts";
import { runRelay } from "./relay.ts";
import type { Role, Server } from "./role.ts";
import { welcome } from "./welcome.ts";

/** Where the emulation's kubeconfig lies, relative to where the process was started. */
const KUBECONFIG = ".breakwater/kubeconfig";

/** Where it lies until the ports are taken: a start that fails leaves alone what belongs to a process that runs. */
const KUBECONFIG_STARTING = `${KUBECONFIG}.starting`;

/** Gateway and proxy in one process for one cluster, on an emulated Kubernetes API where no real one is named. */
export async function openAll(config: AllRoleConfig, log: Log): Promise<Role> {
  const emulation = config.kubernetes.kind === "emulation" ? await openEmulation(config.kubernetes, log) : null;
  const kubernetes = emulation?.kubernetes ?? (config.kubernetes as KubernetesConfig);
  const cluster = openKubernetesCluster(kubernetes, log);
  const store = await openLedger(config, log);
  const adminToken = printedTokenOf(config);
  const adminTokenSha256 = adminToken ? [await sha256Hex(adminToken)] : config.gateway.adminTokenSha256;
  const { probe, ...ledger } = store;
  const ports = { ...ledger, name: config.cluster, writer: cluster.writer };
  const gateway = runGateway("all", { ...config.gateway, adminTokenSha256 }, [ports], log, probe);
  let relay: { stop(): Promise<void> } | undefined;
  const own: Server = { ...config.server, fetch: async (request) => emulation?.notReady(request) ?? gateway.fetch(request) };
  return {
    servers: emulation ? [own, emulation.server] : [own],
    started(port) {
      relay = runRelay(cluster, store.ledger, log);
      if (emulation) renameSync(KUBECONFIG_STARTING, KUBECONFIG);
      return welcome({ config, port, adminToken, kubeconfig: emulation ? KUBECONFIG : null });
    },
    async stop() {
      await relay?.stop();
      await gateway.stop();
      await cluster.settle();
    },
  };
}

/** An admin token of this process's own, to be printed. Where others can reach the process none is: others read what it prints, too. */
const printedTokenOf = ({ gateway, server }: AllRoleConfig): string | null =>
  gateway.adminTokenSha256.length === 0 && isLoopback(server.bindAddress) ? randomId() : null;

interface Store extends Pick<ClusterPorts, "ledger" | "admitMax"> {
  /** Looks what is wrong with its Redis; null: it has none. */
  readonly probe: (() => Promise<RedisTrouble | null>) | null;
}

/** Waits for a Redis to connect to, so that the first alert finds it; one that is away for longer does not hold up the start. */
async function openLedger({ store, ledger: rules, cluster }: AllRoleConfig, log: Log): Promise<Store> {
  const options = { cluster, rules, clock: systemClock };
  if (store.kind === "memory") return { ...(await openEmbeddedLedger(options)), probe: null };
  const client = store.kind === "rest" ? openRestClient(store, true) : await openConnectedClient(store, log);
  return { ledger: createRedisLedger(client, options), probe: () => probeRedis(client, cluster) };
}

async function openConnectedClient(
  { target, engine, timeoutMs, waitReplicas: replicas }: ConnectedRedisConfig,
  log: Log,
): Promise<LedgerClient> {
  const connection = connectRedis(redisAccess(target), timeoutMs, log);
  await answeredWithin(connection.ready(), timeoutMs);
  const redis = openRedisInProcess((command) => executeCommand(connection, command));
  if (replicas === 0) return { redis, engine };
  const pipeline: Pipeline = (commands) => Promise.all(commands.map((command) => executeCommand(connection, command.map(String), "apart")));
  return { redis, engine, durable: waitingForReplicas(pipeline, { replicas, timeoutMs, sight: { lag: false } }) };
}

async function openEmulation({ port, fallbackNamespace }: EmulationConfig, log: Log) {
  const crd: unknown = parse(await readFile(new URL("../../deploy/crd.yaml", import.meta.url), "utf8"));
  const token = randomId();
  await writeKubeconfig(kubeconfig(`http://127.0.0.1:${port}`, token));
  const { fetch, isFull } = createEmulation({ crd, token, clock: systemClock, log });
  const server: Server = { port, bindAddress: "127.0.0.1", fetch };
  const kubernetes: KubernetesConfig = {
    kind: "cluster",
    kubeConfigPath: KUBECONFIG_STARTING,
    namespaces: [],
    fallbackNamespace,
    timeoutMs: 4_000,
  };
  return { server, kubernetes, notReady: (request: Request) => (isFull() && new URL(request.url).pathname === "/ready" ? FULL() : null) };
}

/** Alerts are taken as long as the ledger has room for what waits. */
const FULL = () =>
  problem(
    503,
    "emulation-full",
    "the emulated Kubernetes API is full of live requests: end or delete some, and what waits is made",
    RETRY_AFTER,
  );

async function writeKubeconfig(text: string): Promise<void> {
  try {
    await mkdir(".breakwater", { recursive: true });
    await writeFile(KUBECONFIG_STARTING, text, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`cannot write ${KUBECONFIG} below ${process.cwd()} (${code}): start where you may write, or set KUBE_CONFIG`);
  }
}
