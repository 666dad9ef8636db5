import { deflateSync, gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { type Client, EVENTS, PROMETHEUS } from "../client.ts";
import { alertIn, webhook } from "../payloads.ts";
import { chunked, postHead, rawRequest, rawText } from "../raw-http.ts";

/** HTTP as senders, probes and what stands between use it. */
export function httpCases(client: () => Client): void {
  const text = () => JSON.stringify(webhook([alertIn(client().target.namespace)]));
  const head = (...more: readonly string[]) => postHead(PROMETHEUS, client().target.sourceToken, ...more);
  const raw = async (method: string, path: string, parts: Iterable<string | Uint8Array>) =>
    client().check(method, path, await rawRequest(client().target.url, parts));
  const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>, path = PROMETHEUS) =>
    client().send(path, {
      method: "POST",
      token: client().target.sourceToken,
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  const bytes = (encoded: Buffer) => new Uint8Array(encoded);

  it.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["GZip", gzipSync],
    ["deflate", deflateSync],
    ["identity", Buffer.from],
    ["deflate, identity, gzip", (body: string) => gzipSync(deflateSync(body))],
  ])("takes a body in the encoding %s", async (encoding, encode) => {
    for (const path of [PROMETHEUS, EVENTS]) {
      const answer = await send(bytes(encode(path === EVENTS ? "[]" : text())), { "content-encoding": encoding }, path);
      expect(answer.status).toBe(path === EVENTS ? 202 : 201);
    }
  });

  it("takes the same in chunks", async () => {
    const parts = chunked(gzipSync(text()), 16);
    expect((await raw("POST", PROMETHEUS, [head("Transfer-Encoding: chunked", "Content-Encoding: gzip"), ...parts])).status).toBe(201);
  });

  it.each(["br", "zstd", "aes128gcm", "gzip, br", "gzip,gzip,gzip,gzip"])(
    "refuses the encoding %s with 415, which names those it takes",
    async (encoding) => {
      const answer = await send(bytes(gzipSync(text())), { "content-encoding": encoding });
      expect([answer.status, answer.json]).toMatchObject([
        415,
        { code: "encoding-unsupported", detail: expect.stringMatching(/gzip.*deflate/) },
      ]);
      expect(answer.headers.get("accept-encoding")).toBe("gzip, deflate");
    },
  );

  it("refuses a body that is not what its encoding says with 400", async () => {
    const good = gzipSync(text());
    for (const body of [bytes(good).slice(0, -5), bytes(good).slice(0, 11), new TextEncoder().encode(text()), new Uint8Array([0x1f])]) {
      const answer = await send(body, { "content-encoding": "gzip" });
      expect([answer.status, answer.json]).toMatchObject([400, { code: "encoding-invalid" }]);
    }
  });

  it("counts its limit on what a body becomes, however small it came", async () => {
    const { bodyBytes } = client().target.limits;
    const bombs = [gzipSync(Buffer.alloc(4 * bodyBytes, " ")), gzipSync(gzipSync(Buffer.alloc(8 * bodyBytes, " ")))];
    for (const [at, bomb] of bombs.entries()) {
      const answer = await send(bytes(bomb), { "content-encoding": at === 0 ? "gzip" : "gzip, gzip" });
      expect([answer.status, answer.json]).toMatchObject([413, { code: "body-too-large" }]);
    }
  });

  it("takes a content type that is there more than once, if each is one that it takes", async () => {
    const body = text();
    const twice = (type: string) => raw("POST", PROMETHEUS, [head(`Content-Type: ${type}`, `Content-Length: ${body.length}`), body]);
    expect((await twice("application/json")).status).toBe(201);
    expect((await twice("application/json; charset=utf-8")).status).toBe(202);
    expect((await twice("text/plain")).status).toBe(415);
  });

  it("answers each of several requests that come without waiting for an answer, in their order", async () => {
    const { url, sourceToken } = client().target;
    const one = (body: string, ...more: readonly string[]) =>
      postHead(`${PROMETHEUS}?dryRun=true`, sourceToken, `Content-Length: ${body.length}`, ...more) + body;
    const answered = await rawText(url, [one(text()), one("{"), one(text()), one("[]", "Connection: close")].join(""));
    expect([...answered.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(["200", "400", "200", "422"]);
  });
}
