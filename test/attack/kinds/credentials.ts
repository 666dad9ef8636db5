import { sha256 } from "../../runtime/payloads.ts";
import type { Attempt, Kind, Part } from "../harness/attempt.ts";
import { answers } from "../harness/guarantees.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, postTo, trespass } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

/** What a stranger, or the holder of another token, may try in the place of a source's token. Lines of a header. */
const NOT_A_SOURCE: readonly (readonly [name: string, headers: (stage: Stage) => readonly string[]])[] = [
  ["no credential", () => []],
  ["an empty Authorization", () => ["Authorization:"]],
  ["a scheme alone", () => ["Authorization: Bearer"]],
  ["a scheme and spaces", () => ["Authorization: Bearer    "]],
  ["a wrong token", () => [bearer("wrong")]],
  ["the token without its scheme", ({ tokens }) => [`Authorization: ${tokens.source}`]],
  ["the token's SHA-256, as settings hold it", ({ tokens }) => [bearer(sha256(tokens.source))]],
  ["the token but for its last character", ({ tokens }) => [bearer(tokens.source.slice(0, -1))]],
  ["the token but for its first character", ({ tokens }) => [bearer(tokens.source.slice(1))]],
  ["the token and one character more", ({ tokens }) => [bearer(`${tokens.source}x`)]],
  ["one character and the token", ({ tokens }) => [bearer(`x${tokens.source}`)]],
  ["the token in capitals", ({ tokens }) => [bearer(tokens.source.toUpperCase())]],
  ["the token twice in one header", ({ tokens }) => [bearer(`${tokens.source},${tokens.source}`)]],
  ["the token and a word", ({ tokens }) => [bearer(`${tokens.source} more`)]],
  ["the token in quotes", ({ tokens }) => [bearer(`"${tokens.source}"`)]],
  ["the token percent-encoded", ({ tokens }) => [bearer(tokens.source.replaceAll("-", "%2D"))]],
  ["the token in base64", ({ tokens }) => [bearer(Buffer.from(tokens.source).toString("base64"))]],
  ["the token in full-width letters", ({ tokens }) => [bearer(tokens.source.replace("s", "\uff53"))]],
  ["the token with an invisible character", ({ tokens }) => [bearer(`${tokens.source}\u200b`)]],
  ["the scheme Digest", ({ tokens }) => [`Authorization: Digest ${tokens.source}`]],
  ["the scheme Token", ({ tokens }) => [`Authorization: Token ${tokens.source}`]],
  ["the scheme Negotiate", ({ tokens }) => [`Authorization: Negotiate ${tokens.source}`]],
  ["a scheme that only begins so", ({ tokens }) => [`Authorization: Bearerx ${tokens.source}`]],
  ["a scheme and a colon", ({ tokens }) => [`Authorization: Bearer: ${tokens.source}`]],
  ["Basic credentials of nobody", () => [`Authorization: Basic ${Buffer.from("admin:admin").toString("base64")}`]],
  ["Basic credentials without a password", ({ tokens }) => [`Authorization: Basic ${Buffer.from(`${tokens.source}:`).toString("base64")}`]],
  ["Basic credentials without a colon", ({ tokens }) => [`Authorization: Basic ${Buffer.from(tokens.source).toString("base64")}`]],
  ["Basic credentials that are no base64", () => ["Authorization: Basic %%%%"]],
  ["Basic credentials that are no UTF-8", () => [`Authorization: Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString("base64")}`]],
  [
    "Basic credentials whose password is the token, shortened",
    ({ tokens }) => [`Authorization: Basic ${Buffer.from(`shop:${tokens.source.slice(0, -1)}`).toString("base64")}`],
  ],
  [
    "Basic credentials whose password is the token and a colon",
    ({ tokens }) => [`Authorization: Basic ${Buffer.from(`shop:${tokens.source}:`).toString("base64")}`],
  ],
  [
    "Basic credentials of a source's name and the admin's token",
    ({ tokens }) => [`Authorization: Basic ${Buffer.from(`shop:${tokens.admin}`).toString("base64")}`],
  ],
  ["a wrong token before the right one, in two headers", ({ tokens }) => [bearer("wrong"), bearer(tokens.source)]],
  ["the right token in X-Api-Key", ({ tokens }) => [`X-Api-Key: ${tokens.source}`]],
  ["the right token in Proxy-Authorization", ({ tokens }) => [`Proxy-Authorization: Bearer ${tokens.source}`]],
  ["the right token in X-Forwarded-Authorization", ({ tokens }) => [`X-Forwarded-Authorization: Bearer ${tokens.source}`]],
  ["the right token in a cookie", ({ tokens }) => [`Cookie: authorization=Bearer ${tokens.source}; token=${tokens.source}`]],
  ["the read token", ({ tokens }) => [bearer(tokens.read)]],
  ["the admin token", ({ tokens }) => [bearer(tokens.admin)]],
  ["a proxy's claim of who is calling", () => ["X-Forwarded-User: admin", "X-Remote-User: admin", "X-Forwarded-For: 127.0.0.1"]],
  ["a token of 4,000 characters", () => [bearer("a".repeat(4_000))]],
  ["a JWT without a signature", () => [bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzaG9wIn0.")]],
  ["an SQL expression", () => [bearer("'or'1'='1")]],
  ["a NoSQL expression", () => [bearer('{"$ne":null}')]],
  ["the name of an inherited member", () => [bearer("__proto__")]],
];

const sources: readonly Attempt[] = NOT_A_SOURCE.map(([name, headers]) => ({
  name: `sends alerts with ${name}`,
  at: "gateway",
  sends: (stage) => postTo(PROMETHEUS, trespass(), ...headers(stage)),
  holds: answers(401),
}));

const elsewhere: readonly Attempt[] = [
  ...["token", "access_token", "authorization", "bearer", "api_key"].map(
    (parameter): Attempt => ({
      name: `sends alerts with the token in the query, as ${parameter}`,
      at: "gateway",
      sends: ({ tokens }) => postTo(`${PROMETHEUS}?${parameter}=${tokens.source}`, trespass()),
      holds: answers(401),
    }),
  ),
  {
    name: "sends alerts with the token in a form",
    at: "gateway",
    sends: ({ tokens }) =>
      ask(PROMETHEUS, {
        method: "POST",
        headers: ["Content-Type: application/x-www-form-urlencoded"],
        body: `token=${tokens.source}&alerts=[]`,
      }),
    holds: answers(401),
  },
  {
    name: "sends events with the read token",
    at: "gateway",
    sends: ({ tokens }) => postTo(EVENTS, {}, bearer(tokens.read)),
    holds: answers(401),
  },
];

/** What is for readers and administrators, and who may not have it. */
const GUARDED: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/metrics"],
  ["GET", "/api/v1/status"],
  ["GET", "/api/v1/openapi.json"],
  ["GET", "/api/v1/admin/dead-letters"],
  ["GET", "/api/v1/admin/windows"],
  ["GET", "/api/v1/admin/flags"],
  ["POST", "/api/v1/admin/flags"],
  ["POST", "/api/v1/admin/sweep"],
  ["POST", "/api/v1/admin/dead-letters/discard"],
];

const guarded: readonly Attempt[] = GUARDED.flatMap(([method, path]): Attempt[] => {
  const trying = (name: string, headers: (stage: Stage) => string[], ...statuses: number[]): Attempt => ({
    name: `${method} ${path} with ${name}`,
    at: "gateway",
    sends: (stage) => ask(path, { method, headers: [JSON_TYPE, ...headers(stage)] }),
    holds: answers(...statuses),
  });
  return [
    trying("no credential", () => [], 401),
    trying("a source's token", ({ tokens }) => [bearer(tokens.source)], 401),
    ...(path.includes("admin") ? [trying("the read token", ({ tokens }) => [bearer(tokens.read)], 403)] : []),
  ];
});

/** The token of one part, at another. */
const strangers: readonly Attempt[] = (
  [
    ["proxy", "POST", "/proxy/v1/operations", 401],
    ["proxy", "GET", "/metrics", 401],
    ["bridge", "GET", "/metrics", 401],
    ["bridge", "POST", "/", 401],
    ["bridge", "POST", "/pipeline", 401],
    ["bridge", "POST", "/multi-exec", 401],
    ["emulation", "GET", "/apis/remediation.kubernaut.io/v1alpha1/remediationrequests", 401],
    ["emulation", "GET", "/version", 401],
  ] satisfies (readonly [Part, string, string, number])[]
).flatMap(([at, method, path, status]) => {
  const body = method === "POST" ? '["PING"]' : undefined;
  const trying = (name: string, headers: (stage: Stage) => string[]): Attempt => ({
    name: `${method} ${path} with ${name}`,
    at,
    sends: (stage) => ask(path, { method, headers: [JSON_TYPE, ...headers(stage)], ...(body !== undefined && { body }) }),
    holds: answers(status),
  });
  return [
    trying("no credential", () => []),
    trying("the gateway's admin token", ({ tokens }) => [bearer(tokens.admin)]),
    trying("its own token, shortened", ({ tokens }) => [bearer((at === "bridge" ? tokens.bridge : tokens.emulation).slice(0, -1))]),
  ];
});

/** Who may send, read and change what. */
export const credentials: Kind = {
  name: "credentials",
  controls: [
    {
      name: "a source's own token",
      at: "gateway",
      sends: ({ tokens }) => postTo(PROMETHEUS, { alerts: [] }, bearer(tokens.source)),
      holds: answers(202),
    },
    {
      name: "the read token",
      at: "gateway",
      sends: ({ tokens }) => ask("/metrics", { headers: [bearer(tokens.read)] }),
      holds: answers(200),
    },
    {
      name: "the bridge's token",
      at: "bridge",
      sends: ({ tokens }) => ask("/", { method: "POST", headers: [bearer(tokens.bridge)], body: '["PING"]' }),
      holds: answers(200),
    },
    {
      name: "the emulation's token",
      at: "emulation",
      sends: ({ tokens }) => ask("/version", { headers: [bearer(tokens.emulation)] }),
      holds: answers(200),
    },
  ],
  attempts: [...sources, ...elsewhere, ...guarded, ...strangers],
};
