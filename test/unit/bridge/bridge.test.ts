import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { createBridge } from "../../../src/bridge/bridge.ts";
import { type RedisCommands, RedisUnanswered, type Value } from "../../../src/bridge/commands.ts";
import { BODY_BYTES_MAX } from "../../../src/bridge/request.ts";
import { createBridgeMetrics } from "../../../src/metrics/bridge-metrics.ts";
import { readingOf, samplesOf } from "../../support/read-metrics.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const silent = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });

/** A bridge over a Redis that answers by `reply`, throwing for an error of Redis. */
function bridge(reply: (command: readonly string[]) => Value | Error, isOwnScript = (_: string) => false) {
  const options = { metrics: createBridgeMetrics(), readTokenSha256: [sha256("r3ader")] };
  const time = { now: 0 };
  const ran: (readonly string[])[] = [];
  const ranApart: (readonly string[])[] = [];
  const log = silent();
  const run: RedisCommands["run"] = async (command, line = "shared") => {
    (line === "shared" ? ran : ranApart).push(command);
    const result = reply(command);
    if (result instanceof RedisUnanswered) throw result;
    return result instanceof Error ? { error: result.message } : { result };
  };
  const commands: RedisCommands = { run, transaction: (list) => Promise.all(list.map((command) => run(command))) };
  const { fetch } = createBridge({ ...options, commands, tokens: ["t0ken", "n3xt"], log, now: () => time.now, isOwnScript });
  const post = (path: string, body: unknown, headers: HeadersInit = {}) =>
    fetch(
      new Request(`http://bridge${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { authorization: "Bearer t0ken", ...headers },
      }),
    );
  return { fetch, post, ran, ranApart, log, time };
}

const BASE64 = { "upstash-encoding": "base64" };

describe("the bridge", () => {
  it.each([
    [bytes("OK"), "OK"],
    [bytes("123"), "MTIz"],
    [Uint8Array.of(0xff, 0x00), "/wA="],
    [42, 42],
    [null, null],
    [
      [bytes("a"), 1, null, [bytes("OK")]],
      ["YQ==", 1, null, ["T0s="]],
    ],
  ])("encodes %j as base64, all strings but an OK of its own", async (value, result) => {
    const answer = await bridge(() => value).post("/", ["GET", "k"], BASE64);
    expect([answer.status, await answer.json()]).toEqual([200, { result }]);
  });

  it("answers plain text where base64 was not asked for", async () => {
    expect(await (await bridge(() => [bytes("é"), 1]).post("/", ["GET", "k"])).json()).toEqual({ result: ["é", 1] });
  });

  it("carries a large value whole", async () => {
    const { result } = (await (await bridge(() => new Uint8Array(1_000_001).fill(7)).post("/", ["GET", "k"], BASE64)).json()) as {
      result: string;
    };
    expect(Buffer.from(result, "base64").equals(Buffer.alloc(1_000_001, 7))).toBe(true);
  });

  it("takes numbers and booleans as arguments, as Redis knows only words", async () => {
    const { post, ran } = bridge(() => 1);
    await post("/", ["SET", "k", 5, 1.5, true]);
    expect(ran).toEqual([["SET", "k", "5", "1.5", "true"]]);
  });

  it("answers a pipeline item by item in its order, errors included", async () => {
    const { post } = bridge(([name]) => (name === "INCR" ? new Error("ERR no") : bytes(name as string)));
    const answer = await post("/pipeline", [["GET"], ["INCR"], ["MONITOR"], ["HGET"]]);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual([
      { result: "GET" },
      { error: "ERR no" },
      { error: "ERR Command is not available: 'MONITOR'" },
      { result: "HGET" },
    ]);
  });

  it("runs a pipeline that waits for replicas where it holds up nobody else, and still nothing that is refused", async () => {
    const { post, ran, ranApart } = bridge(([name]) => (name === "WAIT" ? 2 : bytes("ok")));
    const answer = await post("/pipeline", [
      ["EVALSHA", "x", 0],
      ["wait", 2, 500],
      ["WAITAOF", 1, 2, 500],
    ]);
    expect(await answer.json()).toEqual([{ result: "ok" }, { result: "ok" }, { error: "ERR Command is not available: 'WAITAOF'" }]);
    expect([ran, ranApart]).toEqual([
      [],
      [
        ["EVALSHA", "x", "0"],
        ["wait", "2", "500"],
      ],
    ]);
  });

  it.each(["S3CRET-1", "s3cret\r\nFLUSHALL", "s3cret".repeat(100_000)])("does not quote what can be no command's name", async (name) => {
    const answer = await bridge(() => 1).post("/", [name]);
    expect([answer.status, await answer.json()]).toEqual([400, { error: "ERR Command is not available" }]);
  });

  it("answers an error of Redis with 400 and Redis's own text", async () => {
    const answer = await bridge(() => new Error("NOSCRIPT No matching script.")).post("/", ["EVALSHA", "x", 0]);
    expect([answer.status, await answer.json()]).toEqual([400, { error: "NOSCRIPT No matching script." }]);
  });

  it.each(["/", "/pipeline", "/multi-exec"])("answers 503 on %s when Redis does not, since nobody knows what was done", async (path) => {
    const { post, log } = bridge(() => new RedisUnanswered("secret"));
    const answer = await post(path, path === "/" ? ["SET", "k", "v"] : [["SET", "k", "v"]]);
    expect([answer.status, await answer.json()]).toEqual([503, { error: "UNAVAILABLE Redis did not answer" }]);
    expect(JSON.stringify(log.warn.mock.calls)).not.toContain("secret");
  });

  it.each([undefined, "Bearer", "Bearer t0ke", "Bearer t0kenn", "Basic t0ken", "t0ken"])(
    "runs nothing for the credential %s",
    async (authorization) => {
      const { fetch, ran } = bridge(() => 1);
      const headers: HeadersInit = authorization ? { authorization } : {};
      const answer = await fetch(new Request("http://bridge/pipeline", { method: "POST", body: '[["SET","k","v"]]', headers }));
      expect([answer.status, await answer.json(), ran]).toEqual([401, { error: "WRONGPASS invalid or missing auth token" }, []]);
    },
  );

  it.each(["t0ken", "n3xt"])("takes %s, each of the tokens while one replaces the other", async (token) => {
    const { post, ran } = bridge(() => 1);
    expect((await post("/", ["GET", "k"], { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(ran).toEqual([["GET", "k"]]);
  });

  it("shows metrics to who reads them, and to nobody else, not even to who may do more", async () => {
    const { fetch } = bridge(() => 1);
    const ask = (token: string | null, method = "GET") =>
      fetch(new Request("http://bridge/metrics", { method, ...(token && { headers: { authorization: `Bearer ${token}` } }) }));
    for (const token of [null, "t0ken", "r3aderr", sha256("r3ader")]) expect((await ask(token)).status).toBe(401);
    expect([(await ask("r3ader")).status, (await ask("r3ader", "POST")).status]).toEqual([200, 405]);
  });

  it("counts each command by how it was answered, and tells what is known of Redis, whom a scrape asks once in 10 s", async () => {
    const INFO = bytes("maxmemory:1000\r\nused_memory:250\r\nmaxmemory_policy:allkeys-lru\r\n");
    const failures: Record<string, Value | Error> = { GET: new RedisUnanswered("away"), HGET: new Error("WRONGTYPE"), INFO };
    const { fetch, post, ran, time } = bridge(([name = ""]) => failures[name] ?? 1);
    await post("/", ["HSET", "k", "f", "v"]);
    await post("/pipeline", [["HGET", "k", "f"], ["HSET", "k", "f", "v"], ["FLUSHALL"]]);
    await post("/multi-exec", [
      ["HSET", "k", "f", "v"],
      ["HSET", "k", "f", "v"],
    ]);
    await post("/", ["GET", "k"]);
    const before = ran.length;
    const read = async () =>
      samplesOf(await (await fetch(new Request("http://bridge/metrics", { headers: { authorization: "Bearer r3ader" } }))).text());
    const samples = await read();
    const counts = ["ok", "error", "none", "refused"].map((answer) => readingOf(samples, "bridge_commands_total", { answer }));
    expect(counts).toEqual([4, 1, 1, 1]);
    const known = ["up", "memory_used_ratio", "evicts"].map((name) => readingOf(samples, `bridge_redis_${name}`));
    expect(known).toEqual([1, 0.25, 1]);
    expect([await read(), ran.length - before]).toEqual([samples, 2]);
    failures.EVAL = new RedisUnanswered("away");
    time.now += 10_000;
    const away = await read();
    expect(["up", "memory_used_ratio", "evicts"].map((name) => readingOf(away, `bridge_redis_${name}`))).toEqual([0, undefined, undefined]);
  });

  it("lets nobody in where the token is empty", async () => {
    const { fetch } = createBridge({
      commands: { run: vi.fn(), transaction: vi.fn() },
      tokens: [""],
      metrics: createBridgeMetrics(),
      readTokenSha256: [],
      log: silent(),
      now: () => 0,
      isOwnScript: () => false,
    });
    expect((await fetch(new Request("http://bridge/", { method: "POST", body: "[]" }))).status).toBe(401);
  });

  it.each(
    `subscribe MONITOR BLPOP multi WATCH SELECT AUTH CLIENT QUIT SHUTDOWN CONFIG WAIT SCRIPT FUNCTION FCALL EVAL_RO KEYS SCAN FLUSHALL RENAME OBJECT SORT
    XREAD RESTORE MIGRATE SWAPDB INFO DEBUG COMMAND HELLO PUBLISH nosuchcommand __proto__`.split(/\s+/),
  )("refuses %s, which Breakwater does not send", async (name) => {
    const { post, ran } = bridge(() => 1);
    expect((await post("/", [name, "x"])).status).toBe(400);
    expect(
      (
        await post("/multi-exec", [
          ["SET", "k", "v"],
          [name, "x"],
        ])
      ).status,
    ).toBe(400);
    expect(ran).toEqual([]);
  });

  it.each(["get", "Get", "GET", "evalsha", "EvalSha"])("takes commands in any case: %s", async (name) => {
    const { post, ran } = bridge(() => 1);
    expect([(await post("/", [name, "x"])).status, ran]).toEqual([200, [[name, "x"]]]);
  });

  it("runs only scripts that name what they call, or are this version's own", async () => {
    const { post, ran } = bridge(
      () => 1,
      (lua) => lua === "own",
    );
    const run = async (lua: string) => (await post("/", ["eval", lua, 0])).status;
    expect([await run("own"), await run("return redis.call('HGET', 'k', 'f')"), await run("return redis.call('MIGRATE')")]).toEqual([
      200, 200, 400,
    ]);
    expect(ran).toHaveLength(2);
  });

  it("answers integers with all their digits, as Upstash does", async () => {
    const answer = await bridge(() => [9_223_372_036_854_775_807n, -1n]).post("/", ["EVAL", "return 1", 0]);
    expect(await answer.text()).toBe('{"result":[9223372036854775807,-1]}');
  });

  it.each([
    ["/", "no json"],
    ["/", "{}"],
    ["/", "[]"],
    ["/", '[["GET","k"]]'],
    ["/", '["GET",null]'],
    ["/pipeline", '["GET","k"]'],
    ["/pipeline", "[]"],
    ["/pipeline", "[[]]"],
    ["/multi-exec", '[["GET",{}]]'],
  ])("answers 400 on %s for a body of another shape: %s", async (path, body) => {
    const { fetch, ran } = bridge(() => 1);
    const answer = await fetch(new Request(`http://bridge${path}`, { method: "POST", body, headers: { authorization: "Bearer t0ken" } }));
    expect([answer.status, await answer.json(), ran]).toEqual([400, { error: expect.stringMatching(/^ERR failed to parse/) }, []]);
  });

  it("takes 10 MiB and not a byte more, counted on the body", async () => {
    const { post } = bridge(() => 1);
    const padding = BODY_BYTES_MAX - '["SET","k",""]'.length;
    expect((await post("/", ["SET", "k", "x".repeat(padding)])).status).toBe(200);
    const answer = await post("/", ["SET", "k", "x".repeat(padding + 1)]);
    expect([answer.status, await answer.json()]).toEqual([413, { error: "ERR max request size exceeded. Limit: 10485760 bytes" }]);
  });

  it.each([
    ["a little too large to its end, so that its sender sees the answer", 12, 12],
    ["far too large no further than is of use", 1_000, 41],
  ])("reads a body that is %s", async (_, told, read) => {
    const { fetch } = bridge(() => 1);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent === told) return controller.close();
          sent += 1;
          controller.enqueue(new Uint8Array(1024 * 1024));
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { authorization: "Bearer t0ken" };
    const answer = await fetch(new Request("http://bridge/", { method: "POST", headers, body, duplex: "half" } as RequestInit));
    expect([answer.status, sent]).toEqual([413, read]);
  });

  it("answers 405 to other methods and 404 to other paths", async () => {
    const { fetch } = bridge(() => 1);
    const get = (path: string) => fetch(new Request(`http://bridge${path}`, { headers: { authorization: "Bearer t0ken" } }));
    expect([
      (await get("/")).status,
      (await get("/")).headers.get("allow"),
      (await get("/nope")).status,
      (await get("/constructor")).status,
    ]).toEqual([405, "POST", 404, 404]);
  });
});

