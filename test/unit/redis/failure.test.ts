import { afterEach, describe, expect, it, vi } from "vitest";
import { openRedis, openRedisInProcess } from "../../../src/adapters/redis/client.ts";
import { toFailure } from "../../../src/adapters/redis/failure.ts";
import { blamesTheCall, type Failure } from "../../../src/domain/failure.ts";

const SECRET = "payload-of-an-alert";
const redis = () => openRedis({ url: "http://redis.test", token: SECRET, timeoutMs: 50, autoPipelining: false });
const failureOf = (call: Promise<unknown>): Promise<Failure> => call.then(() => Promise.reject(new Error("no failure")), toFailure);
const connectionError = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code }) });

afterEach(() => vi.unstubAllGlobals());

describe("what a failed call to Redis means", () => {
  it.each([
    ["LOADING Redis is loading the dataset in memory", "ledger-unavailable", "none"],
    ["READONLY You can't write against a read only replica.", "ledger-unavailable", "none"],
    ["-READONLY You can't write against a read only replica. script: 3c1f, on @user_script:4.", "ledger-unavailable", "unknown"],
    ["MASTERDOWN Link with MASTER is down", "ledger-unavailable", "none"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "ledger-unavailable", "none"],
    ["OOM command not allowed when used memory > 'maxmemory'. script: 3c1f, on @user_script:9.", "ledger-unavailable", "unknown"],
    ["UNAVAILABLE Redis did not answer", "ledger-unavailable", "unknown"],
    ["ERR max daily request limit exceeded. Limit: 10000, Usage: 10000", "ledger-unavailable", "none"],
    ["ERR user_script:12: attempt to index a nil value script: 3c1f", "ledger-refused", "unknown"],
    ["ERR Dynamic keys are not allowed", "ledger-refused", "unknown"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "ledger-refused", "unknown"],
    ["WRONGPASS invalid or missing auth token", "ledger-refused", "none"],
    ["NOPERM this user has no permissions to run the 'evalsha' command", "ledger-refused", "none"],
    ["Bad Gateway", "ledger-unavailable", "unknown"],
  ])("%s → %s, effect %s, over HTTP, in a batch and in process", async (error, code, effect) => {
    const seen = [failureOf(openRedisInProcess(async () => ({ error })).evalsha("sha", [], [SECRET]))];
    vi.stubGlobal("fetch", async () => Response.json({ error }, { status: 400 }));
    seen.push(failureOf(redis().evalsha("sha", [], [SECRET])));
    vi.stubGlobal("fetch", async () => Response.json([{ error }]));
    seen.push(failureOf(openRedis({ url: "http://r.test", token: "t", timeoutMs: 50, autoPipelining: true }).evalsha("sha", [], [SECRET])));
    for (const failure of await Promise.all(seen)) expect(failure).toMatchObject({ code, effect });
  });

  it.each([
    ["ERR Unexpected flag in script shebang: allow-key-locking", "wrong-engine"],
    ["MOVED 866 10.0.0.1:6379", "redis-cluster"],
    ["CROSSSLOT Keys in request don't hash to the same slot", "redis-cluster"],
    ["NOPERM this user has no permissions to run the 'evalsha' command", "rights-missing"],
    ["ERR The user executing the script can't run this command or subcommand script: 3c1f, on @user_script:1.", "rights-missing"],
    ["WRONGPASS invalid or missing auth token", "wrong-credentials"],
    ["UNAVAILABLE Redis cannot be used: no-such-database", "no-such-database"],
    ["UNAVAILABLE Redis did not answer", null],
    ["LOADING Redis is loading the dataset in memory", null],
    ["ERR user_script:12: attempt to index a nil value script: 3c1f", null],
  ])("%s is told from an outage and from a fault of the call: %s", async (error, trouble) => {
    const failure = await failureOf(openRedisInProcess(async () => ({ error })).evalsha("sha", [], [SECRET]));
    expect(failure).toMatchObject({ trouble });
    if (trouble) expect([failure.message.includes(trouble), blamesTheCall(failure)]).toEqual([true, false]);
  });

  it.each([
    ["an HTML page", () => new Response(`<html>${SECRET}</html>`, { status: 502 })],
    ["an HTML page with status 200", () => new Response(`<html>${SECRET}</html>`)],
    ["a half answer", () => new Response('{"result":"b')],
    ["JSON of a foreign server", () => Response.json({ message: SECRET }, { status: 500 })],
    ["nothing", () => new Response("null")],
  ])("%s is no answer of Redis: unavailable, effect unknown", async (_, response) => {
    vi.stubGlobal("fetch", async () => response());
    expect(await failureOf(redis().evalsha("sha", [], [SECRET]))).toMatchObject({ code: "ledger-unavailable", effect: "unknown" });
  });

  it.each([
    [connectionError("ECONNREFUSED"), "none"],
    [connectionError("ENOTFOUND"), "none"],
    [Object.assign(new Error("Unable to connect"), { code: "ConnectionRefused" }), "none"],
    [connectionError("ECONNRESET"), "unknown"],
    [new TypeError("fetch failed"), "unknown"],
    [new DOMException("timed out", "TimeoutError"), "unknown"],
    ["a string", "unknown"],
    [null, "unknown"],
  ])("a connection that failed (%s) is unavailable, effect %s", (error, effect) => {
    expect(toFailure(error)).toMatchObject({ code: "ledger-unavailable", effect });
  });

  it("never carries the command, the token or the server's text", async () => {
    const texts = [`ERR unknown command, with args beginning with: '${SECRET}'`, `ERR user_script:3: ${SECRET}`, SECRET];
    const responses = texts.flatMap((error) => [
      () => Response.json({ error }, { status: 400 }),
      () => new Response(error, { status: 500 }),
    ]);
    for (const response of responses) {
      vi.stubGlobal("fetch", async () => response());
      const failure = await failureOf(redis().evalsha("sha", [SECRET], [SECRET]));
      expect(`${failure.message} ${failure.stack} ${String(failure.cause)}`).not.toContain(SECRET);
    }
  });

  it("judges by the server's text alone, not by words of the command that the client adds to it", async () => {
    vi.stubGlobal("fetch", async () => Response.json({ error: "LOADING" }, { status: 400 }));
    const args = ["user_script:1", "max requests limit"];
    const failure = await failureOf(redis().evalsha("sha", [], args));
    expect([failure.message, failure.effect]).toEqual(["Redis answered LOADING", "none"]);
  });

  it("names the script's line, for whoever has to mend it", async () => {
    const error = "ERR user_script:12: attempt to index a nil value";
    expect((await failureOf(openRedisInProcess(async () => ({ error })).eval("", [], []))).message).toBe(
      "Redis answered ERR at script line 12",
    );
  });
});
