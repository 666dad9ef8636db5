import { Redis as UpstashRedis } from "@upstash/redis/cloudflare";
import { Redis } from "ioredis";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis } from "../../src/adapters/redis/client.ts";
import { defineScript } from "../../src/adapters/redis/script.ts";
import { luaScript } from "../support/lua-script.ts";
import { freshName, realParts } from "../support/real-parts.ts";

const prefix = freshName("bridge");
const key = (name: string) => `${prefix}:${name}`;
const { bridgeUrl: url, bridgeToken: token, redisUrl } = realParts();

/** The client as anyone would set it up, but for reading strings as something else. */
const upstash = (given = token) =>
  new UpstashRedis({ url, token: given, automaticDeserialization: false, enableAutoPipelining: false, enableTelemetry: false });
const redis = upstash();
const ask = (path: string, body: string, headers: HeadersInit = {}) =>
  fetch(new URL(path, url), { method: "POST", body, headers: { authorization: `Bearer ${token}`, ...headers } });

let direct: Redis;
beforeAll(() => {
  direct = new Redis(redisUrl);
});
afterAll(async () => {
  const keys = await direct.keys(`${prefix}:*`);
  if (keys.length > 0) await direct.del(...keys);
  direct.disconnect();
});

describe("@upstash/redis through the bridge", () => {
  it.each(["123456789012", "00123", "true", "null", '{"a":1}', "[1]", "OK", "", "a\u0000b", "grün ✓ 𝄞", '"'])(
    "gets back the string %j",
    async (text) => {
      await redis.set(key("text"), text);
      expect(await redis.get(key("text"))).toBe(text);
      expect(await redis.mget(key("text"), key("none"))).toEqual([text, null]);
    },
  );

  it("gets bytes that are no text as Redis holds them", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await direct.set(key("bytes"), bytes);
    const { result } = (await (await ask("/", JSON.stringify(["GET", key("bytes")]), { "upstash-encoding": "base64" })).json()) as {
      result: string;
    };
    expect(Buffer.from(result, "base64")).toEqual(bytes);
  });

  it("gets integers, nil and nested arrays of a script", async () => {
    expect(await redis.eval("return {1, false, {'a', {'7'}}, 'OK'}", [], [])).toEqual([1, null, ["a", ["7"]], "OK"]);
  });

  it("gets a pipeline's answers in its order, an error only where it belongs", async () => {
    const pipeline = redis.pipeline().set(key("p"), "text").incr(key("p")).append(key("p"), "!").get(key("p"));
    const answers = await pipeline.exec({ keepErrors: true });
    expect(answers.map(({ result }) => result ?? null)).toEqual(["OK", null, 5, "text!"]);
    expect(answers[1]?.error).toContain("ERR value is not an integer");
  });

  it("runs a transaction whole, with nobody in between", async () => {
    const both = () => redis.multi().incr(key("m")).incr(key("m")).exec<[number, number]>();
    const answers = await Promise.all(Array.from({ length: 50 }, both));
    expect(answers.every(([first, second]) => second === first + 1)).toBe(true);
    expect(await redis.get(key("m"))).toBe("100");
  });

  it("runs nothing of a transaction that Redis turns away", async () => {
    const answer = await ask("/multi-exec", JSON.stringify([["SET", key("never"), "1"], ["GET"]]));
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringMatching(/^ERR wrong number/) }]);
    expect(await redis.get(key("never"))).toBeNull();
  });
});

describe("a script through the bridge", () => {
  const reply = v.strictTuple([v.string(), v.number()]);
  const echo = () =>
    defineScript({ command: luaScript(`-- ${freshName("script")}\nreturn { ARGV[1], redis.call('INCR', KEYS[1]) }`), reply });

  it.each([false, true])(
    "runs though Redis has never seen it, and again when Redis has forgotten it (auto-pipelining: %s)",
    async (autoPipelining) => {
      const client = { redis: openRedis({ url, token, timeoutMs: 5_000, autoPipelining }), engine: "redis" } as const;
      const script = echo();
      const counter = key(`script-${autoPipelining}`);
      expect(await script(client, [counter], ["00123"])).toEqual(["00123", 1]);
      expect(await script(client, [counter], ['{"a":1}'])).toEqual(['{"a":1}', 2]);
      await direct.script("FLUSH");
      expect(await Promise.all([script(client, [counter], ["x"]), script(client, [counter], ["y"])])).toEqual([
        ["x", expect.any(Number)],
        ["y", expect.any(Number)],
      ]);
      expect(await direct.get(counter)).toBe("4");
    },
  );

  it("takes several megabytes", async () => {
    const client = { redis: openRedis({ url, token, timeoutMs: 5_000, autoPipelining: true }), engine: "redis" } as const;
    const large = "é".repeat(2_000_000);
    expect(await echo()(client, [key("large")], [large])).toEqual([large, 1]);
  });

  it("that fails is refused, naming the line of its source and nothing of its arguments", async () => {
    const failing = defineScript({
      command: { text: "local a = ARGV[1]\nreturn a + nil", placeOf: (line) => `lib/sum.lua:${line}` },
      reply,
    });
    const client = { redis: openRedis({ url, token, timeoutMs: 5_000, autoPipelining: false }), engine: "redis" } as const;
    const failure = await failing(client, [], ["s3cret"]).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "ledger-refused", effect: "unknown", message: "Redis answered ERR at lib/sum.lua:2" });
  });

  it("for Upstash's engine is refused by an ordinary Redis, so that a wrong REDIS_ENGINE shows at once", async () => {
    const client = { redis: openRedis({ url, token, timeoutMs: 5_000, autoPipelining: false }), engine: "upstash" } as const;
    await expect(echo()(client, [key("engine")], ["x"])).rejects.toMatchObject({ code: "ledger-refused" });
  });
});

describe("the bridge turns away", () => {
  it("a wrong token", async () => {
    await expect(upstash("wrong").get(key("text"))).rejects.toThrow("WRONGPASS");
    const answer = await ask("/", '["PING"]', { authorization: "Bearer wrong" });
    expect([answer.status, await answer.json()]).toEqual([401, { error: expect.stringMatching(/^WRONGPASS/) }]);
  });

  it("a body that is no command", async () => {
    expect((await ask("/", "{")).status).toBe(400);
    expect((await ask("/pipeline", '["PING"]')).status).toBe(400);
  });

  it("more than 10 MiB, and serves on", async () => {
    expect((await ask("/", JSON.stringify(["SET", key("huge"), "x".repeat(11 * 1024 * 1024)]))).status).toBe(413);
    expect(await redis.get(key("huge"))).toBeNull();
  });

  it("what would reach beyond its caller", async () => {
    for (const command of [["MONITOR"], ["SELECT", "1"], ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"], ["SHUTDOWN"]]) {
      expect((await ask("/", JSON.stringify(command))).status).toBe(400);
    }
    expect((await fetch(new URL("/ready", url))).status).toBe(200);
  });
});
