import { expect, it } from "vitest";
import { type Client, DEAD_LETTERS, EVENTS, PROMETHEUS, RECEIPTS, SWEEP, WINDOWS } from "../client.ts";
import { alertIn, fingerprintOf, MARKER, sha256, webhook } from "../payloads.ts";
import { postHead, rawRequest } from "../raw-http.ts";

const READING = ["/metrics", "/api/v1/status", "/api/v1/openapi.json"];
/** For administrators; what changes something takes POST. */
const ADMIN = [DEAD_LETTERS, WINDOWS, SWEEP, `${WINDOWS}/x/flush`, `${DEAD_LETTERS}/x/replay`, `${DEAD_LETTERS}/x/discard`];
const methodOf = (path: string) => (path === DEAD_LETTERS || path === WINDOWS ? "GET" : "POST");
const JSON_TYPE = { "content-type": "application/json" };

/** Who may do what where sources are set up. */
export function credentialCases(client: () => Client): void {
  const tokens = () => {
    const { sourceToken, narrowToken, readToken, adminToken } = client().target;
    return { source: sourceToken ?? "", narrow: narrowToken ?? "", read: readToken ?? "", admin: adminToken };
  };
  const post = (token: string | null, payload: unknown, headers = {}) =>
    client().send(PROMETHEUS, { method: "POST", token, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(payload) });

  it.each([PROMETHEUS, EVENTS])("lets nobody send to %s without a source's token", async (path) => {
    const { read, admin, source } = tokens();
    for (const token of [null, MARKER, read, admin, sha256(source), `${source}x`, source.slice(1), source.toUpperCase()]) {
      const answer = await client().send(path, { method: "POST", token, headers: JSON_TYPE, body: "{}" });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="breakwater", Basic realm="breakwater"']);
    }
  });

  it("takes a token in no other place or scheme", async () => {
    const { source } = tokens();
    for (const headers of [
      { authorization: source },
      { authorization: `Digest ${source}` },
      { authorization: `Bearer ${source} x` },
      { authorization: "Bearer" },
      { "x-api-key": source },
    ])
      expect((await post(null, {}, headers)).status).toBe(401);
    expect((await client().send(`${PROMETHEUS}?token=${source}`, { method: "POST", headers: JSON_TYPE, body: "{}" })).status).toBe(401);
  });

  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

  it("takes a token as the password of Basic credentials too, whatever user they name, wherever it takes a bearer token", async () => {
    const { source, read, admin } = tokens();
    for (const user of ["shop", "", "somebody"]) expect((await post(null, webhook([]), basic(`${user}:${source}`))).status).toBe(202);
    for (const path of READING) expect((await client().send(path, { headers: basic(`prometheus:${read}`) })).status).toBe(200);
    expect((await client().send(DEAD_LETTERS, { headers: basic(`me:${admin}`) })).status).toBe(200);
    expect((await client().send(DEAD_LETTERS, { headers: basic(`me:${read}`) })).status).toBe(403);
  });

  it("takes no Basic credentials whose password is another's, or none", async () => {
    const { source, read } = tokens();
    const wrong = [`shop:${read}`, `shop:${sha256(source)}`, `shop:${source}x`, `shop:x:${source}`, source, `${source}:`, "shop:", ":", ""];
    for (const text of wrong) expect((await post(null, webhook([]), basic(text))).status).toBe(401);
    expect((await post(null, webhook([]), { authorization: "Basic %%%" })).status).toBe(401);
  });

  it("takes the scheme in any case (RFC 9110)", async () => {
    expect((await post(null, webhook([]), { authorization: `bearer ${tokens().source}` })).status).toBe(202);
  });

  it("answers who has no token before it has read the body", async () => {
    const answer = await rawRequest(client().target.url, [
      postHead(PROMETHEUS, null, `Content-Length: ${client().target.limits.bodyBytes + 1}`),
      "{",
    ]);
    expect(client().check("POST", PROMETHEUS, answer).status).toBe(401);
  });

  it.each(READING)("shows %s to read and admin tokens only", async (path) => {
    const { read, admin, source } = tokens();
    for (const token of [read, admin]) expect((await client().send(path, { token })).status).toBe(200);
    for (const token of [null, source, sha256(read), sha256(admin), MARKER])
      expect((await client().send(path, { token })).status).toBe(401);
  });

  it.each([DEAD_LETTERS, WINDOWS])("shows %s to admin tokens", async (path) => {
    expect((await client().send(path, { token: tokens().admin })).status).toBe(200);
  });

  it.each(ADMIN)("opens %s to admin tokens only, and tells a read token that it is one", async (path) => {
    const { read, admin, source } = tokens();
    const ask = (token: string | null) => client().send(path, { method: methodOf(path), token, headers: JSON_TYPE });
    expect(await ask(read)).toMatchObject({ status: 403, json: { code: "forbidden" } });
    for (const token of [null, source, sha256(admin)]) expect((await ask(token)).status).toBe(401);
  });

  it("shows a receipt to who may read and to the source that sent the alert, and to no other source that there is one", async () => {
    const { read, admin, source, narrow } = tokens();
    const alert = alertIn(client().target.namespace);
    await post(source, webhook([alert]));
    const ask = (token: string | null, of = fingerprintOf(alert)) => client().send(`${RECEIPTS}?fingerprint=${of}`, { token });
    for (const token of [read, admin, source]) expect((await ask(token)).status).toBe(200);
    for (const token of [null, sha256(source), MARKER]) expect((await ask(token)).status).toBe(401);
    const { status, text } = await ask(narrow);
    expect([status, text]).toEqual([404, (await ask(narrow, sha256("nothing"))).text]);
  });

  it("serves any Host", async () => {
    const answer = await rawRequest(client().target.url, [
      postHead(PROMETHEUS, tokens().source, "Content-Length: 13").replace("localhost", "alerts.example.com"),
      '{"alerts":[]}',
    ]);
    expect(client().check("POST", PROMETHEUS, answer).status).toBe(202);
  });

  it("keeps a source within its namespaces", async () => {
    const { namespace, fallbackNamespace } = client().target;
    const answer = await post(tokens().narrow, webhook([alertIn(namespace), alertIn(fallbackNamespace), alertIn("")]));
    expect(answer.results.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      "created new",
      "quarantined namespace-not-allowed",
      "quarantined namespace-not-allowed",
    ]);
    const [first] = answer.results;
    const found = await client().target.requests(namespace);
    expect(found.find(({ metadata }) => metadata.name === first?.remediationRequest?.name)?.spec.environment).toBe("edge");
  });

  it("keeps the Idempotency-Keys of two sources apart", async () => {
    const alert = alertIn(client().target.namespace);
    const headers = { "idempotency-key": "the-same" };
    expect(await post(tokens().source, webhook([alert]), headers)).toMatchObject({ status: 201 });
    expect(await post(tokens().narrow, webhook([alert]), headers)).toMatchObject({ status: 202, results: [{ occurrenceCount: 2 }] });
  });
}

