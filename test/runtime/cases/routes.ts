import { request } from "node:http";
import { expect, it } from "vitest";
import { type Client, DEAD_LETTERS, EVENTS, FLAGS, PROMETHEUS, RECEIPTS, SWEEP, WINDOWS } from "../client.ts";
import { MARKER } from "../payloads.ts";
import { postHead, rawRequest } from "../raw-http.ts";

const READING = ["/metrics", "/api/v1/status", "/api/v1/openapi.json"];
const LISTS = ["/health", "/ready", ...READING, DEAD_LETTERS, WINDOWS];
const GETS = [...LISTS, RECEIPTS, `${WINDOWS}/x`, `${DEAD_LETTERS}/x`];
const POSTS = [
  PROMETHEUS,
  EVENTS,
  SWEEP,
  `${WINDOWS}/x/flush`,
  `${DEAD_LETTERS}/x/replay`,
  `${DEAD_LETTERS}/x/discard`,
  `${DEAD_LETTERS}/discard`,
];

/** Every path, its methods, and what is at no path. */
export function routeCases(client: () => Client): void {
  const { get, post } = { get: ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"], post: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] };
  const token = (path: string) => (path.includes("signals") ? client().target.sourceToken : client().target.adminToken);

  it("is alive and ready to whoever asks, without a word more", async () => {
    expect((await client().send("/health")).json).toEqual({ status: "ok" });
    expect((await client().send("/ready")).json).toEqual({ status: "ready" });
  });

  it("exposes its counters to Prometheus", async () => {
    const { status, headers, text } = await client().read("/metrics");
    expect([status, headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
    expect(text).toMatch(/^# TYPE gateway_alerts_received_total counter\n/m);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(
        /^(# (HELP|TYPE) (gateway|breakwater)_\w+ .+|(gateway|breakwater)_\w+(\{[a-z]+="[\w.+-]+"(,[a-z]+="[\w.+-]+")*\})? \d+(\.\d+)?)$/,
      );
  });

  it("shows its state", async () => {
    expect((await client().read("/api/v1/status")).json).toMatchObject({
      ready: true,
      clusters: [{ counters: { alerts_received: expect.any(Number) } }],
    });
  });

  it.each(LISTS)("answers HEAD %s as GET, without a body", async (path) => {
    const { status, text } = await client().send(path, { method: "HEAD", token: token(path) });
    expect([status, text]).toEqual([200, ""]);
  });

  it.each(GETS.flatMap((path) => get.map((method) => [method, path])))("answers %s %s 405", async (method = "", path = "") => {
    const { status, headers } = await client().send(path, { method, token: token(path) });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it.each(POSTS.flatMap((path) => post.map((method) => [method, path])))("answers %s %s 405", async (method = "", path = "") => {
    const { status, headers } = await client().send(path, { method, token: token(path) });
    expect([status, headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("answers methods that flags do not take 405, and HEAD as GET", async () => {
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const { status, headers } = await client().send(FLAGS, { method, token: token(FLAGS) });
      expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    }
    expect(await client().send(FLAGS, { method: "HEAD", token: token(FLAGS) })).toMatchObject({ status: 200, text: "" });
  });

  it.each([
    `${PROMETHEUS}/`,
    `${EVENTS}/`,
    `/${PROMETHEUS}`,
    "/api/v1/signals/Prometheus",
    "/api/v1/signals",
    "/api/v1/signals/",
    "/api/v1/signals/prometheus/x",
    "/api/v2/signals/prometheus",
    `/api/v1/${MARKER}`,
    "/constructor",
    "/__proto__",
    "/api/v1/admin",
    "/api/v1/admin/dead-letters/",
    "/api/v1/admin/dead-letters//replay",
    "/api/v1/admin/dead-letters/x/discard/",
    "/api/v1/admin/dead-letters/x/flush",
    "/api/v1/admin/windows/",
    "/api/v1/admin/windows//flush",
    "/api/v1/admin/windows/x/",
    "/api/v1/admin/windows/x/flush/",
    "/api/v1/admin/windows/x/members",
    "/api/v1/admin/flags/",
    "/api/v1/admin/sweep/",
    "/api/v1/receipts/",
    "/health/",
    "/favicon.ico",
  ])("answers POST and GET %s 404 and never redirects", async (path) => {
    for (const method of ["POST", "GET"]) {
      const headers = { "content-type": "application/json" };
      const answer = await client().send(path, { method, token: token(path), headers, ...(method === "POST" && { body: "{}" }) });
      expect([answer.status, answer.json]).toMatchObject([404, { code: "not-found" }]);
    }
  });

  it("answers paths that are written strangely, and goes on", async () => {
    const authorization = `Authorization: Bearer ${client().target.adminToken}`;
    for (const path of ["/api/v1/../v1/status/..", "/x%2f..%2fhealth", "/health%00", "/%", "/%ff", `/${"a".repeat(8_000)}`, "/?\u00ff"]) {
      const { status, text } = await rawRequest(client().target.url, [
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\nConnection: close\r\n\r\n`,
      ]);
      expect([400, 404, 414]).toContain(status);
      expect(text).not.toContain(client().target.adminToken);
    }
    expect((await client().send("/health")).status).toBe(200);
  });

  it("takes the body of a sender that asks first, and goes on after a second without an answer (RFC 9110)", async () => {
    const { url, sourceToken } = client().target;
    const status = await new Promise((resolve, reject) => {
      const authorization = sourceToken ? { authorization: `Bearer ${sourceToken}` } : {};
      const headers = { "content-type": "application/json", "content-length": 13, expect: "100-continue", ...authorization };
      const sending = request(new URL(PROMETHEUS, url), { method: "POST", headers }, ({ statusCode }) => resolve(statusCode));
      const send = () => void (sending.writableEnded || sending.end('{"alerts":[]}'));
      sending.on("error", reject).on("continue", send).flushHeaders();
      setTimeout(send, 1_000);
    });
    expect(status).toBe(202);
  });

  it("survives senders that leave in the middle of a body", async () => {
    const { url, sourceToken } = client().target;
    const half = [postHead(PROMETHEUS, sourceToken, "Content-Length: 100000"), '{"alerts":['];
    await Promise.allSettled(Array.from({ length: 10 }, () => rawRequest(url, half, "ends")));
    expect((await client().send("/health")).status).toBe(200);
  });

  it("survives requests that are no HTTP", async () => {
    for (const bytes of [
      "\r\n\r\n",
      "GET\r\n\r\n",
      "\x16\x03\x01\x02\x00",
      `POST ${PROMETHEUS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n`,
    ])
      await rawRequest(client().target.url, [bytes, "\r\n\r\n"], "ends").then(
        ({ status }) => expect(status).toBeGreaterThanOrEqual(400),
        () => {},
      );
    expect((await client().send("/health")).status).toBe(200);
  });
}
