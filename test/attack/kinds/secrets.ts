import { alertIn, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Kind, Part } from "../harness/attempt.ts";
import { answers, harmless } from "../harness/guarantees.ts";
import { PLANTED } from "../harness/planted.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, postTo } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

/** Where a careless sender, or what stands before it, puts secrets of its own. */
const LINES: readonly (readonly [name: string, line: string])[] = [
  ["a cookie", `Cookie: session=${PLANTED.cookie}`],
  ["an API key", `X-Api-Key: ${PLANTED.apiKey}`],
  ["another credential", `Proxy-Authorization: Basic ${PLANTED.password}`],
  ["a token of a service mesh", `X-Forwarded-Access-Token: ${PLANTED.token}`],
  ["a URL with a password", `Referer: https://user:${PLANTED.url}@example.com/`],
  ["a name of the program", `User-Agent: agent/${PLANTED.apiKey}`],
  ["an origin", `Origin: https://${PLANTED.url}.example.com`],
];

const taken: readonly Attempt[] = LINES.map(([name, line]) => ({
  name: `an alert that is taken, with a secret in ${name}`,
  at: "gateway",
  sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source), line),
  holds: answers(201),
}));

const dead: readonly Attempt[] = LINES.map(([name, line]) => ({
  name: `an alert that becomes a dead letter, with a secret in ${name}`,
  at: "gateway",
  sends: ({ tokens }) => postTo(PROMETHEUS, webhook([{ labels: { note: name } }]), bearer(tokens.source), line),
  holds: answers(202),
}));

/** Wrong requests, each for its own reason: a reason quotes nothing. */
const WRONG: readonly (readonly [
  name: string,
  at: Part,
  method: string,
  path: string,
  headers: (stage: Stage) => readonly string[],
  body?: string,
])[] = [
  ["a wrong token", "gateway", "POST", PROMETHEUS, () => [bearer(PLANTED.token)], "{}"],
  [
    "a wrong scheme",
    "gateway",
    "POST",
    PROMETHEUS,
    () => [`Authorization: Basic ${Buffer.from(`u:${PLANTED.password}`).toString("base64")}`],
    "{}",
  ],
  [
    "a wrong content type",
    "gateway",
    "POST",
    PROMETHEUS,
    ({ tokens }) => [bearer(tokens.source), `Content-Type: text/${PLANTED.token}`],
    "{}",
  ],
  [
    "a wrong coding",
    "gateway",
    "POST",
    PROMETHEUS,
    ({ tokens }) => [bearer(tokens.source), JSON_TYPE, `Content-Encoding: ${PLANTED.token}`],
    "{}",
  ],
  [
    "a wrong key for a repeat",
    "gateway",
    "POST",
    PROMETHEUS,
    ({ tokens }) => [bearer(tokens.source), JSON_TYPE, `Idempotency-Key: a ${PLANTED.token}`],
    "{}",
  ],
  ["a wrong query", "gateway", "POST", `${PROMETHEUS}?dryRun=${PLANTED.query}`, ({ tokens }) => [bearer(tokens.source), JSON_TYPE], "{}"],
  ["a wrong method", "gateway", PLANTED.token.toUpperCase().replaceAll("-", ""), PROMETHEUS, () => []],
  ["a wrong path", "gateway", "GET", `/${PLANTED.query}?token=${PLANTED.token}`, () => []],
  ["a wrong body", "gateway", "POST", PROMETHEUS, ({ tokens }) => [bearer(tokens.source), JSON_TYPE], `{${PLANTED.password}`],
  [
    "a wrong payload",
    "gateway",
    "POST",
    PROMETHEUS,
    ({ tokens }) => [bearer(tokens.source), JSON_TYPE],
    JSON.stringify({ [PLANTED.password]: PLANTED.token }),
  ],
  [
    "a wrong payload of events",
    "gateway",
    "POST",
    EVENTS,
    ({ tokens }) => [bearer(tokens.source), JSON_TYPE],
    JSON.stringify({ data: PLANTED.token }),
  ],
  ["a wrong cluster", "gateway", "GET", `/api/v1/admin/windows?cluster=${PLANTED.query}`, ({ tokens }) => [bearer(tokens.admin)]],
  ["a wrong letter", "gateway", "GET", `/api/v1/admin/dead-letters/${PLANTED.query}`, ({ tokens }) => [bearer(tokens.admin)]],
  ["a wrong host", "open gateway", "GET", "/metrics", () => [`X-Token: ${PLANTED.token}`, `Cookie: ${PLANTED.cookie}`]],
  ["a wrong token of a call", "proxy", "POST", "/proxy/v1/operations", () => [bearer(PLANTED.token)], "{}"],
  ["a wrong path of the proxy", "proxy", "GET", `/${PLANTED.query}`, () => [bearer(PLANTED.token)]],
  ["a wrong token of the bridge", "bridge", "POST", "/", () => [bearer(PLANTED.token)], JSON.stringify(["GET", PLANTED.password])],
  [
    "a wrong command's arguments",
    "bridge",
    "POST",
    "/",
    ({ tokens }) => [bearer(tokens.bridge)],
    JSON.stringify(["AUTH", PLANTED.password]),
  ],
  [
    "a command's wrong arguments",
    "bridge",
    "POST",
    "/",
    ({ tokens }) => [bearer(tokens.bridge)],
    JSON.stringify(["GET", "a", PLANTED.password]),
  ],
  [
    "a wrong script's arguments",
    "bridge",
    "POST",
    "/",
    ({ tokens }) => [bearer(tokens.bridge)],
    JSON.stringify(["EVAL", "return 1 + nil", "0", PLANTED.password]),
  ],
  ["a wrong path of the bridge", "bridge", "GET", `/${PLANTED.query}?_token=${PLANTED.token}`, () => []],
  ["a wrong token of the emulation", "emulation", "GET", "/version", () => [bearer(PLANTED.token)]],
  ["a wrong token in the emulation's path", "emulation", "GET", `/token/${PLANTED.token}/version`, () => []],
];

const wrong: readonly Attempt[] = WRONG.map(([name, at, method, path, headers, body]) => ({
  name: `a secret in ${name}`,
  at,
  sends: (stage) => ask(path, { method, headers: headers(stage), ...(body !== undefined && { body }) }),
  holds: harmless,
}));

/** What is told to who may read: how Redis, Kubernetes and the sources are reached is no part of it. */
const pages: readonly Attempt[] = [
  "/metrics",
  "/api/v1/status",
  "/api/v1/openapi.json",
  "/api/v1/admin/dead-letters?limit=500",
  "/api/v1/admin/windows",
  "/ready",
  "/health",
].map((path) => ({
  name: `reads ${path} for secrets`,
  at: "gateway",
  sends: ({ tokens }) => ask(path, { headers: [bearer(tokens.admin)] }),
  holds: answers(200),
}));

const ready: readonly Attempt[] = (["proxy", "bridge", "open gateway"] as const).map((at) => ({
  name: "reads /ready for secrets",
  at,
  sends: ({ tokens }) => ask("/ready", { headers: [bearer(tokens.bridge)] }),
  holds: answers(200),
}));

/** A secret that was planted shows up in no answer, and after all attempts in no log, metric, page or stored key. */
export const secrets: Kind = {
  name: "planted secrets",
  controls: [
    {
      name: "an alert",
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source)),
      holds: answers(201),
    },
  ],
  attempts: [...taken, ...dead, ...wrong, ...pages, ...ready],
};
