import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { openRedisInProcess, type RedisAnswer } from "../../../src/adapters/redis/client.ts";
import { admitScript } from "../../../src/adapters/redis/commands.ts";
import { defineScript } from "../../../src/adapters/redis/script.ts";
import { engineScript } from "../../../src/ledger/engine/script.ts";
import { luaScript } from "../../support/lua-script.ts";

const SECRET = "payload-of-an-alert";

const script = () =>
  defineScript({ command: luaScript("return { 'opened', 1 }"), reply: v.strictTuple([v.picklist(["opened", "repeated"]), v.number()]) });

/** Answers each command in turn, and what it was asked. */
function answering(...answers: (RedisAnswer | Error)[]) {
  const execute = vi.fn(async (_command: string[]): Promise<RedisAnswer> => {
    const answer = answers.shift() ?? new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { execute, redis: openRedisInProcess(execute) };
}

const NOSCRIPT = { error: "NOSCRIPT No matching script. Please use EVAL." };

describe("a script", () => {
  it("runs by the SHA-1 of its source, without sending the source", async () => {
    const { execute, redis } = answering({ result: ["opened", 1] });
    expect(await script()({ redis, engine: "redis" }, ["key"], ["a", 2])).toEqual(["opened", 1]);
    const sha = Buffer.from(await crypto.subtle.digest("SHA-1", Buffer.from("return { 'opened', 1 }"))).toString("hex");
    expect(execute.mock.calls).toEqual([[["EVALSHA", sha, "1", "key", "a", "2"]]]);
  });

  it("sends its source once when the server has forgotten it", async () => {
    const { execute, redis } = answering(NOSCRIPT, { result: ["opened", 1] });
    await script()({ redis, engine: "redis" }, ["key"], ["a"]);
    expect(execute.mock.calls[1]).toEqual([["EVAL", "return { 'opened', 1 }", "1", "key", "a"]]);
  });

  it("gives up when the server does not know it even then", async () => {
    const { execute, redis } = answering(NOSCRIPT, NOSCRIPT);
    await expect(script()({ redis, engine: "redis" }, [], [])).rejects.toMatchObject({ code: "ledger-refused" });
    expect(execute).toHaveBeenCalledTimes(2);
  });

  it("is not sent again for another error, be NOSCRIPT a word of the payload", async () => {
    const { execute, redis } = answering({ error: 'ERR failed, command was: ["evalsha","NOSCRIPT"]' });
    await expect(script()({ redis, engine: "redis" }, [], [])).rejects.toMatchObject({ code: "ledger-refused" });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it("opens with the line on Upstash that locks its own keys only, and without it on Redis, which refuses it", async () => {
    const { execute, redis } = answering(NOSCRIPT, { result: ["opened", 1] }, NOSCRIPT, { result: ["opened", 1] });
    const run = script();
    await run({ redis, engine: "upstash" }, [], []);
    await run({ redis, engine: "redis" }, [], []);
    expect(execute.mock.calls.map(([command]) => command[1])).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}$/),
      "#!lua flags=allow-key-locking\nreturn { 'opened', 1 }",
      expect.stringMatching(/^[0-9a-f]{40}$/),
      "return { 'opened', 1 }",
    ]);
    expect(execute.mock.calls[0]?.[0][1]).not.toBe(execute.mock.calls[2]?.[0][1]);
  });

  it.each([
    ["redis", 0],
    ["upstash", 1],
  ] as const)("that fails names file and line of its source, on %s's engine too", async (engine, ahead) => {
    const source = readFileSync("src/ledger/engine/lib/bindings.lua", "utf8").split("\n");
    const bind = `lib/bindings.lua:${1 + source.indexOf("local function bind(episode, fact, found)")}`;
    const line =
      1 +
      engineScript("admit")
        .text.split("\n")
        .findIndex((_, at) => engineScript("admit").placeOf(at + 1) === bind);
    const { redis } = answering({
      error: `ERR user_script:${line + ahead + 1}: attempt to index ${SECRET} script: 3c1f, on @user_script:1.`,
    });
    const failure = await admitScript({ redis, engine }, [], []).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: expect.stringMatching(/^Redis answered ERR at lib\/bindings\.lua:\d+$/) });
    const [, place = ""] = /:(\d+)$/.exec((failure as Error).message) ?? [];
    expect(source[Number(place) - 1]).toBe("  closeIntent(episode)");
  });

  it.each([["not a tuple"], [["opened"]], [[SECRET, 1]], [null], [["opened", "1"]]])(
    "refuses a reply of another shape without quoting it",
    async (result) => {
      const { redis } = answering({ result });
      const failure = await script()({ redis, engine: "redis" }, [], []).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "Failure", code: "ledger-reply-invalid", effect: "unknown" });
      expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).cause ?? null])).not.toContain(SECRET);
    },
  );
});
