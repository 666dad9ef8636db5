import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { newKey } from "../unit/proxy/keys.ts";
import { DEAD_LETTERS, PROMETHEUS } from "./client.ts";
import { alertIn, webhook } from "./payloads.ts";
import { credentialSettings } from "./process-target.ts";
import { postHead, rawRequest, rawText } from "./raw-http.ts";
import { RUNTIMES } from "./runtimes.ts";

const run = promisify(execFile);

/** A webhook whose body waits for `finish`, on a connection to be kept; `begun` once the server has asked for it. */
function beginSending(url: string) {
  const headers = { "content-type": "application/json", expect: "100-continue" };
  const sending = request(new URL(PROMETHEUS, url), { method: "POST", headers, agent: new Agent({ keepAlive: true }) });
  const status = new Promise<number | undefined>((resolve, reject) => {
    sending.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
    sending.on("error", reject);
  });
  status.catch(() => {});
  const begun = new Promise((resolve) => sending.once("continue", resolve));
  sending.flushHeaders();
  const finish = () => {
    sending.end(JSON.stringify(webhook([alertIn("shop")])));
    return status;
  };
  return { begun, status, write: (part: string) => sending.write(part), finish };
}

describe.concurrent.each(Object.values(RUNTIMES))("a process on $name", { timeout: 90_000 }, ({ command, args }) => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "breakwater-life-"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const start = async (port: number, more: Readonly<Record<string, string>> = {}) => {
    const url = `http://127.0.0.1:${port}`;
    const env = { PORT: `${port}`, KUBE_PORT: `${await freePort()}`, BIND_ADDRESS: "127.0.0.1", ENABLE_STORM_BUFFERING: "false", ...more };
    const process = await startProcess({ command, args, cwd: mkdtempSync(join(dir, "run-")), env, ready: new URL("/ready", url) });
    return { ...process, url, end: () => globalThis.process.kill(process.pid, "SIGTERM") };
  };

  it("tells a sender that wants its connection closed why it refuses 5 MiB, also where it need not read them", async ({ expect }) => {
    const { url, stop } = await start(await freePort());
    const lines = ["Connection: close", `Content-Length: ${5 * 1024 * 1024}`];
    const refusals = [
      [postHead("/api/v1/signals", null, ...lines), 404],
      [postHead(DEAD_LETTERS, null, ...lines), 405],
      [postHead(PROMETHEUS, null, ...lines).replace("/json", "/text"), 415],
    ] as const;
    for (const [head, status] of refusals)
      for (let time = 0; time < 5; time++) expect((await rawRequest(url, [head, " ".repeat(5 * 1024 * 1024)])).status).toBe(status);
    await stop();
  });

  it("prints a working admin token only where it listens on nothing but loopback, else how to set one", async ({ expect }) => {
    const printedBy = async (BIND_ADDRESS: string) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const env = {
        PORT: `${port}`,
        KUBE_PORT: `${await freePort()}`,
        BIND_ADDRESS,
        SHUTDOWN_DELAY_SECONDS: "0",
        SOURCE_SHOP: credentialSettings("shop").SOURCE_SHOP ?? "",
      };
      const process = await startProcess({ command, args, cwd: mkdtempSync(join(dir, "run-")), env, ready: /Breakwater is ready/ });
      const token = /Bearer (\S+?)"/.exec(process.output())?.[1] ?? "none";
      const { status } = await fetch(url + DEAD_LETTERS, { headers: { authorization: `Bearer ${token}` } });
      await process.stop();
      return { status, token, output: process.output() };
    };
    expect(await printedBy("127.0.0.1")).toMatchObject({ status: 200 });
    // Loopback by its effect, so that the test opens nothing, but not by its name.
    const open = await printedBy("127.1");
    expect(open).toMatchObject({ status: 401, token: "none" });
    expect(open.output).toMatch(/admin +closed: set ADMIN_TOKEN_SHA256/);
    expect(open.output).not.toMatch(/[0-9a-f]{32}/);
  });

  it("ends with exit code 2 and a line without any value where a setting is wrong, also one that only its use shows", async ({
    expect,
  }) => {
    const { verifyKeys } = await newKey("k1");
    const planted = "Planted0Secret";
    const kubeconfig = join(dir, "kubeconfig");
    const user = { "auth-provider": { name: "oidc", config: { "id-token": planted } } };
    const clusters = [{ name: "c", cluster: { server: "https://api.test" } }];
    const contexts = [{ name: "x", context: { cluster: "c", user: "u" } }];
    writeFileSync(kubeconfig, JSON.stringify({ clusters, users: [{ name: "u", user }], contexts, "current-context": "x" }));
    const proxy = { ROLE: "proxy", CRD_PROXY_VERIFY_KEYS: JSON.stringify(verifyKeys), BIND_ADDRESS: "127.0.0.1" };
    const wrong: readonly (readonly [env: Record<string, string>, line: RegExp])[] = [
      [
        { UPSTASH_REDIS_REST_URL: planted, UPSTASH_REDIS_REST_TOKEN: "https://redis.test" },
        /^breakwater: UPSTASH_REDIS_REST_URL must be an http/,
      ],
      [{ ...proxy, KUBE_CONFIG: planted }, /^breakwater: KUBE_CONFIG: the file cannot be read \(ENOENT\)\n$/],
      [{ ...proxy, KUBE_CONFIG: kubeconfig }, /^breakwater: KUBE_CONFIG: users\.auth-provider is not supported.*\n$/],
    ];
    for (const [env, line] of wrong) {
      const ended = await run(command, [...args], { cwd: dir, env: { PATH: process.env.PATH, ...env } }).catch((error) => error);
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(line)]);
      expect(ended.stdout + ended.stderr).not.toContain(planted);
    }
  });

  it("answers who names no host as anybody else: probes of HTTP/1.0 do not", async ({ expect }) => {
    const { url, stop } = await start(await freePort());
    for (const path of ["/ready", "/health"]) expect((await rawRequest(url, [`GET ${path} HTTP/1.0\r\n\r\n`])).status).toBe(200);
    const body = JSON.stringify(webhook([alertIn("shop")]));
    const head = postHead(PROMETHEUS, null, `Content-Length: ${body.length}`)
      .replace("HTTP/1.1", "HTTP/1.0")
      .replace("Host: localhost\r\n", "");
    expect((await rawRequest(url, [head, body])).status).toBe(201);
    await stop();
  });

  it("ends a connection that is silent, stops within a head, or within a body", async ({ expect }) => {
    const { url, stop } = await start(await freePort());
    const head = postHead(PROMETHEUS, null, "Content-Length: 100");
    const ended = await Promise.all(["", head.slice(0, 60), `${head}{`].map((text) => rawText(url, text, 45_000)));
    expect(ended[2]).toMatch(/^HTTP\/1\.1 503 [\s\S]*"body-late"/);
    await stop();
  });

  it("ends at once when it is told so again", async ({ expect }) => {
    const { url, end, exited, output } = await start(await freePort(), { SHUTDOWN_DELAY_SECONDS: "3600" });
    end();
    await expect.poll(output).toContain('"stopping"');
    end();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect((await fetch(`${url}/health`)).status).toBe(200);
    end();
    expect(await exited).toBe(1);
  });

  it("ends with exit code 1 and a sentence where its port is taken", async ({ expect }) => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toThrow(
      new RegExp(`ended before it was ready; it printed:\\nbreakwater: cannot listen on 127.0.0.1:${port}: .*\\n$`),
    );
    other.close();
  });

  it("ends with exit code 0 as soon as a request under way is answered, and takes no new one", async ({ expect }) => {
    const { url, end, exited, output } = await start(await freePort());
    const sent = beginSending(url);
    await sent.begun;
    end();
    await expect.poll(output).toContain('"stopping"');
    await expect.poll(() => fetch(url).catch(() => "refused")).toBe("refused");
    const endedAt = exited.then(() => performance.now());
    const answeredAt = sent.finish().then((status) => {
      expect(status).toBe(201);
      return performance.now();
    });
    expect((await endedAt) - (await answeredAt)).toBeLessThan(3_000);
    expect(await exited).toBe(0);
  });

  it("ends although a connection is kept that nobody uses", async ({ expect }) => {
    const { url, end, exited } = await start(await freePort());
    await fetch(`${url}/health`).then((answer) => answer.text());
    const startedMs = performance.now();
    end();
    expect(await exited).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("ends although a sender never begins its body: it is told to send it again", async ({ expect }) => {
    const { url, end, exited } = await start(await freePort());
    const stuck = beginSending(url);
    await stuck.begun;
    end();
    expect(await stuck.status).toBe(503);
    expect(await exited).toBe(0);
  });

  it("ends although a sender never ends its request, and says so", async ({ expect }) => {
    const { url, end, exited, output } = await start(await freePort());
    const stuck = beginSending(url);
    await stuck.begun;
    end();
    // From its first byte on, a body has longer to come than the process has to end.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    stuck.write("{");
    expect(await exited).toBe(0);
    expect(output()).toContain('"requests-cut-off"');
  });
});
