import { afterEach, describe, expect, it, vi } from "vitest";
import { toFailure } from "../../../src/adapters/redis/failure.ts";
import { openRestClient } from "../../../src/adapters/redis/rest-client.ts";

const STORE = { url: "http://redis.test", token: "t0ken", timeoutMs: 1_500, engine: "redis" } as const;
const durable = (waitReplicas = 1) => openRestClient({ ...STORE, waitReplicas }, true).durable ?? expect.fail("nothing durable");

/** A server that answers each pipeline with `answers`; what it was sent. */
function serve(...answers: readonly object[]) {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: { readonly body: string }) => {
    sent.push([new URL(url).pathname, JSON.parse(body)]);
    return Response.json(answers);
  });
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

describe("a Redis whose replicas have to have it", () => {
  it("sends a call and its WAIT together, and answers once enough have it", async () => {
    const sent = serve({ result: btoa("done") }, { result: 2 });
    expect(await durable(2).evalsha("sha", ["k"], ["a", 5])).toBe("done");
    expect(sent).toEqual([
      [
        "/pipeline",
        [
          ["EVALSHA", "sha", 1, "k", "a", 5],
          ["WAIT", 2, 250],
        ],
      ],
    ]);
  });

  it("sends a script's source the same way", async () => {
    const sent = serve({ result: 1 }, { result: 1 });
    await durable().eval("return 1", [], []);
    expect(sent).toMatchObject([
      [
        "/pipeline",
        [
          ["EVAL", "return 1", 0],
          ["WAIT", 1, 250],
        ],
      ],
    ]);
  });

  it.each([
    ["too few", { result: btoa("done") }, { result: 1 }, "ledger-unreplicated", "too few replicas"],
    ["no number", { result: btoa("done") }, { result: null }, "ledger-unreplicated", "too few replicas"],
    ["a master that became a replica", { result: 1 }, { error: "UNBLOCKED force unblock" }, "ledger-unavailable", "UNBLOCKED"],
    ["an error of the script", { error: "ERR user_script:3: no" }, { result: 2 }, "ledger-refused", "ERR at script line 3"],
    ["a server that knows no WAIT", { result: 1 }, { error: "ERR Command is not available: 'WAIT'" }, "ledger-refused", "ERR"],
  ])("does not take %s for done", async (_, answer, waited, code, message) => {
    serve(answer, waited);
    const failure = await durable(2)
      .evalsha("sha", [], [])
      .then(() => expect.fail("taken for done"), toFailure);
    expect(failure).toMatchObject({ code, effect: "unknown", message: expect.stringContaining(message) });
  });

  it.each([[[]], [[{ result: 1 }]]])("does not take %j for an answer", async (answers) => {
    serve(...answers);
    expect(await durable().evalsha("sha", [], []).catch(toFailure)).toMatchObject({ code: "ledger-unavailable", effect: "unknown" });
  });

  it("runs nothing while replicas lag, until they have caught up; one that is opened for each request knows that from the one before", async () => {
    const sight = { lag: false };
    const next = () => openRestClient({ ...STORE, waitReplicas: 1 }, false, sight).durable?.evalsha("sha", [], []);
    serve({ result: 1 }, { result: 0 });
    await expect(next()).rejects.toMatchObject({ effect: "unknown" });
    const looks = serve({ result: 0 });
    await expect(next()).rejects.toMatchObject({ effect: "none" });
    expect(looks).toEqual([["/pipeline", [["WAIT", 1, 50]]]]);
    const sent: unknown[][] = [];
    vi.stubGlobal("fetch", async (_: string, { body }: { readonly body: string }) => {
      const commands = JSON.parse(body) as unknown[];
      sent.push(commands);
      return Response.json(commands.map(() => ({ result: 1 })));
    });
    expect([await next(), await next()]).toEqual([1, 1]);
    expect(sent.map(({ length }) => length)).toEqual([1, 2, 2]);
  });

  it("is the Redis itself where none has to", () => {
    expect(openRestClient({ ...STORE, waitReplicas: 0 }, true).durable).toBeUndefined();
  });
});
