import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtApiServer } from "../kube-apiserver/binary.ts";
import { requestApiServer } from "./api-request.ts";
import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";

/** A real Kubernetes API server with RBAC on. */
export interface ApiServer {
  readonly url: string;
  /** For the user `admin` of the group system:masters. */
  readonly kubeconfigPath: string;
  readonly adminToken: string;
  /** The private authority that signed its certificate. */
  readonly caFile: string;
  readonly pid: number;
  /** What it has acknowledged is there again when it is next started in its folder, whatever the signal. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

type Running = Pick<ApiServer, "url" | "pid" | "stop">;

const adminToken = "admin-token";
/** Asked to end, it would wait a minute for watches to end first. What it acknowledged is in files, and stays. */
const LEAVE = "SIGKILL";
const startWithinMs = 60_000; // 5 s alone, more beside other tests on two cores

/** Starts an API server that keeps everything in `dir`, for its next start there too: KUBEBUILDER_ASSETS's, else one built from source. */
export async function startApiServer(dir: string): Promise<ApiServer> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  const { url, pid, stop } = assets ? await startAssets(assets, dir) : await startBuilt(dir);
  return {
    url,
    pid,
    stop,
    adminToken,
    kubeconfigPath: join(dir, "kubeconfig"),
    caFile: join(dir, "certificates", "apiserver.crt"),
  };
}

async function startBuilt(dir: string): Promise<Running> {
  const server = await startProcess({ command: builtApiServer(), args: [dir], ready: /^ready /m, withinMs: startWithinMs });
  const url = /server: "([^"]+)"/.exec(readFileSync(join(dir, "kubeconfig"), "utf8"))?.[1];
  if (!url) throw new Error("the API server's kubeconfig names no server");
  return { url, pid: server.pid, stop: (signal = LEAVE) => server.stop(signal) };
}

async function startAssets(assets: string, dir: string): Promise<Running> {
  const etcd = await startEtcd(assets, dir);
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const certificates = join(dir, "certificates");
  const caFile = join(certificates, "apiserver.crt");
  const server = await startProcess({
    command: join(assets, "kube-apiserver"),
    args: [
      `--etcd-servers=${etcd.url}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      `--cert-dir=${certificates}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-cluster-ip-range=10.0.0.0/24",
      "--disable-admission-plugins=ServiceAccount",
      ...writeCredentials(dir, url, caFile),
    ],
    ready: async () => (await requestApiServer({ url, caFile, adminToken }, "/readyz")).status === 200,
    withinMs: startWithinMs,
  });
  const stop = async (signal: NodeJS.Signals = LEAVE) => {
    await server.stop(signal);
    await etcd.stop();
  };
  return { url, pid: server.pid, stop };
}

async function startEtcd(assets: string, dir: string): Promise<{ url: string; stop(): Promise<void> }> {
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const etcd = await startProcess({
    command: join(assets, "etcd"),
    args: [
      `--data-dir=${join(dir, "etcd")}`,
      "--unsafe-no-fsync", // a test's data need not survive a power cut
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
    ready: new URL("/health", client),
  });
  return { url: client, stop: () => etcd.stop() };
}

/** Writes keys, the admin's token and the kubeconfig, and returns the flags that name them. */
function writeCredentials(dir: string, url: string, caFile: string): string[] {
  const key = join(dir, "service-account.key");
  const tokens = join(dir, "tokens.csv");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  writeFileSync(tokens, `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
  writeFileSync(
    join(dir, "kubeconfig"),
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server: url, "certificate-authority": caFile } }],
      users: [{ name: "admin", user: { token: adminToken } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
      "current-context": "test",
    }),
    { mode: 0o600 },
  );
  return [`--token-auth-file=${tokens}`, `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`];
}
