import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { freePort } from "../support/free-port.ts";
import type { Manifest } from "../support/manifests.ts";
import { podsOf } from "../support/pods.ts";
import { type Started, startProcess } from "../support/process.ts";

const page = readFileSync("docs/deploy-cluster.md", "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, block = ""]) => block);
/** All that the page tells people to type, one command each. */
const commands = blocks("sh").flatMap((block) => block.replaceAll("\\\n", "").trim().split("\n"));

/** What takes a registry, or controllers and nodes. */
const LEFT_OUT = [/^buildah /, / rollout status /];

let dir: string;
let cluster: ApiServer;
const processes: Started[] = [];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-deploy-"));
  cluster = await startApiServer(join(dir, "cluster"));
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()));
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (command: string): string =>
  execFileSync("sh", ["-c", command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath },
  });

/** The objects of some kinds that are in the cluster now. */
const objects = (kinds: string) => (JSON.parse(run(`kubectl -n kubernaut-system get ${kinds} -o json`)) as { items: Manifest[] }).items;

/** Starts what controllers and kubelets would, of what is in the cluster, and returns the gateway's port. */
async function startPods(): Promise<number> {
  const secrets = new Map(
    objects("secrets").map(({ metadata, data = {} }) => {
      const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
      return [metadata.name, Object.fromEntries(texts)];
    }),
  );
  // Alerts wait less long for others than they would.
  const env = { STORM_FIRST_REQUEST_SECONDS: "1" };
  const tokenOf = (account: string) => run(`kubectl -n kubernaut-system create token ${account}`).trim();
  const { url, caFile } = cluster;
  const pods = await podsOf(objects("deployments,statefulsets,services,configmaps"), {
    image: `breakwater:${packageJson.version}`,
    dir,
    secrets,
    env,
    cluster: { url, caFile, tokenOf },
  });
  for (const name of ["redis", "bridge", "proxy", "gateway"]) {
    const pod = pods.get(`breakwater-${name}`);
    if (!pod) throw new Error(`nothing starts breakwater-${name}`);
    processes.push(await pod.start());
  }
  return pods.get("breakwater-gateway")?.port ?? 0;
}

/** An Alertmanager with the configuration of the page, whose pod has the Secret mounted. */
async function startAlertmanager(gatewayPort: number): Promise<number> {
  const mounted = join(dir, "etc/alertmanager/secrets/breakwater");
  mkdirSync(mounted, { recursive: true });
  const token = run("kubectl -n monitoring get secret breakwater -o jsonpath={.data.alertmanager} | base64 -d");
  writeFileSync(join(mounted, "alertmanager"), token);
  const receiver = readFileSync("deploy/receivers/alertmanager.yaml", "utf8")
    .replace("breakwater-gateway.kubernaut-system.svc:8787", `127.0.0.1:${gatewayPort}`)
    .replace("/etc/alertmanager/secrets/breakwater", mounted)
    .replace("group_wait: 10s", "group_wait: 1s");
  const config = join(dir, "alertmanager.yml");
  writeFileSync(config, receiver);
  run(`amtool check-config ${config}`);
  const port = await freePort();
  const args = [`--config.file=${config}`, `--storage.path=${dir}`, `--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="];
  const ready = new URL(`http://127.0.0.1:${port}/-/ready`);
  processes.push(await startProcess({ command: "prometheus-alertmanager", args, ready }));
  return port;
}

describe("the page about a cluster", () => {
  it("leads from a cluster that knows nothing to the first alert's request, through Alertmanager", async () => {
    run("kubectl create namespace monitoring");
    let gatewayPort = 0;
    let sent = false;
    for (const command of commands.filter((each) => !LEFT_OUT.some((pattern) => pattern.test(each)))) {
      if (command.includes(" wait deployment ")) gatewayPort = await startPods();
      else if (command.startsWith("amtool ")) {
        run(command.replace("127.0.0.1:9093", `127.0.0.1:${await startAlertmanager(gatewayPort)}`));
        sent = true;
      } else if (command.endsWith(" get remediationrequests")) {
        const names = () => run(command).split("\n").slice(1).filter(Boolean);
        await expect.poll(names, { timeout: 30_000, interval: 500 }).toEqual([expect.stringContaining("FirstAlert")]);
      } else run(command);
    }
    expect(sent).toBe(true);
  }, 120_000);

  it("names this version", () => {
    expect(new Set([...page.matchAll(/breakwater:(\d+\.\d+\.\d+)/g)].map(([, version]) => version))).toEqual(
      new Set([packageJson.version]),
    );
  });

  it("shows a kustomization that adds a setting to the gateway and changes nothing else", () => {
    const own = join(dir, "own");
    mkdirSync(own);
    symlinkSync(resolve("."), join(own, "breakwater"));
    writeFileSync(join(own, "kustomization.yaml"), blocks("yaml").join(""));
    const lines = (path: string) => run(`kubectl kustomize ${path}`).split("\n");
    const before = new Set(lines("deploy/overlays/all-in-cluster"));
    expect(
      lines(own)
        .filter((line) => !before.has(line))
        .map((line) => line.trim()),
    ).toEqual(["- name: STORM_THRESHOLD", 'value: "8"']);
  });
});
