import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, request } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { PROGRAMS } from "../support/programs.ts";
import { freshNamespace, realParts } from "../support/real-parts.ts";

const run = promisify(execFile);

let dir: string;
let namespace: string;
let tunnel: Server;
let tunnelUrl: string;
/** Where connections through the tunnel were to go; all go to the API server. */
const tunnelled: string[] = [];
let front: ReturnType<typeof createTlsServer>;
let frontUrl: string;

const url = () => new URL(realParts().apiServerUrl);
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-kubeconfig-"));
  namespace = await freshNamespace();
  writeFileSync(join(dir, "ca.crt"), readFileSync(realParts().caFile));
  writeFileSync(join(dir, "token"), `${realParts().adminToken}\n`);
  tunnel = createServer().on("connect", ({ url: wanted, headers }, socket) => {
    tunnelled.push(`${wanted} ${headers["proxy-authorization"]}`);
    const far = connect(Number(url().port), url().hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(far).pipe(socket);
    });
    for (const [end, other] of [
      [socket, far],
      [far, socket],
    ] as const)
      end.on("error", () => other.destroy());
  });
  await new Promise<void>((resolve) => tunnel.listen(0, "127.0.0.1", resolve));
  tunnelUrl = `http://me:pass@127.0.0.1:${portOf(tunnel)}`;
  front = openCertificateFront();
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  frontUrl = `https://127.0.0.1:${portOf(front)}`;
});
afterAll(() => {
  for (const server of [tunnel, front]) {
    server?.closeAllConnections();
    server?.close();
  }
  rmSync(dir, { recursive: true, force: true });
});

/** Lets only holders of a certificate of its authority through to the API server, which itself asks for none. */
function openCertificateFront() {
  const make = (name: string, ...more: string[]) => {
    const key = join(dir, `${name}.key`);
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    execFileSync("openssl", [...args, "-subj", `/CN=${name}`, "-keyout", key, "-out", join(dir, `${name}.crt`), ...more], {
      stdio: "ignore",
    });
  };
  make("front", "-addext", "subjectAltName=IP:127.0.0.1");
  make("client");
  const of = (name: string) => readFileSync(join(dir, name));
  const options = { key: of("front.key"), cert: of("front.crt"), ca: of("client.crt"), requestCert: true, rejectUnauthorized: true };
  return createTlsServer(options, (asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${realParts().adminToken}` };
    const passed = request(new URL(asked.url ?? "", url()), { method: asked.method ?? "GET", headers, ca: of("ca.crt") }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
}

function kubeconfig(cluster: object, user: object): string {
  const path = join(dir, `kubeconfig-${Math.random().toString(36).slice(2)}`);
  const content = {
    clusters: [{ name: "c", cluster: { server: url().href, "certificate-authority": "ca.crt", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  };
  writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "Config", ...content, "current-context": "x" }));
  return path;
}

const WORKED = { created: true, counted: { probe: 3 }, listed: 1, afterwards: 0 };

describe.each(PROGRAMS)("a kubeconfig on %s", { timeout: 60_000 }, (name, command, flags) => {
  const probe = async (cluster: object, user: object): Promise<unknown> => {
    const args = [...flags, "test/integration/kubernetes-probe.ts", kubeconfig(cluster, user), namespace, "5000"];
    return JSON.parse((await run(command, args)).stdout);
  };
  const admin = () => ({ token: realParts().adminToken });

  it("calls with the token of a file beside it, whatever token it also names", async () => {
    expect(await probe({}, { tokenFile: "token", token: "wrong" })).toEqual(WORKED);
  });

  it("calls with what a program beside it says, which is told of the cluster", async () => {
    const script = `#!/bin/sh
case "$KUBERNETES_EXEC_INFO" in *'"server":"https://'*) ;; *) exit 1 ;; esac
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$1$END"'"}}'`;
    writeFileSync(join(dir, "login"), script);
    chmodSync(join(dir, "login"), 0o755);
    const [start, end] = [realParts().adminToken.slice(0, 4), realParts().adminToken.slice(4)];
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "./login",
      args: [start],
      env: [{ name: "END", value: end }],
      interactiveMode: "Never",
      provideClusterInfo: true,
    };
    expect(await probe({}, { exec })).toEqual(WORKED);
  });

  it("calls with a client's certificate, and not without", async () => {
    const cluster = { server: frontUrl, "certificate-authority": "front.crt" };
    expect(await probe(cluster, { "client-certificate": "client.crt", "client-key": "client.key" })).toEqual(WORKED);
    expect(await probe(cluster, {})).toEqual({ problem: "api-unreachable" });
  });

  it("calls with a user and a password, which this API server knows nobody by", async () => {
    expect(await probe({}, { username: "admin", password: realParts().adminToken })).toEqual({ problem: "forbidden" });
  });

  it("acts as somebody else and in the groups that it names", async () => {
    const masters = await probe({}, { ...admin(), as: "ann", "as-groups": ["system:masters"] });
    expect(masters).toEqual(WORKED);
    expect(await probe({}, { ...admin(), as: "ann", "as-groups": ["dev"] })).toEqual({ problem: "forbidden" });
    const both = probe({}, { ...admin(), as: "ann", "as-groups": ["dev", "system:masters"] });
    expect(await both).toEqual(name === "Bun" ? { problem: expect.stringMatching(/only one value each on Bun/) } : WORKED);
  });

  it("goes through its proxy, and expects the name that it says in the server's certificate", async () => {
    const cluster = { server: `https://api.test:${url().port}`, "proxy-url": tunnelUrl };
    tunnelled.length = 0;
    expect(await probe({ ...cluster, "tls-server-name": "kubernetes" }, admin())).toEqual(WORKED);
    expect(new Set(tunnelled)).toEqual(new Set([`api.test:${url().port} Basic ${btoa("me:pass")}`]));
    expect(await probe({ ...cluster, "tls-server-name": "other.test" }, admin())).toEqual({ problem: "api-unreachable" });
  });
});

it("a token that is replaced in its file while it runs is used soon after the old one is refused", async () => {
  writeFileSync(join(dir, "rotating"), "wrong");
  const api = createRequestApi(openKubernetes({ kubeConfig: kubeconfig({}, { tokenFile: "rotating" }), timeoutMs: 5_000 }).objects);
  await expect(api.list(namespace)).rejects.toMatchObject({ problem: "unauthorized" });
  writeFileSync(join(dir, "rotating"), realParts().adminToken);
  await expect
    .poll(
      () =>
        api.list(namespace).then(
          () => "listed",
          () => "refused",
        ),
      { timeout: 10_000 },
    )
    .toBe("listed");
});
