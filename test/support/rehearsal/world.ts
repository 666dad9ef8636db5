import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { runbookWords } from "../../../scripts/monitoring/runbooks.ts";
import { startApiServer } from "../api-server.ts";
import { printedSecrets } from "../manifests.ts";
import { deploy } from "../real-setup.ts";
import { post } from "../sender.ts";
import type { Fault } from "./fault.ts";
import { type Monitoring, startMonitoring } from "./monitoring.ts";
import { followWorkloads, type Workloads } from "./workloads.ts";

type Variables = Readonly<Record<string, string>>;

/** Everything that deploy/overlays/all-in-cluster is, on an API server of its own, watched by a Prometheus, and a shell for whoever is on call. */
export interface World {
  readonly workloads: Workloads;
  readonly monitoring: Monitoring;
  /** Runs commands as a runbook's reader does, with the words and the variables of the page; throws with what they printed where one fails. */
  shell(commands: string, variables?: Variables): Promise<string>;
  kubectl(...args: readonly string[]): string;
  /** Writes a file for the world's time; its path. */
  file(name: string, text: string): string;
  /** A folder for the world's time. */
  readonly dir: string;
  /** The tokens of those who call the gateway, by caller. */
  readonly tokens: Variables;
  /** Sends alerts as the source `alertmanager`. */
  send(...alerts: readonly object[]): ReturnType<typeof post>;
  stop(): Promise<void>;
}

/** The namespace that alerts are about. */
export const SHOP = "shop";

const ADMINISTRATOR = "administrator-of-redis";

/** Critical alerts pass at once, all others wait for their like. */
const CRITICAL = '{"match":{"severity":"critical"},"bypass":true}';

/** Starts one in which a fault can happen, ready for alerts. */
export async function startWorld({ gateways = 1, voteMs }: Pick<Fault, "gateways" | "voteMs"> = {}): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-rehearsal-"));
  const stops: (() => Promise<void>)[] = [async () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 })];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const server = await startApiServer(join(dir, "cluster"));
    stops.push(() => server.stop());
    const kubectl = (...args: readonly string[]) =>
      execFileSync("kubectl", ["--kubeconfig", server.kubeconfigPath, ...args], { encoding: "utf8", stdio: "pipe" });
    deploy(server.kubeconfigPath);
    kubectl("create", "namespace", SHOP);
    const { secrets } = printedSecrets("all-in-cluster");
    const file = (name: string, text: string) => {
      writeFileSync(join(dir, name), text, { mode: 0o600 });
      return join(dir, name);
    };
    const list = [...secrets].map(([name, stringData]) => ({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "kubernaut-system" } },
      stringData,
    }));
    kubectl("apply", "-f", file("secrets.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: list })));
    kubectl("apply", "-k", "deploy/overlays/all-in-cluster");
    kubectl("-n", "kubernaut-system", "set", "env", "deployment/breakwater-gateway", `STORM_RULE_CRITICAL=${CRITICAL}`);

    const users = `${secrets.get("breakwater-redis")?.["users.acl"]}user administrator on >${ADMINISTRATOR} ~* &* +@all\n`;
    const token = kubectl("create", "token", "breakwater-proxy", "--namespace=kubernaut-system").trim();
    const proxysConfig = {
      ...{ apiVersion: "v1", kind: "Config", "current-context": "test" },
      clusters: [{ name: "test", cluster: { server: server.url, "certificate-authority": server.caFile } }],
      users: [{ name: "proxy", user: { token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "proxy" } }],
    };
    const workloads = await followWorkloads({
      ...{ server, dir, gateways, voteMs },
      kubeconfig: file("proxy.kubeconfig", JSON.stringify(proxysConfig)),
      aclFile: file("users.acl", users),
    });
    stops.push(() => workloads.stop());

    const { gateway, proxy, bridge, redis } = workloads.of;
    const tokens = secrets.get("breakwater-tokens") ?? {};
    const addresses = [gateway, proxy, bridge].flatMap(({ urls }) => urls.map((url) => new URL(url).host));
    const monitoring = await startMonitoring(dir, addresses, tokens.read ?? "");
    stops.push(() => monitoring.stop());

    const redisUrl = `${redis.urls[0]}`.replace("//", `//administrator:${ADMINISTRATOR}@`);
    const variables: Variables = {
      PATH: `${resolve("node_modules/.bin")}:${process.env.PATH}`,
      HOME: dir,
      KUBECONFIG: server.kubeconfigPath,
      BREAKWATER_URL: `${gateway.urls[0]}`,
      PROXY_URL: `${proxy.urls[0]}`,
      BRIDGE_URL: `${bridge.urls[0]}`,
      REDIS_URL: redisUrl,
      CLUSTER: "default",
      READ_TOKEN: tokens.read ?? "",
      ADMIN_TOKEN: tokens.admin ?? "",
    };
    const words = runbookWords();
    const shell = async (commands: string, more: Variables = {}) => {
      const { stdout } = await promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", words + commands], {
        env: { ...variables, ...more },
        timeout: 60_000,
      });
      return stdout;
    };
    const sender = { gateway: { url: `${gateway.urls[0]}` }, sourceToken: tokens.alertmanager ?? "" };
    const send = (...alerts: readonly object[]) => post(sender, { version: "4", receiver: "test", status: "firing", alerts });
    return { workloads, monitoring, dir, tokens, shell, kubectl, file, send, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
