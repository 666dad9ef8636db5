import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import packageJson from "../../../package.json" with { type: "json" };
import { RUNTIMES } from "../../runtime/runtimes.ts";
import { type ApiServerAccess, requestApiServer } from "../api-request.ts";
import { FORMER_VERSION, unpackFormerVersion } from "../former-version.ts";
import { freePort } from "../free-port.ts";
import { environmentOf, type Manifest, type Secrets } from "../manifests.ts";
import { type Started, startProcess } from "../process.ts";
import { startRedisServer } from "../redis-server.ts";
import { copyProject } from "../working-copy.ts";

type Settings = Readonly<Record<string, string>>;

/** A Deployment or StatefulSet of a cluster in which no controller and no kubelet runs, and the processes that stand for its pods. */
export interface Workload {
  readonly name: string;
  readonly urls: readonly string[];
  /** Ends every process at once; nobody starts it again before the object changes. */
  kill(): Promise<void>;
  /** Of the processes that run now. */
  pids(): readonly number[];
}

interface Followed extends Workload {
  readonly kind: "deployments" | "statefulsets";
  readonly namespace: string;
  /** Of the object that its processes are those of. */
  generation: number;
  follow(manifest: Manifest, secrets: Secrets): Promise<void>;
}

/** What stands for the processes of a cluster. */
export interface Workloads {
  readonly of: Readonly<Record<"gateway" | "proxy" | "bridge" | "redis", Workload>>;
  /** Follows a StatefulSet of another namespace, too, whose one process is started as told. */
  add(namespace: string, name: string, url: string, start: () => Promise<Process>): Workload;
  /** Resolves once the processes are what the objects say now. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = "kubernaut-system";
const LOOK_EVERY_MS = 200;

/** A process that runs. */
type Process = Pick<Started, "pid" | "stop">;

/** How one process is started: its place among those of its workload, its settings, and the version of its image. */
type Start = (at: number, env: Settings, version: string) => Promise<Process>;

/** Processes that begin anew when their object says so, each at an address of its own. */
function pods(name: string, kind: Followed["kind"], urls: readonly string[], start: Start, namespace = NAMESPACE): Followed {
  const running: (Process | null)[] = urls.map(() => null);
  const end = async (at: number, signal?: NodeJS.Signals) => {
    await running[at]?.stop(signal);
    running[at] = null;
  };
  const all = (work: (at: number) => Promise<void>) => Promise.all(urls.map((_, at) => work(at)));
  return {
    ...{ name, kind, urls, namespace },
    generation: 0,
    async follow({ spec }, secrets) {
      const [container] = spec.template.spec.containers;
      const env = environmentOf(container, secrets);
      const { paused = false } = spec as { readonly paused?: boolean };
      await all(async (at) => {
        if (paused && at > 0) return; // its rollout has stopped after the first
        await end(at);
        if (at < spec.replicas) running[at] = await start(at, env, container.image.split(":").at(-1) ?? "");
      });
    },
    async kill() {
      await all((at) => end(at, "SIGKILL"));
    },
    pids: () => running.flatMap((process) => process?.pid ?? []),
  };
}

/** Settings with the names of Services replaced by where their processes are. */
const withAddresses = (env: Settings, addresses: ReadonlyMap<string, string>): Settings =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace(/breakwater-\w+:\d+/g, (service) => addresses.get(service) ?? service),
    ]),
  );

/** How a program of another version runs: the one before is itself, any other says so only. */
function copyOf(version: string): { readonly command: string; readonly args: readonly string[] } {
  const isFormer = version === FORMER_VERSION;
  const { dir, remove } = isFormer ? unpackFormerVersion() : copyProject();
  process.once("exit", remove);
  const file = join(dir, "src/domain/version.ts");
  if (!isFormer) writeFileSync(file, readFileSync(file, "utf8").replace(packageJson.version, version));
  return { command: RUNTIMES.bun.command, args: [join(dir, "src/entry/bun.ts")] };
}

