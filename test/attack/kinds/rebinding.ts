import { equal, ok } from "node:assert/strict";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { answers, refused } from "../harness/guarantees.ts";
import { ask, JSON_TYPE, PROMETHEUS, trespass } from "../harness/request.ts";

/** Names under which a page of a stranger may reach a loopback address, and spellings that a careless check takes for loopback's own. */
const HOSTS = [
  "evil.example.com",
  "evil.example.com:8787",
  "localhost.evil.example.com",
  "127.0.0.1.evil.example.com",
  "evil-localhost",
  "notlocalhost",
  "localhost.",
  "localhost.localdomain",
  "127.0.0.2",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "0.0.0.0",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::1].evil.example.com",
  "localhost:8787.evil.example.com",
  "localhost:80:80",
  "localhost:123456",
  "localhost:port",
  "localhost, evil.example.com",
  "evil.example.com, localhost",
  "xn--localhost-abc",
  "169.254.169.254",
  "metadata.google.internal",
] as const;

/** Spellings that a parser may refuse before anybody looks for a name in them. */
const ODD_HOSTS = [
  "localhost@evil.example.com",
  "evil.example.com@localhost",
  "evil.example.com#localhost",
  "evil.example.com/localhost",
  "localhost/evil.example.com",
  "localhost?evil.example.com",
  "localhost\\evil.example.com",
  "localhost evil.example.com",
  "localhost%00.evil.example.com",
  "\u24dbocalhost",
  "loc\u0430lhost",
] as const;

const sendAs = (host: string, ...headers: string[]) =>
  ask(PROMETHEUS, { method: "POST", host, headers: [JSON_TYPE, ...headers], body: JSON.stringify(trespass()) });

const hosts: readonly Attempt[] = [
  ...HOSTS.map(
    (host): Attempt => ({
      name: `sends an alert to the host ${host}`,
      at: "open gateway",
      sends: () => sendAs(host),
      holds: answers(400, 403, 404),
    }),
  ),
  ...ODD_HOSTS.map(
    (host): Attempt => ({ name: `sends an alert to the host ${host}`, at: "open gateway", sends: () => sendAs(host), holds: refused }),
  ),
  ...["/metrics", "/api/v1/status", "/api/v1/openapi.json", "/api/v1/admin/dead-letters", "/api/v1/admin/windows"].map(
    (path): Attempt => ({
      name: `reads ${path} under a foreign host`,
      at: "open gateway",
      sends: () => ask(path, { host: "evil.example.com" }),
      holds: answers(403),
    }),
  ),
  ...[
    "X-Forwarded-Host: localhost",
    "Forwarded: host=localhost",
    "X-Host: localhost",
    "Origin: http://localhost",
    "Referer: http://localhost/",
  ].map(
    (line): Attempt => ({
      name: `sends an alert under a foreign host with ${line.split(":")[0]}: localhost`,
      at: "open gateway",
      sends: () => sendAs("evil.example.com", line),
      holds: answers(403),
    }),
  ),
];

const notToPages = (status: number): Guarantee => ({
  text: `${status}, and no page may read it`,
  async check(seen, stage) {
    await answers(status).check(seen, stage);
    for (const { headers } of seen.answers)
      equal([...headers.keys()].filter((name) => name.startsWith("access-control-")).length, 0, "a page of another origin may read it");
  },
});

/** What a page in a browser sends to another origin without asking first (Fetch: CORS-safelisted content types), or with no type. */
const SIMPLE_TYPES = [
  "text/plain",
  "text/plain;charset=UTF-8",
  "text/plain;application/json",
  "text/plain, application/json",
  "text/plain; x=application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=application/json",
] as const;

