import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { type Started, startProcess } from "../support/process.ts";
import { freshName, realParts } from "../support/real-parts.ts";
import type { AlertResult } from "../support/sender.ts";
import { copyProject, type WorkingCopy } from "../support/working-copy.ts";

let copy: WorkingCopy;
beforeAll(() => {
  copy = copyProject();
});
afterAll(() => copy?.remove());

/** What README tells people to type, one command each, without the start itself. */
const commands = [...(/^## Try it$([\s\S]*?)^## /m.exec(readFileSync("README.md", "utf8"))?.[1] ?? "").matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = ""]) => block.replaceAll("\\\n", "").trim().split("\n"))
  .filter((command) => command !== "npm start");
const commandOf = (program: string, word: string): string => {
  const found = commands.find((command) => command.startsWith(`${program} `) && command.includes(word));
  if (!found) throw new Error(`README has no ${program} with ${word}`);
  return found;
};

async function freeAddress() {
  const [PORT, KUBE_PORT] = [`${await freePort()}`, `${await freePort()}`];
  return { PORT, KUBE_PORT };
}

const npmStart = (env: Readonly<Record<string, string>>): Promise<Started> =>
  startProcess({ command: "npm", args: ["start"], cwd: copy.dir, env, ready: /Breakwater is ready/ });

/** Does what README's curl does, at another port; `body` replaces its file. */
async function send(port: string, body?: string) {
  const [, url = "", file = ""] = / (http:\S+) .*-d @(\S+)/.exec(commandOf("curl", "-d @")) ?? [];
  const response = await fetch(url.replace("8787", port), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body ?? readFileSync(join(copy.dir, file)),
  });
  const { results } = (await response.json()) as { results: readonly AlertResult[] };
  return { status: response.status, result: results[0] };
}

const run = (command: string): string => execFileSync("sh", ["-c", command], { cwd: copy.dir, encoding: "utf8" });

describe.each([
  ["in memory", () => ({})],
  ["on a real Redis", () => ({ REDIS_URL: realParts().redisUrl, CLUSTER_NAME: freshName("walk") })],
])("README's walk, with the ledger %s,", (_, env) => {
  let address: Awaited<ReturnType<typeof freeAddress>>;
  let started: Started;
  let startedWithinMs: number;
  beforeAll(async () => {
    address = await freeAddress();
    const sinceMs = performance.now();
    started = await npmStart({ ...address, ...env() });
    startedWithinMs = performance.now() - sinceMs;
  });
  afterAll(() => started?.stop());

  it("begins within 5 s", () => {
    expect(startedWithinMs).toBeLessThan(5_000);
  });

  const requests = () => run(commandOf("kubectl", "get")).trim().split("\n").slice(1);
  const soon = { timeout: 10_000, interval: 100 };

  it("goes as README says", async () => {
    const first = await send(address.PORT);
    expect(first).toMatchObject({ status: 202, result: { outcome: "buffered", occurrenceCount: 1, remediationRequest: null } });
    const [, name = ""] = / remediationrequest (\S+) /.exec(commandOf("kubectl", "patch")) ?? [];
    await expect.poll(requests, soon).toEqual([expect.stringMatching(new RegExp(`^shop +${name} `))]);
    expect(await send(address.PORT)).toMatchObject({
      status: 202,
      result: { outcome: "duplicate", occurrenceCount: 2, remediationRequest: { namespace: "shop", name } },
    });
    run(commandOf("kubectl", "patch"));
    expect(await send(address.PORT)).toMatchObject({ status: 202, result: { outcome: "buffered", occurrenceCount: 1 } });
    await expect.poll(requests, soon).toEqual([expect.stringContaining("Completed"), expect.not.stringContaining("Completed")]);
  });

  it("folds the storm of the drill, which tells what became of each alert, into one request", async () => {
    const told = run(`${commandOf("npm", "storm").replace("npm run", "npm run -s")} --url http://127.0.0.1:${address.PORT}`);
    expect(told).toMatch(/^alerts sent +100 in /m);
    expect(told).toMatch(/^requests +1 \(of storms: 1, /m);
    await expect.poll(() => requests().slice(2), soon).toEqual([expect.stringMatching(/ rr-storm-\S+ .* 100 /)]);
  });

  it("shows what could not be judged by the command that was printed", async () => {
    const bad = JSON.stringify({ version: "4", alerts: [{ status: "firing", labels: { severity: "critical" } }] });
    expect(await send(address.PORT, bad)).toMatchObject({ status: 202, result: { outcome: "quarantined", reason: "alertname-missing" } });
    const [, authorization = "", url = ""] = /curl -H "Authorization: ([^"]+)" (\S+)/.exec(started.output()) ?? [];
    const response = await fetch(url, { headers: { authorization } });
    expect(await response.json()).toMatchObject({ total: 1, deadLetters: [{ reason: "alertname-missing", count: 1 }] });
  });

  it("ends with npm", async () => {
    await started.stop("SIGTERM");
    for (const port of Object.values(address)) await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow("fetch failed");
  });
});

it("README's start that lets critical alerts pass at once answers the first with 201, and its repeat as a duplicate", async () => {
  const address = await freeAddress();
  const command = commandOf('STORM_RULE_CRITICAL=\'{"match":{"severity":"critical"},"bypass":true}\'', "npm start");
  const args = ["-c", command.replace("npm", "exec npm")];
  const started = await startProcess({ command: "sh", args, cwd: copy.dir, env: address, ready: /Breakwater is ready/ });
  const first = await send(address.PORT);
  expect(first).toMatchObject({ status: 201, result: { outcome: "created", occurrenceCount: 1 } });
  const { remediationRequest } = first.result ?? {};
  expect(await send(address.PORT)).toMatchObject({ status: 202, result: { outcome: "duplicate", occurrenceCount: 2, remediationRequest } });
  await started.stop();
});

it("a start on any free port prints the address that it took", async () => {
  const started = await npmStart({ PORT: "0", KUBE_PORT: `${await freePort()}` });
  const url = /ready on (http:\S+)/.exec(started.output())?.[1] ?? "";
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  await started.stop();
});

describe("a start says in a sentence what is in its way, and fails:", () => {
  const start = (command: string, args: readonly string[], options: object) => {
    const { PATH = "", HOME = "" } = process.env;
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 10_000, ...options, env: { PATH, HOME, ...address } });
    return { status, stderr };
  };
  let address: Awaited<ReturnType<typeof freeAddress>>;
  beforeAll(async () => {
    address = await freeAddress();
  });

  it.each(["PORT", "KUBE_PORT"] as const)("%s is taken, and what is there for whoever has it stays", async (setting) => {
    const kubeconfig = join(copy.dir, ".breakwater/kubeconfig");
    const before = readFileSync(kubeconfig, "utf8");
    const taken = createServer().listen(Number(address[setting]), "127.0.0.1");
    await once(taken, "listening");
    const { status, stderr } = start("npm", ["start"], { cwd: copy.dir });
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^breakwater: cannot listen on 127\\.0\\.0\\.1:${address[setting]}: .*in use`, "m"));
    expect(readFileSync(kubeconfig, "utf8")).toBe(before);
  });

  it("nothing may be written where it was started", () => {
    const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const bun = join(copy.dir, "node_modules/.bin/bun");
    const { status, stderr } = start(bun, [join(copy.dir, "src/entry/bun.ts")], { cwd: "/", ...unprivileged });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^breakwater: cannot write \.breakwater\/kubeconfig .*KUBE_CONFIG\n$/)]);
  });
});
