import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnose } from "../../scripts/doctor/diagnose.ts";
import type { Finding } from "../../scripts/doctor/finding.ts";
import { openRedis } from "../../src/adapters/redis/client.ts";
import { createRedisLedger } from "../../src/adapters/redis/ledger.ts";
import { freePort } from "../support/free-port.ts";
import { type Installation, proxyKubeconfig, startInstallation } from "../support/installation.ts";
import { call as admitCall, firing, invalid, RULES } from "../support/ledger-builders.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { startAlertmanager } from "../support/prometheus.ts";
import { freshName, freshNamespace, kubectl, realParts } from "../support/real-parts.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { stormy } from "../support/storm-builders.ts";

type Env = Readonly<Record<string, string>>;

let dir: string;
let installation: Installation;
let own: OwnRedis;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-doctor-"));
  own = await startOwnRedis();
  installation = await startInstallation({ bridge: own.bridge, gateway: { STORM_JOIN_SECONDS: "600", ENABLE_STORM_BUFFERING: "true" } });
});
afterAll(async () => {
  await installation.stop();
  await own.stop();
  rmSync(dir, { recursive: true });
});

const ask = diagnose;

/** Runs the doctor as an operator does, in the environment of a process; its exit code, and what it printed. */
const call = (env: Env, ...args: string[]) =>
  new Promise<{ readonly code: number; readonly printed: string }>((resolve) => {
    const { PATH = "", HOME = "" } = process.env;
    execFile("node", ["scripts/doctor.ts", ...args], { env: { PATH, HOME, ...env } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), printed: stdout + stderr }),
    );
  });

const wrongIn = (findings: readonly Finding[]) => findings.filter(({ state }) => state === "wrong").map(({ cause }) => cause);

/** The doctor finds this cause and no other, tells the next command, and shows no secret. */
async function finds(causes: string | readonly string[], env: Env, alertmanager?: string) {
  const findings = await ask(env, alertmanager);
  expect(wrongIn(findings)).toEqual([causes].flat());
  for (const { state, next } of findings) expect(next === null).toBe(state === "ok");
  for (const secret of [SECRET, own.bridge.token]) expect(JSON.stringify(findings)).not.toContain(secret);
}

const SECRET = "a-secret-of-the-tests";
const gateway = (over: Env = {}): Env => ({ ...installation.gatewaySettings, ...over });
const bridge = (url: string, over: Env = {}): Env => ({ ROLE: "bridge", BRIDGE_TOKEN: SECRET, REDIS_URL: url, ...over });

function writeFile(text: string): string {
  const path = join(dir, freshName("file"));
  writeFileSync(path, text);
  return path;
}