/** Who may do what where no source is set up: whoever is on this machine, and no page in its browser. */
export function loopbackCases(client: () => Client): void {
  const ask = async (method: string, path: string, host: string) => {
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Connection: close",
      ...(method === "POST" ? ["Content-Type: application/json", "Content-Length: 13"] : []),
    ];
    const answer = await rawRequest(client().target.url, [`${lines.join("\r\n")}\r\n\r\n${method === "POST" ? '{"alerts":[]}' : ""}`]);
    return client().check(method, path, answer);
  };

  it.each(["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8787", "[::1]", "[::1]:80"])("serves the Host %s", async (host) => {
    expect((await ask("POST", PROMETHEUS, host)).status).toBe(202);
    for (const path of READING) expect((await ask("GET", path, host)).status).toBe(200);
    expect((await ask("GET", `${RECEIPTS}?fingerprint=${sha256("nothing")}`, host)).status).toBe(404);
  });

  it.each([
    "evil.example.com",
    "localhost.evil.example.com",
    "127.0.0.1.evil.example.com",
    "127.0.0.2",
    "0.0.0.0",
    "evil.example.com:8787",
  ])("refuses the Host %s with 403", async (host) => {
    expect(await ask("POST", PROMETHEUS, host)).toMatchObject({ status: 403, json: { code: "host-forbidden" } });
    for (const path of [...READING, RECEIPTS, DEAD_LETTERS, WINDOWS]) expect((await ask("GET", path, host)).status).toBe(403);
    for (const path of [SWEEP, `${WINDOWS}/x/flush`]) expect((await ask("POST", path, host)).status).toBe(403);
  });

  it("refuses what a page in a browser can send without asking first", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const body = JSON.stringify(webhook([alertIn(client().target.namespace)]));
      const headers = { "content-type": type, origin: "https://evil.example.com" };
      const answer = await client().send(PROMETHEUS, { method: "POST", headers, body });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([415, null]);
    }
  });

  it.each(ADMIN)("asks for the admin token even here: %s", async (path) => {
    for (const token of [null, MARKER, sha256(client().target.adminToken)])
      expect((await client().send(path, { method: methodOf(path), token, headers: JSON_TYPE })).status).toBe(401);
  });
}