const FROM_PAGE = ["Origin: https://evil.example.com", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"];

const pages: readonly Attempt[] = [
  ...SIMPLE_TYPES.map(
    (type): Attempt => ({
      name: `sends an alert from a page as ${type}`,
      at: "open gateway",
      sends: () => ask(PROMETHEUS, { method: "POST", headers: [`Content-Type: ${type}`, ...FROM_PAGE], body: JSON.stringify(trespass()) }),
      holds: notToPages(415),
    }),
  ),
  {
    name: "sends an alert from a page without a content type",
    at: "open gateway",
    sends: () => ask(PROMETHEUS, { method: "POST", headers: FROM_PAGE, body: JSON.stringify(trespass()) }),
    holds: notToPages(415),
  },
  {
    name: "sends an alert from a page as a beacon",
    at: "open gateway",
    sends: () =>
      ask(PROMETHEUS, {
        method: "POST",
        headers: ["Content-Type: text/plain;charset=UTF-8", "Origin: null"],
        body: JSON.stringify(trespass()),
      }),
    holds: notToPages(415),
  },
  ...["content-type", "authorization"].map(
    (header): Attempt => ({
      name: `asks before it sends ${header}`,
      at: "open gateway",
      sends: () =>
        ask(PROMETHEUS, {
          method: "OPTIONS",
          headers: ["Origin: https://evil.example.com", "Access-Control-Request-Method: POST", `Access-Control-Request-Headers: ${header}`],
        }),
      holds: notToPages(405),
    }),
  ),
  {
    name: "asks whether a public page may reach a private network",
    at: "open gateway",
    sends: () =>
      ask(PROMETHEUS, {
        method: "OPTIONS",
        headers: [
          "Origin: https://evil.example.com",
          "Access-Control-Request-Method: POST",
          "Access-Control-Request-Private-Network: true",
        ],
      }),
    holds: notToPages(405),
  },
  {
    name: "reads metrics from a page",
    at: "open gateway",
    sends: () => ask("/metrics", { headers: FROM_PAGE }),
    holds: notToPages(200),
  },
  {
    name: "reads metrics into a script of a page",
    at: "open gateway",
    sends: () => ask("/api/v1/status?callback=nightingale", { headers: FROM_PAGE }),
    holds: {
      text: "JSON, and no call of anything",
      check({ answers: [answer] }) {
        ok(answer?.status === 200 && answer.text.startsWith("{") && !answer.text.includes("nightingale"), "the answer is a script");
      },
    },
  },
  {
    name: "turns a feature off from a page",
    at: "open gateway",
    sends: () =>
      ask("/api/v1/admin/flags", {
        method: "POST",
        headers: ["Content-Type: text/plain", ...FROM_PAGE],
        body: '{"feature":"storm-buffering","share":false,"reason":"x"}',
      }),
    holds: notToPages(401),
  },
  {
    name: "sweeps from a page",
    at: "open gateway",
    sends: () => ask("/api/v1/admin/sweep", { method: "POST", headers: ["Content-Type: text/plain", ...FROM_PAGE] }),
    holds: notToPages(401),
  },
  {
    name: "reads the emulated Kubernetes API from a page",
    at: "emulation",
    sends: () => ask("/apis/remediation.kubernaut.io/v1alpha1/remediationrequests", { headers: FROM_PAGE }),
    holds: notToPages(401),
  },
  {
    name: "asks before it writes to the emulated Kubernetes API",
    at: "emulation",
    sends: () =>
      ask("/apis/remediation.kubernaut.io/v1alpha1/namespaces/shop/remediationrequests", {
        method: "OPTIONS",
        headers: ["Origin: https://evil.example.com", "Access-Control-Request-Method: POST"],
      }),
    holds: notToPages(401),
  },
  {
    name: "reads the emulated Kubernetes API under a foreign host",
    at: "emulation",
    sends: () => ask("/version", { host: "evil.example.com" }),
    holds: answers(401),
  },
];

/** No page in the browser of somebody on this machine gets at what listens on loopback. */
export const rebinding: Kind = {
  name: "DNS rebinding and pages",
  controls: [
    {
      name: "an alert of this machine",
      at: "open gateway",
      sends: () => ask(PROMETHEUS, { method: "POST", headers: [JSON_TYPE], body: JSON.stringify(webhook([alertIn("shop")])) }),
      holds: answers(201),
    },
  ],
  attempts: [...hosts, ...pages],
};
