import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";

let dir: string;
const stops: (() => unknown)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-connection-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  rmSync(dir, { recursive: true, force: true });
});

async function redisWith(...args: string[]): Promise<RedisServer> {
  const server = await startRedisServer(dir, args);
  stops.push(() => server.stop());
  return server;
}
async function bridgeTo(redis: string | Readonly<Record<string, string>>): Promise<BridgeProcess> {
  const bridge = await startBridge(redis);
  stops.push(() => bridge.stop());
  return bridge;
}
/** An administrator's connection that passes the bridge by. */
function admin(port: number, options: Readonly<Record<string, unknown>> = {}): Redis {
  const redis = new Redis({ port, ...options });
  redis.on("error", () => {});
  stops.push(() => redis.disconnect());
  return redis;
}
const readiness = async ({ url, token }: BridgeProcess) => {
  const headers = { authorization: `Bearer ${token}` };
  return (await (await fetch(new URL("/ready", url), { headers })).json()) as { ready: boolean; trouble: string | null; unknown: string[] };
};
/** Before it has connected it does not answer, and an answer is kept for a while. */
const troubleOf = async (bridge: BridgeProcess) => {
  const told = /"redis-unusable".*?"trouble":"([^"]*)"/;
  await expect
    .poll(() => told.exec(bridge.output())?.[1] ?? /"redis-connected"/.exec(bridge.output())?.[0], { timeout: 15_000 })
    .toBeTruthy();
  return (await readiness(bridge)).trouble;
};
const run = async ({ url, token }: BridgeProcess, ...command: string[]) => {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(command), headers: { authorization: `Bearer ${token}` } });
  return [answer.status, await answer.json()];
};
const WRITE = ["EVAL", "return redis.call('HSET', KEYS[1], 'f', 'v')", "1", "bw1:{main}:seen"];
const SECRET = "s3cret-of-redis";
/** A user `u` with all rights but some. */
const userWith = (...rights: string[]) => ["--user", "u", "on", `>${SECRET}`, "~*", "+@all", ...rights];

