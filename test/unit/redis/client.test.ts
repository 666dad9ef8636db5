import { afterEach, describe, expect, it, vi } from "vitest";
import { openRedis, openRedisInProcess } from "../../../src/adapters/redis/client.ts";

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** A REST server that gives `answer` to every request, and the requests it saw. */
function serve(answer: (commands: unknown[], path: string) => unknown) {
  const requests: { path: string; commands: unknown[]; headers: Headers }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: { body: string; headers: Record<string, string> }) => {
    const seen = { path: new URL(url).pathname, commands: JSON.parse(init.body) as unknown[], headers: new Headers(init.headers) };
    requests.push(seen);
    return Response.json(answer(seen.commands, seen.path));
  });
  return requests;
}

const open = (autoPipelining = false) => openRedis({ url: "http://redis.test", token: "t0ken", timeoutMs: 50, autoPipelining });
const inPipelines = (commands: unknown[], path: string) => (path === "/pipeline" ? commands.map(() => ({ result: 1 })) : { result: 1 });

afterEach(() => vi.unstubAllGlobals());

describe("a Redis over REST", () => {
  it("hands strings back as they were stored, also those that look like numbers or JSON", async () => {
    const texts = ["123456789012", "true", "null", '{"a":1}', "00123", "grün"];
    serve(() => ({ result: texts.map(base64) }));
    expect(await open().evalsha("sha", [], [])).toEqual(texts);
  });

  it("sends a call once, though the network fails", async () => {
    const fetch = vi.fn(async () => Promise.reject(new TypeError("fetch failed")));
    vi.stubGlobal("fetch", fetch);
    await expect(open().evalsha("sha", [], [])).rejects.toThrow("fetch failed");
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it.each([false, true])("rejects when no answer comes in time (auto-pipelining: %s)", async (autoPipelining) => {
    vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    await expect(open(autoPipelining).evalsha("sha", [], [])).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("tells the server nothing about itself but its token", async () => {
    const requests = serve(() => ({ result: 1 }));
    await open().evalsha("sha", [], []);
    expect(requests[0]?.headers.get("authorization")).toBe("Bearer t0ken");
    expect([...(requests[0]?.headers.keys() ?? [])].filter((name) => name.includes("telemetry"))).toEqual([]);
  });

  it("batches small calls of one tick and sends a large one alone, so that no batch outgrows a request", async () => {
    const requests = serve(inPipelines);
    const redis = open(true);
    await Promise.all([redis.evalsha("a", [], ["x"]), redis.evalsha("b", [], ["x".repeat(10_000)]), redis.evalsha("c", [], [1])]);
    expect(requests.map(({ path, commands }) => [path, commands.length]).toSorted()).toEqual([
      ["/", 4],
      ["/pipeline", 2],
    ]);
  });

  it("sends one request a call without auto-pipelining", async () => {
    const requests = serve(inPipelines);
    const redis = open(false);
    await Promise.all([redis.evalsha("a", [], []), redis.evalsha("b", [], [])]);
    expect(requests.map(({ path }) => path)).toEqual(["/", "/"]);
  });
});

describe("a Redis in process", () => {
  it("hands over the command in words and its result as it is", async () => {
    const execute = vi.fn(async () => ({ result: ["123", 4] }));
    const redis = openRedisInProcess(execute);
    expect(await redis.evalsha("sha", ["k1", "k2"], ["a", 5])).toEqual(["123", 4]);
    expect(execute).toHaveBeenCalledWith(["EVALSHA", "sha", "2", "k1", "k2", "a", "5"]);
  });
});
