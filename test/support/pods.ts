import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { RUNTIMES } from "../runtime/runtimes.ts";
import { startContainer } from "./container.ts";
import { freePort } from "./free-port.ts";
import { environmentOf, type Manifest, type Secrets, selects, workloads } from "./manifests.ts";
import { type Started, startProcess } from "./process.ts";

/** A pod's container as a process of this machine. */
export interface Pod {
  readonly port: number;
  start(): Promise<Started>;
}

export interface PodOptions {
  /** Where its volumes are; a folder of its own. */
  readonly dir: string;
  readonly secrets: Secrets;
  /** The image that Breakwater's containers run; absent: the source, on Bun. */
  readonly image?: string;
  /** Replaces what the manifest says. */
  readonly env?: Readonly<Record<string, string>>;
  /** The API server that pods find as theirs, and what makes a token for a ServiceAccount; nobody is told of one otherwise. */
  readonly cluster?: { readonly url: string; readonly caFile: string; tokenOf(account: string): string };
}

const canConnect = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", reject);
    socket.once("close", () => socket.destroy());
  });

/**
 * The first pod of each object that starts some, by that object's name, as its manifest says: command, environment, volumes and readiness. What differs is what
 * a machine has in place of a cluster's network: each listens at a free port, and finds the others at theirs. A container without a command is Breakwater's.
 */
export async function podsOf(manifests: readonly Manifest[], options: PodOptions): Promise<ReadonlyMap<string, Pod>> {
  const all = workloads(manifests);
  const ports = new Map(await Promise.all(all.map(async ({ metadata }) => [metadata.name, await freePort()] as const)));
  // Each address is a Service's, and leads to the pods that it selects.
  const addresses = manifests
    .filter(({ kind }) => kind === "Service")
    .flatMap(({ metadata, spec }) => {
      const chosen = all.find((each) => selects({ matchLabels: spec.selector as never }, each.spec.template.metadata.labels));
      const port = chosen && ports.get(chosen.metadata.name);
      return spec.ports.map((each) => [`${metadata.name}:${each.port}`, `127.0.0.1:${port}`] as const);
    });
  const here = (text: string) => addresses.reduce((value, [from, to]) => value.replaceAll(from, to), text);
  return new Map(all.map((each) => [each.metadata.name, podOf(each, manifests, ports.get(each.metadata.name) as number, here, options)]));
}

function podOf(workload: Manifest, manifests: readonly Manifest[], port: number, here: (text: string) => string, options: PodOptions): Pod {
  const { metadata, spec } = workload;
  const dir = join(options.dir, metadata.name);
  const [container] = spec.template.spec.containers;
  const mounts = container.volumeMounts ?? [];
  const paths = new RegExp(`(?<=^|\\s)(?=${mounts.map(({ mountPath }) => mountPath).join("|")})`, "gm");
  const inDir = (text: string) => (mounts.length > 0 ? text.replace(paths, dir) : text);
  for (const { name, mountPath } of mounts) {
    mkdirSync(join(dir, mountPath), { recursive: true });
    const volume = spec.template.spec.volumes?.find((each) => each.name === name);
    const map = manifests.find(({ kind, metadata: { name: own } }) => kind === "ConfigMap" && own === volume?.configMap?.name)?.data;
    const files = map ?? options.secrets.get(volume?.secret?.secretName ?? "") ?? {};
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, mountPath, file), inDir(text));
  }
  const { readinessProbe, command } = container;
  const { httpGet } = readinessProbe;
  const ready = httpGet ? new URL(httpGet.path, `http://127.0.0.1:${port}`) : () => canConnect(port);
  if (command) {
    const [program = "", ...args] = command;
    const own = ["--port", `${port}`, "--bind", "127.0.0.1"];
    return { port, start: () => startProcess({ command: program, args: [...args.map(inDir), ...own], ready }) };
  }
  const told = Object.entries(environmentOf(container, options.secrets)).map(([name, value]) => [name, here(value)]);
  const env = {
    ...Object.fromEntries(told),
    ...(options.cluster && serviceOf(options.cluster.url)),
    ...options.env,
    ...{ PORT: `${port}`, BIND_ADDRESS: "127.0.0.1" },
  };
  const { image: tag } = options;
  const { command: program, args } = RUNTIMES.bun;
  if (!tag) return { port, start: () => startProcess({ command: program, args, env, ready }) };
  const { automountServiceAccountToken, serviceAccountName } = spec.template.spec;
  const files = automountServiceAccountToken ? accountFiles(options, metadata.name, serviceAccountName) : {};
  return { port, start: () => startContainer({ tag }, { env, files, port, ...(httpGet && { ready: httpGet.path }) }) };
}

/** What a kubelet mounts for a ServiceAccount: its token, and the API server's authority. */
function accountFiles({ dir, cluster }: PodOptions, pod: string, account: string): Readonly<Record<string, string>> {
  if (!cluster) return {};
  const token = join(dir, `${pod}.token`);
  writeFileSync(token, cluster.tokenOf(account));
  const at = "/var/run/secrets/kubernetes.io/serviceaccount";
  return { [`${at}/token`]: token, [`${at}/ca.crt`]: cluster.caFile };
}

/** What every container is told of the API server, wanted or not. */
function serviceOf(url: string): Readonly<Record<string, string>> {
  const { hostname, port } = new URL(url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, KUBERNETES_PORT: `tcp://${hostname}:${port}` };
}
