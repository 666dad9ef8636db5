import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCredentials } from "../../../src/adapters/kubernetes/credentials.ts";
import { readKubeconfig } from "../../../src/adapters/kubernetes/kubeconfig.ts";
import { SettingProblem } from "../../../src/config/setting-problem.ts";

const SECRET = "Planted0Secret";
const base64 = (text: string) => Buffer.from(text).toString("base64");

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-kubeconfig-"));
  mkdirSync(join(dir, "sub"));
  for (const name of ["ca.crt", "client.crt", "client.key", "token"]) writeFileSync(join(dir, "sub", name), `the ${name}\n`);
});
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
function write(content: unknown): string {
  const path = join(dir, "sub", `kubeconfig-${files++}`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
const configOf = (cluster: object, user: object) => ({
  clusters: [{ name: "c", cluster: { server: "https://api.test:6443", ...cluster } }],
  users: [{ name: "u", user }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "shop" } }],
  "current-context": "x",
});
const read = (cluster: object, user: object) => readKubeconfig(write(configOf(cluster, user)));
const credentialsOf = (cluster: object, user: object) => createCredentials(read(cluster, user)).read();
function plugin(name: string, script: string): string {
  writeFileSync(join(dir, "sub", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, "sub", name), 0o755);
  return `./${name}`;
}
const v1 = "client.authentication.k8s.io/v1";
const credential = (status: object, apiVersion = v1) => JSON.stringify({ apiVersion, kind: "ExecCredential", status });

describe("a kubeconfig's credentials", () => {
  it("are read from files beside the kubeconfig, wherever the process runs, and data wins over a file", async () => {
    const cert = { "client-certificate": "client.crt", "client-key": "client.key" };
    expect(await credentialsOf({ "certificate-authority": "ca.crt", "tls-server-name": "kube" }, { ...cert, tokenFile: "token" })).toEqual({
      tls: { ca: "the ca.crt\n", cert: "the client.crt\n", key: "the client.key\n", serverName: "kube" },
      headers: { authorization: ["Bearer the token"] },
    });
    const data = { "client-certificate-data": base64("cert"), "client-key-data": base64("key") };
    const { tls } = await credentialsOf(
      { "certificate-authority": "no", "certificate-authority-data": base64("ca") },
      { ...cert, ...data },
    );
    expect(tls).toEqual({ ca: "ca", cert: "cert", key: "key" });
  });

  it("name a user and password, or nobody", async () => {
    expect((await credentialsOf({}, { username: "a", password: "ü" })).headers).toEqual({ authorization: [`Basic ${base64("a:ü")}`] });
    expect(await credentialsOf({ "insecure-skip-tls-verify": true }, {})).toEqual({ tls: { rejectUnauthorized: false }, headers: {} });
  });

  it("take a token file before a token, and what it last held while it cannot be read", async () => {
    const file = join(dir, "sub", "rotating");
    let elapsedMs = 0;
    const { read: ask, refused } = createCredentials(read({}, { token: "fixed", tokenFile: "rotating" }), () => elapsedMs);
    const token = async () => (await ask()).headers.authorization?.[0];
    expect(await token()).toBe("Bearer fixed");
    writeFileSync(file, "first\n");
    elapsedMs = 9_999;
    expect(await token()).toBe("Bearer fixed");
    elapsedMs = 10_000;
    expect(await token()).toBe("Bearer first");
    rmSync(file);
    elapsedMs = 20_000;
    expect(await token()).toBe("Bearer first");
    writeFileSync(file, "second");
    elapsedMs = 20_999;
    refused();
    expect(await token()).toBe("Bearer first");
    elapsedMs = 21_000;
    refused();
    expect(await token()).toBe("Bearer second");
  });

  it("act as somebody else, as who, in which groups and with what else", () => {
    const as = { as: "ann", "as-uid": "7", "as-groups": ["ops", "dev"], "as-user-extra": { "acme.test/Scope": ["a", "b"] } };
    expect(read({ "disable-compression": true }, { token: "t", ...as }).headers).toEqual({
      "accept-encoding": ["identity"],
      "impersonate-user": ["ann"],
      "impersonate-uid": ["7"],
      "impersonate-group": ["ops", "dev"],
      "impersonate-extra-acme.test%2FScope": ["a", "b"],
    });
  });

  it("come from a program beside the kubeconfig, which is told of the cluster, until they end or are refused", async () => {
    const script = `echo run >> "$LOG"; [ "$1 $2" = "a b" ] || exit 3; echo "$KUBERNETES_EXEC_INFO" > "$LOG.info"; cat "$LOG.reply"`;
    const log = join(dir, "runs");
    const exec = {
      apiVersion: v1,
      command: plugin("login", script),
      args: ["a", "b"],
      env: [{ name: "LOG", value: log }],
      interactiveMode: "IfAvailable",
      provideClusterInfo: true,
    };
    writeFileSync(`${log}.reply`, credential({ token: "t", clientCertificateData: "cert", clientKeyData: "key" }));
    const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x" } }];
    const access = read({ "certificate-authority": "ca.crt", extensions }, { exec });
    expect(await createCredentials(access).read()).toEqual({
      tls: { ca: "the ca.crt\n", cert: "cert", key: "key" },
      headers: { authorization: ["Bearer t"] },
    });
    expect(JSON.parse(readFileSync(`${log}.info`, "utf8"))).toEqual({
      apiVersion: v1,
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: { server: "https://api.test:6443", "certificate-authority-data": base64("the ca.crt\n"), config: { audience: "x" } },
      },
    });
    let elapsedMs = 0;
    const { read: ask, refused } = createCredentials(access, () => elapsedMs);
    const runs = () => readFileSync(log, "utf8").trim().split("\n").length;
    const before = runs();
    for (elapsedMs = 0; elapsedMs < 50_000; elapsedMs += 10_000) await ask();
    expect(runs() - before).toBe(1);
    refused();
    await ask();
    expect(runs() - before).toBe(2);
    writeFileSync(`${log}.reply`, credential({ token: "t", expirationTimestamp: "2026-01-01T00:00:00Z" }));
    elapsedMs += 10_000;
    refused();
    for (let more = 0; more < 2; more++, elapsedMs += 10_000) await ask();
    expect(runs() - before).toBe(4);
    for (const reply of ["no JSON", credential({ token: "t" }, "client.authentication.k8s.io/v1beta1"), credential({ token: 1 })]) {
      writeFileSync(`${log}.reply`, reply + SECRET);
      const said = await createCredentials(access).read().catch(String);
      expect(said).toMatch(/^Error: the exec plugin/);
      expect(said).not.toContain(SECRET);
    }
  });
});

