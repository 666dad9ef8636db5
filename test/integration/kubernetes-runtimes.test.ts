import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROGRAMS } from "../support/programs.ts";
import { freshNamespace, realParts } from "../support/real-parts.ts";

const run = promisify(execFile);

describe.each(PROGRAMS)("the proxy's transport on %s", (_name, command, flags) => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "breakwater-transport-"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const kubeconfig = (cluster: object, user: object) => {
    const path = join(dir, `kubeconfig-${Math.random().toString(36).slice(2)}`);
    const contexts = [{ name: "test", context: { cluster: "test", user: "admin" } }];
    const content = { clusters: [{ name: "test", cluster }], users: [{ name: "admin", user }], contexts, "current-context": "test" };
    writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "Config", ...content }));
    return path;
  };
  const probe = async (path: string, namespace: string, timeoutMs = 5_000): Promise<unknown> => {
    const { stdout } = await run(command, [...flags, "test/integration/kubernetes-probe.ts", path, namespace, String(timeoutMs)]);
    return JSON.parse(stdout);
  };
  const admin = () => ({ token: realParts().adminToken });
  const server = () => realParts().apiServerUrl;

  it("creates, reads, counts and deletes behind a private authority, over kept connections", async () => {
    const path = kubeconfig({ server: server(), "certificate-authority": realParts().caFile }, admin());
    expect(await probe(path, await freshNamespace())).toEqual({ created: true, counted: { probe: 3 }, listed: 1, afterwards: 0 });
  });

  it("follows a request behind a private authority", async () => {
    const path = kubeconfig({ server: server(), "certificate-authority": realParts().caFile }, admin());
    const { stdout } = await run(command, [...flags, "test/integration/kubernetes-watch-probe.ts", path, await freshNamespace()]);
    const [first, second] = [1, 3].map((count) => ({ made: true, followed: true, slots: { "intent-a": count } }));
    expect(JSON.parse(stdout)).toEqual({ session: true, recorded: "recorded", told: [first, second] });
  });

  it("trusts no server that its authority does not vouch for", async () => {
    expect(await probe(kubeconfig({ server: server() }, admin()), "default")).toEqual({ problem: "api-unreachable" });
  });

  it("asks no authority where the kubeconfig says so", async () => {
    const path = kubeconfig({ server: server(), "insecure-skip-tls-verify": true }, admin());
    expect(await probe(path, await freshNamespace())).toMatchObject({ created: true });
  });

  it("tells a refused token from an unreachable server", async () => {
    const path = kubeconfig({ server: server(), "certificate-authority": realParts().caFile }, { token: "wrong" });
    expect(await probe(path, "default")).toEqual({ problem: "unauthorized" });
    expect(await probe(kubeconfig({ server: "https://127.0.0.1:1" }, admin()), "default")).toEqual({ problem: "api-unreachable" });
  });

  it("stops waiting for a server that never answers", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const path = kubeconfig({ server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true }, admin());
    expect(await probe(path, "default", 200)).toEqual({ problem: "timeout" });
    silent.close();
  });
});