describe("a Redis that cannot be used as it is set", () => {
  it.each([
    ["a database that it has not", [], (url: string) => `${url}/99`, "no-such-database"],
    ["a wrong password", ["--requirepass", "other"], (url: string) => url.replace("//", `//:${SECRET}@`), "wrong-credentials"],
    ["an unknown user", ["--requirepass", "other"], (url: string) => url.replace("//", `//nobody:${SECRET}@`), "wrong-credentials"],
    ["no password where one is asked for", ["--requirepass", "other"], (url: string) => url, "credentials-missing"],
    ["a password where none is asked for", [], (url: string) => url.replace("//", `//:${SECRET}@`), "credentials-not-asked-for"],
    ["a user who may run no script", [...userWith("-@scripting")], (url: string) => url.replace("//", `//u:${SECRET}@`), "rights-missing"],
    ["a user who may not select", [...userWith("-select")], (url: string) => `${url.replace("//", `//u:${SECRET}@`)}/1`, "rights-missing"],
    ["a node of a cluster", ["--cluster-enabled", "yes"], (url: string) => url, "redis-cluster"],
    ["a database of a cluster", ["--cluster-enabled", "yes"], (url: string) => `${url}/1`, "redis-cluster"],
    ["a replica", ["--replicaof", "127.0.0.1", "1"], (url: string) => url, "read-only-replica"],
  ])("is named by readiness, and by the log once: %s", async (_, args, urlOf, trouble) => {
    const server = await redisWith(...args);
    const bridge = await bridgeTo(urlOf(server.url));
    expect(await troubleOf(bridge)).toBe(trouble);
    const anonymous = await fetch(new URL("/ready", bridge.url));
    expect([anonymous.status, await anonymous.json()]).toEqual([503, { ready: false }]);
    // Time for several more handshakes.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(bridge.output().match(/"trouble":/g)?.length).toBeLessThanOrEqual(2);
    expect(bridge.output().match(/redis-unusable/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(bridge.output()).not.toContain(SECRET);
  });

  it("is written to in no other database than the one asked for", async () => {
    const server = await redisWith();
    const wrong = await bridgeTo(`${server.url}/99`);
    expect(await troubleOf(wrong)).toBe("no-such-database");
    expect(await run(wrong, ...WRITE)).toEqual([400, { error: "UNAVAILABLE Redis cannot be used: no-such-database" }]);
    const right = await bridgeTo(`${server.url}/3`);
    await expect.poll(() => run(right, ...WRITE)).toEqual([200, { result: 1 }]);
    expect(await admin(server.port).info("keyspace")).toMatch(/^# Keyspace\r\ndb3:keys=1,[^\r]*\r\n$/);
  });

  it("is used as soon as somebody has mended it", async () => {
    const server = await redisWith("--requirepass", "other");
    const bridge = await bridgeTo(server.url.replace("//", `//:${SECRET}@`));
    expect(await troubleOf(bridge)).toBe("wrong-credentials");
    await admin(server.port, { password: "other" }).config("SET", "requirepass", SECRET);
    await expect.poll(() => run(bridge, ...WRITE), { timeout: 10_000 }).toEqual([200, { result: 1 }]);
  });

  it("of a URL that says what nobody reads ends the start as a setting's problem", async () => {
    for (const path of ["/cache", "/-1", "/1/2", "?db=3", "/0?family=6", "#x"]) {
      const start = startProcess({
        command: "bun",
        args: ["src/entry/bun.ts"],
        env: { ROLE: "bridge", BRIDGE_TOKEN: "t", PORT: "0", REDIS_URL: `redis://:${SECRET}@127.0.0.1:1${path}` },
        ready: () => Promise.resolve(false),
      });
      const said = await start.then(
        () => "",
        (error: Error) => error.message,
      );
      expect(said).toMatch(/breakwater: REDIS_URL must [^\n]*\n?$/);
      expect(said).not.toMatch(new RegExp(`${SECRET}|\\n\\s+at `));
    }
  });
});

describe("the bridge's readiness on a real Redis", () => {
  it("sees that Redis is full", async () => {
    const server = await redisWith("--maxmemory", "1");
    expect(await troubleOf(await bridgeTo(server.url))).toBe("redis-full");
  });

  it("sees that Redis may drop what it holds", async () => {
    const server = await redisWith("--maxmemory-policy", "allkeys-lru");
    expect(await troubleOf(await bridgeTo(server.url))).toBe("maxmemory-policy-allkeys-lru");
  });

  it("goes by what it can find out where its user has no right to INFO and CONFIG", async () => {
    const server = await redisWith(...userWith("-info", "-config"));
    const bridge = await bridgeTo(server.url.replace("//", `//u:${SECRET}@`));
    expect(await troubleOf(bridge)).toBeNull();
    expect(await readiness(bridge)).toEqual({ ready: true, trouble: null, unknown: ["maxmemory-policy", "memory", "role"] });
    expect(await run(bridge, ...WRITE)).toEqual([200, { result: 1 }]);
  });
});

describe("a Redis over TLS with a private authority", () => {
  const overTls = async (certificates: Certificates, ...args: string[]) => {
    const port = await freePort();
    const { certFile, keyFile, caFile } = certificates;
    const files = ["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", caFile, "--tls-auth-clients", "no"];
    await redisWith("--port", "0", "--tls-port", `${port}`, ...files, ...args);
    return port;
  };

  it("is used where REDIS_CA_FILE names the authority, and the lack of it is named", async () => {
    const certificates = makeCertificates(dir);
    const port = await overTls(certificates, "--requirepass", SECRET);
    const url = `rediss://:${SECRET}@127.0.0.1:${port}/2`;
    const bridge = await bridgeTo({ REDIS_URL: url, REDIS_CA_FILE: certificates.caFile });
    expect(await troubleOf(bridge)).toBeNull();
    expect(await run(bridge, ...WRITE)).toEqual([200, { result: 1 }]);
    expect(await troubleOf(await bridgeTo(url))).toBe("certificate-not-trusted");
  });

  it("is told from one that speaks none", async () => {
    const server = await redisWith();
    const bridge = await bridgeTo(server.url.replace("redis:", "rediss:"));
    await expect.poll(() => bridge.output(), { timeout: 10_000 }).toMatch(/redis-(connection-failed|unusable)/);
    expect((await readiness(bridge)).ready).toBe(false);
  });
});

describe("Sentinels", () => {
  it("are asked with a user, a password and TLS of their own, and the Redis that they name is used with its own and its database", async () => {
    const { certFile, keyFile, caFile } = makeCertificates(dir);
    const [port, sentinelPort] = [await freePort(), await freePort()];
    const files = { "tls-cert-file": certFile, "tls-key-file": keyFile, "tls-ca-cert-file": caFile, "tls-auth-clients": "no" };
    await redisWith(
      "--port",
      "0",
      "--tls-port",
      `${port}`,
      ...Object.entries(files).flatMap(([name, path]) => [`--${name}`, path]),
      ...userWith(),
    );
    const config = join(dir, "sentinel.conf");
    const lines = [
      `port 0\ntls-port ${sentinelPort}\nbind 127.0.0.1\ndir ${dir}\ntls-replication yes`,
      ...Object.entries(files).map(([name, path]) => `${name} ${path}`),
      `user default off\nuser asker on >sentinels-own ~* &* +@all`,
      `sentinel monitor main 127.0.0.1 ${port} 1`,
    ];
    writeFileSync(config, `${lines.join("\n")}\n`);
    const sentinel = await startProcess({ command: "redis-sentinel", args: [config], ready: /\+monitor master/ });
    stops.push(() => sentinel.stop());
    const settings = {
      REDIS_SENTINELS: `127.0.0.1:${sentinelPort}`,
      REDIS_SENTINEL_NAME: "main",
      REDIS_SENTINEL_USERNAME: "asker",
      REDIS_SENTINEL_PASSWORD: "sentinels-own",
      REDIS_SENTINEL_TLS: "true",
      REDIS_USERNAME: "u",
      REDIS_PASSWORD: SECRET,
      REDIS_DATABASE: "2",
      REDIS_TLS: "true",
      REDIS_CA_FILE: caFile,
    };
    const bridge = await bridgeTo(settings);
    expect(await troubleOf(bridge)).toBeNull();
    expect(await run(bridge, ...WRITE)).toEqual([200, { result: 1 }]);
    const tls = { ca: readFileSync(caFile, "utf8") };
    expect(await admin(port, { tls, username: "u", password: SECRET }).info("keyspace")).toMatch(/db2:keys=1/);
    expect(await troubleOf(await bridgeTo({ ...settings, REDIS_SENTINEL_PASSWORD: "wrong" }))).toBe("sentinel-wrong-credentials");
    expect(await troubleOf(await bridgeTo({ ...settings, REDIS_PASSWORD: "wrong" }))).toBe("wrong-credentials");
    expect(await troubleOf(await bridgeTo({ ...settings, REDIS_SENTINEL_NAME: "other" }))).toBe("unknown-to-sentinels");
    expect(await troubleOf(await bridgeTo({ ...settings, REDIS_DATABASE: "99" }))).toBe("no-such-database");
  });
});

describe("what the bridge's token opens", () => {
  it("reaches no other database, host or setting of Redis, neither by a command nor by a script", async () => {
    const server = await redisWith();
    const bridge = await bridgeTo(server.url);
    await expect.poll(() => run(bridge, "PING")).toEqual([200, { result: "PONG" }]);
    const calls = ["'SWAPDB', '0', '1'", "'MIGRATE', '127.0.0.1', '1', 'k', '0', '1'", "'CONFIG', 'GET', '*'", "ARGV[1]", "'FLUSHALL'"];
    for (const call of calls) expect(await run(bridge, "EVAL", `return redis.call(${call})`, "0", "FLUSHALL")).toMatchObject([400, {}]);
    for (const command of ["SCRIPT DEBUG YES", "SWAPDB 0 1", "CONFIG GET *", "FUNCTION LIST", "FLUSHALL"])
      expect(await run(bridge, ...command.split(" "))).toMatchObject([400, { error: /not available/ }]);
  });

  it("blocks Redis with an endless script only until Redis can be told to end it", { timeout: 60_000 }, async () => {
    const server = await redisWith("--busy-reply-threshold", "300");
    const bridge = await bridgeTo(server.url);
    await expect.poll(() => run(bridge, "PING")).toEqual([200, { result: "PONG" }]);
    expect(await run(bridge, "EVAL", "while true do end", "0")).toMatchObject([503, {}]);
    await expect.poll(() => bridge.output(), { timeout: 15_000 }).toContain("redis-script-killed");
    await expect.poll(() => run(bridge, ...WRITE), { timeout: 15_000 }).toEqual([200, { result: 1 }]);
  });

  it("gets replies of every shape in the form that RESP2 and Upstash have for them, and none as null", async () => {
    const bridge = await bridgeTo((await redisWith()).url);
    await expect.poll(() => run(bridge, "ping")).toEqual([200, { result: "PONG" }]);
    const raw = async (...command: string[]) => {
      const { url, token } = bridge;
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(url, { method: "POST", body: JSON.stringify(command), headers })).text();
    };
    const reply = (lua: string) => raw("eval", lua, "0");
    expect(await reply("return { 1, -1, false, true, 'text', { ok = 'FINE' }, {}, { { 2 } } }")).toBe(
      '{"result":[1,-1,null,1,"text","FINE",[],[[2]]]}',
    );
    expect(await reply("redis.setresp(3) return { { double = 1.5 }, { map = { a = 'b' } }, { set = { x = true } }, true, false }")).toBe(
      '{"result":["1.5",["a","b"],["x"],1,0]}',
    );
    expect(
      await reply(
        "redis.setresp(3) return { { big_number = '123456789012345678901234567890' }, { verbatim_string = { format = 'txt', string = 'v' } } }",
      ),
    ).toBe('{"result":["123456789012345678901234567890","v"]}');
    expect(await reply("return { 'a', { err = 'ERR within' } }")).toBe('{"result":["a","ERR within"]}');
    await raw("set", "k", "9223372036854775806");
    expect(await raw("incr", "k")).toBe('{"result":9223372036854775807}');
    expect(await reply("return {}")).toBe('{"result":[]}');
    expect(await reply("return nil")).toBe('{"result":null}');
  });
});