describe("the doctor", () => {
  it("finds nothing wrong with an installation that works", async () => {
    const { code, printed } = await call(gateway(), "--json");
    const { ok, findings } = JSON.parse(printed) as { ok: boolean; findings: Finding[] };
    expect([code, ok, wrongIn(findings)]).toEqual([0, true, []]);
    expect(new Set(findings.map(({ part }) => part))).toEqual(new Set(["settings", "redis", "proxy", "sweep"]));
  });

  it("tells a person what is wrong and what comes next, and a program by its exit code", async () => {
    const { code, printed } = await call(gateway({ REDIS_ENGINE: "upstash" }));
    expect(code).toBe(3);
    expect(printed).toMatch(/^WRONG {3}redis .*\[wrong-engine\]\n +next: REDIS_ENGINE=redis/m);
    expect(await call(gateway(), "--nonsense")).toMatchObject({ code: 2, printed: expect.stringContaining("usage:") });
  });

  it("names every setting that keeps a process from starting, and shows no value", () =>
    finds(["setting", "setting"], gateway({ ENABLE_STORM_BUFERING: "false", UPSTASH_REDIS_REST_URL: SECRET })));

  describe("tells apart what is wrong with Redis", () => {
    /** A redis-server with these arguments, for a test. */
    const onRedis = async (args: readonly string[], work: (port: number) => Promise<void>) => {
      const server = await startRedisServer(dir, args);
      try {
        await work(server.port);
      } finally {
        await server.stop();
      }
    };
    const APPEND = ["--appendonly", "yes", "--appenddirname"];
    const appending = () => [...APPEND, freshName("aof")];

    it("nobody there", async () => finds("redis-unreachable", bridge(`redis://127.0.0.1:${await freePort()}`)));

    it("a database that it has not, and its answers kept in memory only", () =>
      onRedis([], async (port) => {
        await finds("no-such-database", bridge(`redis://127.0.0.1:${port}/99`));
        await finds("redis-not-persistent", bridge(`redis://127.0.0.1:${port}`));
        await finds("credentials-not-asked-for", bridge(`redis://:${SECRET}@127.0.0.1:${port}`));
      }));

    it("a password that is wrong or missing, and rights that are missing", () =>
      onRedis(["--requirepass", "right", "--user", "few", "on", ">few", "~*", "+ping", "+info", ...appending()], async (port) => {
        await finds("wrong-credentials", bridge(`redis://:${SECRET}@127.0.0.1:${port}`));
        await finds("credentials-missing", bridge(`redis://127.0.0.1:${port}`));
        await finds("rights-missing", bridge(`redis://few:few@127.0.0.1:${port}`));
      }));

    it("keys that it may drop", () =>
      onRedis(["--maxmemory-policy", "allkeys-lru", ...appending()], (port) =>
        finds("maxmemory-policy", bridge(`redis://127.0.0.1:${port}`)),
      ));

    it("little room that is left", () =>
      onRedis(["--maxmemory", "1mb", ...appending()], (port) => finds(["redis-nearly-full"], bridge(`redis://127.0.0.1:${port}`))));

    it("a replica", () =>
      onRedis(["--replicaof", "127.0.0.1", `${new URL(own.url).port}`, ...appending()], (port) =>
        finds("read-only-replica", { ROLE: "all", REDIS_URL: `redis://127.0.0.1:${port}` }),
      ));

    it("a node of a cluster", async () =>
      onRedis(
        ["--cluster-enabled", "yes", "--cluster-config-file", freshName("nodes"), "--cluster-port", `${await freePort()}`, ...appending()],
        (port) => finds("redis-cluster", { ROLE: "all", REDIS_URL: `redis://127.0.0.1:${port}` }),
      ));

    it("a certificate that nobody trusts, or no file with the authority's", () =>
      finds("redis-ca-unreadable", bridge("rediss://127.0.0.1:1", { REDIS_CA_FILE: join(dir, "none.pem") })));
  });

  describe("tells apart what is wrong with a Redis over REST", () => {
    it("a token that is none", () => finds("wrong-credentials", gateway({ UPSTASH_REDIS_REST_TOKEN: SECRET })));

    it("another engine than REDIS_ENGINE says", () => finds("wrong-engine", gateway({ REDIS_ENGINE: "upstash" })));

    it("something else that answers there", () =>
      finds("redis-unreachable", gateway({ UPSTASH_REDIS_REST_URL: installation.gateway.url })));

    it("a full Redis behind the bridge", async () => {
      await own.full(true);
      try {
        // A bridge keeps what it has found for 10 s.
        await expect.poll(async () => wrongIn(await ask(gateway())), { timeout: 20_000 }).toEqual(["redis-full"]);
      } finally {
        await own.full(false);
      }
    });
  });

  describe("tells apart what is wrong with a proxy", () => {
    it("nobody there", async () => finds("proxy-unreachable", gateway({ CRD_PROXY_URL: `http://127.0.0.1:${await freePort()}` })));

    it("something else that answers there", () => finds("not-a-proxy", gateway({ CRD_PROXY_URL: own.bridge.url })));

    it("a key that it does not know", async () => {
      const other = JSON.parse(installation.gatewaySettings.CRD_PROXY_SIGNING_KEY ?? "") as object;
      await finds("signature-refused", gateway({ CRD_PROXY_SIGNING_KEY: JSON.stringify({ ...other, kid: "another" }) }));
    });

    it("another cluster's", () => {
      const cluster = freshName("another");
      const source = { ...(JSON.parse(installation.gatewaySettings.SOURCE_TEST ?? "") as object), cluster };
      return finds("signature-refused", gateway({ CLUSTER_NAME: cluster, SOURCE_TEST: JSON.stringify(source) }));
    });

    it("a clock that is far off", async () => {
      const server: Server = createServer((_, response) =>
        response.writeHead(200, { date: new Date(Date.now() - 120_000).toUTCString() }).end("{}"),
      );
      const port = await freePort();
      await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      await finds("clock-skew", gateway({ CRD_PROXY_URL: `http://127.0.0.1:${port}` }));
      await new Promise((resolve) => server.close(resolve));
    });
  });

  describe("tells apart what is wrong with the cluster", () => {
    const proxy = (kubeconfig: string, over: Env = {}): Env => ({
      ...{ ROLE: "proxy", CLUSTER_NAME: "test", KUBE_CONFIG: writeFile(kubeconfig) },
      CRD_PROXY_VERIFY_KEYS: JSON.stringify({ kty: "OKP", crv: "Ed25519", kid: "k", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPHEURo" }),
      ...over,
    });
    const withToken = (text: string, token: string) => text.replace(/"token":"[^"]*"/, `"token":"${token}"`);

    it("nothing, where the proxy has what deploy/rbac.yaml gives it", async () => {
      const findings = await ask(proxy(proxyKubeconfig(realParts().apiServerUrl)));
      expect(wrongIn(findings)).toEqual([]);
      expect(findings.map(({ cause }) => cause)).toEqual(["settings", "definition", "rights"]);
    });

    it("a kubeconfig that cannot be read, or is none", async () => {
      await finds("kubeconfig-invalid", proxy("{broken"));
    });

    it("an API server that is not there", async () =>
      finds("kubernetes-unreachable", proxy(proxyKubeconfig(`https://127.0.0.1:${await freePort()}`))));

    it("a credential that it does not know", () =>
      finds("kubernetes-credential", proxy(withToken(proxyKubeconfig(realParts().apiServerUrl), SECRET))));

    it("rights that are missing, each by name", async () => {
      const namespace = await freshNamespace("doctor");
      kubectl(["create", "serviceaccount", "poor", `--namespace=${namespace}`]);
      const token = kubectl(["create", "token", "poor", `--namespace=${namespace}`]).trim();
      const findings = await ask(proxy(withToken(proxyKubeconfig(realParts().apiServerUrl), token), { PROXY_NAMESPACES: namespace }));
      expect(wrongIn(findings)).toEqual(["rights-missing"]);
      const said = findings.find(({ cause }) => cause === "rights-missing")?.says;
      for (const right of ["create remediationrequests", "patch remediationrequests/status"])
        expect(said).toContain(`${right} in ${namespace}`);
    });
  });

  describe("tells apart what lies about in a ledger", () => {
    /** A ledger of a cluster that nobody serves, as it stood some minutes ago. */
    const since = async (minutes: number, fill: (ledger: ReturnType<typeof createRedisLedger>) => Promise<unknown>) => {
      const cluster = freshName("cluster");
      const { url, token } = own.bridge;
      const redis = openRedis({ url, token, timeoutMs: 5_000, autoPipelining: false });
      const clock = { now: () => Date.now() - minutes * 60_000 };
      await fill(createRedisLedger({ redis, engine: "redis" }, { cluster, rules: RULES, clock, virtualTime: true }));
      const source = { ...(JSON.parse(installation.gatewaySettings.SOURCE_TEST ?? "") as object), cluster };
      return gateway({ CLUSTER_NAME: cluster, SOURCE_TEST: JSON.stringify(source) });
    };

    it("windows that nobody sweeps", async () =>
      finds(["signature-refused", "nobody-sweeps"], await since(10, (ledger) => ledger.admit(admitCall([stormy("a")])))));

    it("alerts that wait for their requests", async () =>
      finds(["signature-refused", "requests-not-made"], await since(10, (ledger) => ledger.admit(admitCall([firing("a")])))));

    it("dead letters", async () =>
      finds(["signature-refused", "dead-letters"], await since(0, (ledger) => ledger.admit(admitCall([invalid("a")])))));
  });

  describe("tells apart what an Alertmanager's configuration gets wrong", () => {
    const credential = () => ({ authorization: { credentials: installation.sourceToken } });
    const configured = (webhook: object, over: object = {}) =>
      writeFile(
        JSON.stringify({
          route: { receiver: "breakwater" },
          receivers: [
            {
              name: "breakwater",
              webhook_configs: [{ url: "http://gw:8787/api/v1/signals/prometheus", http_config: credential(), ...webhook }],
            },
          ],
          ...over,
        }),
      );
    const lint = (causes: string | readonly string[], path: string) => finds(causes, gateway(), path);

    it("nothing, where it is right", async () => {
      expect(wrongIn(await ask(gateway(), configured({})))).toEqual([]);
    });

    it.each<[string, string, object]>([
      ["resolved-not-sent", "no resolves", { send_resolved: false }],
      ["alerts-cut", "few alerts a webhook", { max_alerts: 10 }],
      ["webhooks-too-large", "more alerts than a webhook may hold", { max_alerts: 60_000 }],
      ["alertmanager-impatient", "no time for an answer", { timeout: "2s" }],
      ["alertmanager-path", "another path", { url: "http://gw:8787/api/v1/signals/" }],
      ["alertmanager-no-credential", "no credential", { http_config: {} }],
      ["alertmanager-credential-unknown", "a credential of nobody", { http_config: { authorization: { credentials: SECRET } } }],
    ])("%s: %s", (cause, _, webhook) => lint(cause, configured(webhook)));

    it("no receiver, no route to it, or none that can be read", async () => {
      await lint("alertmanager-no-receiver", writeFile("route: {receiver: a}\nreceivers: [{name: a}]\n"));
      await lint("alertmanager-config-invalid", writeFile("- nothing"));
      const other = { name: "other" };
      const { receivers } = JSON.parse(
        JSON.stringify({
          receivers: [{ name: "breakwater", webhook_configs: [{ url: "http://gw/api/v1/signals/prometheus", http_config: credential() }] }],
        }),
      ) as { receivers: object[] };
      await lint("alertmanager-not-routed", configured({}, { route: { receiver: "other" }, receivers: [...receivers, other] }));
    });

    it("a group_interval in which a storm falls apart", () =>
      lint("storms-fall-apart", configured({}, { route: { receiver: "breakwater", group_interval: "15m" } })));

    it("of the running one, which hides its credential, and whether it is there at all", async () => {
      const alertmanager = await startAlertmanager(dir, {
        webhookUrl: `${installation.gateway.url}/api/v1/signals/prometheus`,
        bearerToken: installation.sourceToken,
      });
      try {
        const findings = await ask(gateway(), `http://${alertmanager.address}`);
        const told = findings.filter(({ part }) => part === "alertmanager").map(({ cause }) => cause);
        expect(told).toEqual(["alertmanager-cluster", "alertmanager-routed", "alertmanager-credential-hidden"]);
      } finally {
        await alertmanager.stop();
      }
      await finds("alertmanager-unreachable", gateway(), `http://${alertmanager.address}`);
    });
  });
});