/** Reads an API server's lists, and all Secrets in clear. */
function readerOf(server: ApiServerAccess) {
  const list = async (path: string) => ((await requestApiServer(server, path)).body as { readonly items: readonly Manifest[] }).items;
  const clear = (data: Settings) => Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]);
  const secrets = async (): Promise<Secrets> => {
    const all = await list(`/api/v1/namespaces/${NAMESPACE}/secrets`);
    return new Map(all.map(({ metadata, data = {} }) => [metadata.name, Object.fromEntries(clear(data))]));
  };
  return { list, secrets };
}

export interface WorkloadsOptions {
  readonly server: ApiServerAccess;
  readonly dir: string;
  /** The kubeconfig of the proxy's account. */
  readonly kubeconfig: string;
  /** Redis' users; the bridge's is among them. */
  readonly aclFile: string;
  /** How many gateways stand for all of them; 1. */
  readonly gateways?: number;
  /** Of gateways, if not a minute: time between two votes of a rule. */
  readonly voteMs?: number | undefined;
}

/** Does what controllers and kubelets would do for the Deployments and the StatefulSet of deploy/overlays/all-in-cluster, which are there. */
export async function followWorkloads({ server, dir, kubeconfig, aclFile, gateways = 1, voteMs }: WorkloadsOptions): Promise<Workloads> {
  const ports = await Promise.all(Array.from({ length: gateways + 3 }, freePort));
  const [proxyPort = 0, bridgePort = 0, redisPort = 0, ...gatewayPorts] = ports;
  const addresses = new Map(
    Object.entries({ proxy: proxyPort, bridge: bridgePort }).map(([role, port]) => [`breakwater-${role}:8787`, `127.0.0.1:${port}`]),
  );
  addresses.set("breakwater-redis:6379", `127.0.0.1:${redisPort}`);

  const { bun } = RUNTIMES;
  const gateway = voteMs ? { command: bun.command, args: [resolve("test/support/rehearsal/quick-votes.ts"), `${voteMs}`] } : bun;
  const programs = { gateway, proxy: bun, bridge: bun };
  const role = (name: keyof typeof programs, own: readonly number[]) => {
    const urls = own.map((port) => `http://127.0.0.1:${port}`);
    return pods(`breakwater-${name}`, "deployments", urls, async (at, env, version) => {
      const settings = { ...withAddresses(env, addresses), ...(env.KUBE_CONFIG && { KUBE_CONFIG: kubeconfig }) };
      const listens = { PORT: `${own[at]}`, BIND_ADDRESS: "127.0.0.1" };
      const { command, args } = version === packageJson.version ? programs[name] : copyOf(version);
      return startProcess({ command, args, env: { ...settings, ...listens }, ready: new URL("/health", urls[at]) });
    });
  };
  const redis = pods("breakwater-redis", "statefulsets", [`redis://127.0.0.1:${redisPort}`], () =>
    startRedisServer(dir, ["--port", `${redisPort}`, "--aclfile", aclFile, "--appendonly", "yes"]),
  );
  const of = {
    gateway: role("gateway", gatewayPorts),
    proxy: role("proxy", [proxyPort]),
    bridge: role("bridge", [bridgePort]),
    redis,
  };

  const { list, secrets } = readerOf(server);
  const followed: Followed[] = [of.redis, of.bridge, of.proxy, of.gateway];
  const look = async () => {
    for (const each of followed) {
      const path = `/apis/apps/v1/namespaces/${each.namespace}/${each.kind}`;
      const manifest = (await list(path)).find(({ metadata }) => metadata.name === each.name);
      const { generation = 0 } = (manifest?.metadata ?? {}) as { readonly generation?: number };
      if (!manifest || generation === each.generation) continue;
      await each.follow(manifest, await secrets());
      each.generation = generation;
    }
  };
  let [stopped, looks] = [false, 0];
  await look();
  const following = (async () => {
    while (!stopped) {
      await look().then(
        () => (looks += 1),
        () => {}, // a process that does not start is tried again
      );
      await sleep(LOOK_EVERY_MS);
    }
  })();
  return {
    of,
    add(namespace, name, url, start) {
      const added = pods(name, "statefulsets", [url], start, namespace);
      followed.push(added);
      return added;
    },
    async settled() {
      const since = looks;
      while (looks < since + 2) await sleep(LOOK_EVERY_MS / 4); // one may have begun before the last change
    },
    async stop() {
      stopped = true;
      await following;
      await Promise.all(followed.map((each) => each.kill()));
    },
  };
}
