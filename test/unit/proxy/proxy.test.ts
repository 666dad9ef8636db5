import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createProxyWriter } from "../../../src/adapters/proxy/client.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { createProxyMetrics } from "../../../src/metrics/proxy-metrics.ts";
import { createSigner, type SigningKey, type VerifyKeys } from "../../../src/protocol/token.ts";
import { createProxy } from "../../../src/proxy.ts";
import { createMemoryRemediationWriter, type MemoryWriter } from "../../support/memory-writer.ts";
import { readingOf, samplesOf } from "../../support/read-metrics.ts";
import { silentLog } from "../../support/silent-log.ts";
import { ensureOf, fingerprintOf } from "../kubernetes/builders.ts";
import { newKey } from "./keys.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const call = (intent = "intent-a") => JSON.stringify({ operations: [ensureOf(fingerprintOf("a"), intent)], deadlineMs: 1_000 });

describe("the proxy", () => {
  let signingKey: SigningKey;
  let verifyKeys: VerifyKeys;
  let writer: MemoryWriter;
  let nowMs: number;
  let checked: () => Promise<string | null>;
  let fetch: (request: Request) => Promise<Response>;
  const clock = { now: () => nowMs };
  beforeEach(async () => {
    ({ signingKey, verifyKeys } = await newKey("k1"));
    writer = createMemoryRemediationWriter();
    nowMs = 1_000_000_000;
    checked = async () => null;
    start();
  });
  const sights = { watching: null as boolean | null, unwritten: 0 };
  const start = () => {
    const metrics = createProxyMetrics({ watches: () => sights.watching, countsUnwritten: () => sights.unwritten });
    ({ fetch } = createProxy({
      cluster: "east",
      verifyKeys,
      writer,
      metrics,
      readTokenSha256: [sha256("r3ader")],
      checkInstalled: () => checked(),
      clock,
      log: silentLog,
    }));
  };

  const sign = (body: string, cluster = "east", key = signingKey) => createSigner(cluster, key, clock)(bytes(body));
  const post = (body: string, authorization?: string) =>
    fetch(
      new Request("http://proxy.test/proxy/v1/operations", {
        method: "POST",
        body,
        headers: authorization === undefined ? {} : { authorization },
      }),
    );
  const send = async (body: string) => post(body, `Bearer ${await sign(body)}`);

  const scrape = (token: string | null, method = "GET") =>
    fetch(new Request("http://proxy.test/metrics", { method, ...(token && { headers: { authorization: `Bearer ${token}` } }) }));

  it("shows metrics to who reads them, and to nobody else, not even to who may do more", async () => {
    for (const token of [null, "r3aderr", await sign("")]) expect((await scrape(token)).status).toBe(401);
    expect([(await scrape("r3ader")).status, (await scrape("r3ader", "POST")).status]).toEqual([200, 405]);
  });

  it("counts what gateways asked of it, by what became of it, also where nothing did", async () => {
    await send(call());
    await send(call());
    writer.perform = () => Promise.reject(new Failure("writer-unavailable", "away", "unknown"));
    await send(call("intent-b"));
    const samples = samplesOf(await (await scrape("r3ader")).text());
    const outcomes = ["created", "failed"].map((outcome) => readingOf(samples, "proxy_operations_total", { kind: "ensure", outcome }));
    expect(outcomes).toEqual([2, 1]);
  });

  it.each([
    [null, 0, undefined],
    [false, 2, 0],
    [true, 0, 1],
  ])(
    "tells whether its watch follows, where it tells a ledger of it, and what only it has counted: %j",
    async (watching, unwritten, told) => {
      Object.assign(sights, { watching, unwritten });
      const samples = samplesOf(await (await scrape("r3ader")).text());
      expect([readingOf(samples, "proxy_watch_connected"), readingOf(samples, "proxy_counts_unwritten")]).toEqual([told, unwritten]);
    },
  );

  it("performs what is signed", async () => {
    const response = await send(call());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ results: [{ kind: "created", state: { intent: "intent-a" } }] });
  });

  it("answers 401 and changes nothing for any call that is not signed for it, for now and for this body", async () => {
    const body = call();
    const token = await sign(body);
    const stranger = await newKey("k1");
    const refused: [string, string | undefined][] = [
      [body, undefined],
      [body, token],
      [body, "Bearer "],
      [body, "Bearer not.a.token"],
      [body, `Basic ${token}`],
      [body, `Bearer ${token.slice(0, -4)}AAAA`],
      [call("intent-b"), `Bearer ${token}`],
      [body, `Bearer ${await sign(body, "west")}`],
      [body, `Bearer ${await sign(body, "east", stranger.signingKey)}`],
      [body, `Bearer ${await sign(body, "east", { ...signingKey, kid: "k9" })}`],
    ];
    for (const [text, authorization] of refused) {
      const response = await post(text, authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
    nowMs += 31_000;
    expect((await post(body, `Bearer ${token}`)).status).toBe(401);
    expect(writer.list()).toEqual([]);
  });

  it("performs a token once, and does not lose it to an altered body", async () => {
    const body = call();
    const authorization = `Bearer ${await sign(body)}`;
    expect((await post(call("intent-b"), authorization)).status).toBe(401);
    expect((await post(body, authorization)).status).toBe(200);
    expect((await post(body, authorization)).status).toBe(401);
    expect(writer.list()).toHaveLength(1);
  });

  it("performs no token again after it was started anew, and says that it is older", async () => {
    const body = call();
    const authorization = `Bearer ${await sign(body)}`;
    expect((await post(body, authorization)).status).toBe(200);
    nowMs += 6_000;
    start();
    const replayed = await post(body, authorization);
    expect([replayed.status, await replayed.json()]).toMatchObject([401, { code: "issued-before-start" }]);
    expect((await send(body)).status).toBe(200);
  });

  it("loses and doubles nothing of a call that was signed before it started: the gateway signs it anew, once", async () => {
    const paths: number[] = [];
    const late = (times: number) =>
      createProxyWriter({
        url: "http://proxy.test",
        cluster: "east",
        signingKey,
        // What was signed waits until the proxy has started.
        clock: { now: () => (times-- > 0 ? nowMs - 6_000 : nowMs) },
        async fetch(url, init) {
          const response = await fetch(new Request(url, init));
          paths.push(response.status);
          return response;
        },
      });
    const draft = { namespace: "shop", spec: ensureOf(fingerprintOf("a"), "i").draft.spec };
    const counting = { kind: "count", intent: "intent-a", draft } as const;
    expect(await late(1).perform([counting], 4_000)).toMatchObject([{ kind: "counted", occurrences: 1 }]);
    expect(paths.splice(0)).toEqual([401, 200]);
    await expect(late(2).perform([counting], 4_000)).rejects.toMatchObject({ code: "writer-unauthorized", effect: "none" });
    expect(paths).toEqual([401, 401]);
    expect(writer.list()).toMatchObject([{ occurrenceCount: 1 }]);
  });

  it("answers 422 to what is no list of operations, and does none of it", async () => {
    const good = ensureOf(fingerprintOf("a"), "intent-a");
    for (const body of ["", "{", "[]", '{"operations":{},"deadlineMs":1}', JSON.stringify({ operations: [good], deadlineMs: 0 })])
      expect((await send(body)).status).toBe(422);
    expect(writer.list()).toEqual([]);
  });

  it("refuses each operation that it cannot read, says why, and performs all others of the call", async () => {
    const [one, other] = [ensureOf(fingerprintOf("a"), "intent-a"), ensureOf(fingerprintOf("b"), "intent-b")];
    const operations = [{ kind: "delete" }, one, { ...one, intent: "" }, null, other];
    const response = await send(JSON.stringify({ operations, deadlineMs: 1_000 }));
    const refused = { kind: "refused", reason: "operation-invalid" };
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { results: [refused, { kind: "created", state: { intent: "intent-a" } }, refused, refused, { kind: "created" }] },
    ]);
    expect(writer.list()).toHaveLength(2);
  });

  it("answers 413 to a body over the limit, without a length to trust", async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < 40) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const headers = { authorization: `Bearer ${await sign("")}` };
    const init = { method: "POST", body, headers, duplex: "half" };
    expect((await fetch(new Request("http://proxy.test/proxy/v1/operations", init as RequestInit))).status).toBe(413);
    expect(sent).toBeLessThan(40);
  });

  it("answers 503 where the writer knows nothing of any operation", async () => {
    writer.break("unreachable");
    const response = await send(call());
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.json()).toMatchObject({ code: "writer-unavailable" });
  });

  it("is healthy always, and ready only while the definition keeps what is written", async () => {
    const get = async (path: string) => (await fetch(new Request(`http://proxy.test${path}`))).status;
    expect([await get("/health"), await get("/ready")]).toEqual([200, 200]);
    checked = async () => "definition-outdated";
    expect(await get("/ready")).toBe(200);
    nowMs += 10_000;
    expect([await get("/health"), await get("/ready")]).toEqual([200, 503]);
  });

  it("looks once in 10 s and once at a time whether it is ready, however many ask", async () => {
    let looks = 0;
    checked = async () => {
      looks += 1;
      return null;
    };
    nowMs += 10_000;
    const ask = () => fetch(new Request("http://proxy.test/ready"));
    await Promise.all(Array.from({ length: 50 }, ask));
    expect(looks).toBe(1);
    checked = () => {
      looks += 1;
      return new Promise(() => {});
    };
    for (let second = 0; second < 60; second += 5) {
      nowMs += 5_000;
      void ask();
    }
    await Promise.resolve();
    expect(looks).toBe(2);
  });

  it("has nothing else", async () => {
    expect((await fetch(new Request("http://proxy.test/"))).status).toBe(404);
    expect(
      (await fetch(new Request("http://proxy.test/proxy/v1/operations", { headers: { authorization: `Bearer ${await sign("")}` } })))
        .status,
    ).toBe(404);
  });
});