describe("the bridge's readiness", () => {
  const NO_RIGHT = new Error("NOPERM this user has no permissions to run the 'info' command");
  const info =
    (...fields: readonly string[]) =>
    ([name]: readonly string[]) =>
      name === "INFO" ? bytes(`# Server\r\n${fields.join("\r\n")}\r\n`) : 1;
  const fine = ["maxmemory_policy:noeviction", "role:master", "cluster_enabled:0", "used_memory:10"];
  it.each([
    ["a Redis that evicts nothing", info(...fine, "maxmemory:0"), 200, null],
    ["a Redis that has room", info(...fine, "maxmemory:11"), 200, null],
    ["a full Redis", info(...fine, "maxmemory:10"), 503, "redis-full"],
    ["a Redis that evicts", info("maxmemory_policy:allkeys-lru"), 503, "maxmemory-policy-allkeys-lru"],
    ["a replica", info("role:slave", "maxmemory_policy:noeviction"), 503, "read-only-replica"],
    ["a node of a cluster", info("cluster_enabled:1", "maxmemory_policy:noeviction"), 503, "redis-cluster"],
    ["a Redis that answers errors", () => new Error("LOADING"), 503, "redis-answers-errors"],
    [
      "a user who may run no script",
      () => new Error("NOPERM this user has no permissions to run the 'eval' command"),
      503,
      "rights-missing",
    ],
    [
      "a Redis that cannot be logged in to",
      () => new Error("UNAVAILABLE Redis cannot be used: wrong-credentials"),
      503,
      "wrong-credentials",
    ],
    ["no Redis", () => new RedisUnanswered("gone"), 503, "redis-does-not-answer"],
  ])("with %s: the cause only for who has the token", async (_, reply, status, trouble) => {
    const { fetch, log } = bridge(reply);
    const anonymous = await fetch(new Request("http://bridge/ready"));
    expect([anonymous.status, await anonymous.json()]).toEqual([status, { ready: status === 200 }]);
    const headers = { authorization: "Bearer t0ken" };
    expect(await (await fetch(new Request("http://bridge/ready", { headers }))).json()).toMatchObject({ ready: status === 200, trouble });
    expect(log.warn.mock.calls).toEqual(trouble ? [["bridge-not-ready", { trouble }]] : []);
  });

  it("says what it cannot tell and stays ready where its user may not ask", async () => {
    const { fetch, log } = bridge(([name]) => (name === "INFO" ? NO_RIGHT : 1));
    const answer = await fetch(new Request("http://bridge/ready", { headers: { authorization: "Bearer t0ken" } }));
    const unknown = ["maxmemory-policy", "memory", "role"];
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, trouble: null, unknown }]);
    expect(log.warn.mock.calls).toEqual([["bridge-cannot-tell", { unknown: unknown.join(), needs: "INFO" }]]);
  });

  it("costs one look in 10 s, however many ask at once, and one log line", async () => {
    const { fetch, ran, log, time } = bridge(info("maxmemory_policy:allkeys-lru"));
    const ask = () => Promise.all(Array.from({ length: 100 }, () => fetch(new Request("http://bridge/ready"))));
    await ask();
    time.now = 9_999;
    await ask();
    expect([ran.length, log.warn.mock.calls.length]).toEqual([2, 1]);
    time.now = 10_000;
    await ask();
    expect([ran.length, log.warn.mock.calls.length]).toEqual([4, 1]);
  });

  it("says healthy without a token and without asking Redis", async () => {
    const { fetch, ran } = bridge(() => 1);
    expect([(await fetch(new Request("http://bridge/health"))).status, ran]).toEqual([200, []]);
  });
});