describe("several kubeconfigs", () => {
  it("are one, of which the first that names something decides, and may be missing", async () => {
    const first = write({ users: [{ name: "u", user: { token: "first" } }], "current-context": "x" });
    const second = write(configOf({ "certificate-authority": "ca.crt" }, { token: "second", username: "u" }));
    const access = readKubeconfig([join(dir, "missing"), first, second].join(":"));
    expect(await createCredentials(access).read()).toEqual({ tls: { ca: "the ca.crt\n" }, headers: { authorization: ["Bearer first"] } });
  });
});

describe("what a kubeconfig says and is not heeded is refused by name at the start, and nothing of it is shown:", () => {
  const exec = { apiVersion: v1, command: "sh", interactiveMode: "Never" };
  it.each<[string, object, object, RegExp]>([
    ["a provider", {}, { "auth-provider": { name: "oidc", config: { "id-token": SECRET } } }, /users\.auth-provider is not supported/],
    ["an old plugin", {}, { exec: { ...exec, apiVersion: "client.authentication.k8s.io/v1alpha1" } }, /users\.exec\.apiVersion must be/],
    ["a plugin that asks", {}, { exec: { ...exec, interactiveMode: "Always" } }, /interactiveMode Always needs somebody/],
    ["a plugin that does not say", {}, { exec: { ...exec, interactiveMode: undefined } }, /users\.exec\.interactiveMode must be/],
    ["a plugin without a command", {}, { exec: { ...exec, command: "" } }, /users\.exec\.command is missing/],
    [
      "a plugin that is not there",
      {},
      { exec: { ...exec, command: `bin/${SECRET}`, installHint: "get it at\nacme.test" } },
      /users\.exec\.command is not there to be run: get it at acme\.test$/,
    ],
    ["one that is not in PATH", {}, { exec: { ...exec, command: `no-${SECRET}` } }, /users\.exec\.command is not there to be run$/],
    ["two ways to call", {}, { username: "a", token: SECRET }, /only one may be there/],
    ["groups of nobody", {}, { "as-groups": ["a"] }, /need users\.as$/],
    ["half a certificate", {}, { "client-certificate-data": base64(SECRET) }, /must be there together/],
    [
      "a certificate that is not there",
      { "certificate-authority": SECRET },
      {},
      /the file of certificate-authority cannot be read \(ENOENT\)/,
    ],
    ["a token file that is not there", {}, { tokenFile: SECRET }, /the file of tokenFile cannot be read \(ENOENT\)/],
    ["two minds", { "insecure-skip-tls-verify": true, "certificate-authority-data": base64("a") }, {}, /does not go with/],
    ["another proxy", { "proxy-url": `socks5://u:${SECRET}@p:1` }, {}, /clusters\.proxy-url must be/],
    ["no URL", { server: SECRET }, {}, /clusters\.server must be/],
    ["another type", {}, { token: [SECRET] }, /is no kubeconfig: users\.0\.user\.token is of another type/],
  ])("%s", (_, cluster, user, problem) => {
    const start = () => createCredentials(read(cluster, user));
    expect(start).toThrow(SettingProblem);
    expect(start).toThrow(problem);
    expect(start).toThrow(/^KUBE_CONFIG: [^\n]*$/);
    expect(start).not.toThrow(SECRET);
  });

  it.each([
    ["nothing there", () => join(dir, SECRET), /the file cannot be read \(ENOENT\)/],
    ["no YAML", () => write(`a: [${SECRET}`), /is no kubeconfig/],
    ["a token in its place", () => SECRET, /cannot be read/],
    ["no context", () => write({ clusters: [] }), /no current-context/],
    ["a context of no cluster", () => write({ ...configOf({}, {}), clusters: [] }), /cluster is not among the clusters/],
    ["a context of no user", () => write({ ...configOf({}, {}), users: [] }), /user is not among the users/],
    ["no pod", () => "in-cluster", /in-cluster needs KUBERNETES_SERVICE_HOST/],
  ])("%s", (_, source, problem) => {
    expect(() => readKubeconfig(source())).toThrow(problem);
    expect(() => readKubeconfig(source())).not.toThrow(SECRET);
  });
});
