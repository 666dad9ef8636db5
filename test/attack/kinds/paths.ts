import { type Attempt, type Kind, PROCESSES } from "../harness/attempt.ts";
import { answers, harmless, refused } from "../harness/guarantees.ts";
import { ask, bearer, JSON_TYPE, PROMETHEUS, trespass, written } from "../harness/request.ts";

const LETTERS = "/api/v1/admin/dead-letters";

/** Other spellings of a guarded path, which nobody without its token may reach by. */
const SPELLINGS: readonly (readonly [name: string, path: string])[] = [
  ["a double slash at the head", `/${LETTERS}`],
  ["a double slash within", LETTERS.replace("/admin", "//admin")],
  ["a slash at the end", `${LETTERS}/`],
  ["an encoded slash", LETTERS.replace("/admin", "%2fadmin")],
  ["a backslash", LETTERS.replace("/admin", "\\admin")],
  ["an encoded backslash", LETTERS.replace("/admin", "%5cadmin")],
  ["dot segments from an open path", `/health/..${LETTERS}`],
  ["encoded dot segments", `/health/%2e%2e${LETTERS}`],
  ["encoded dots and slashes", `/health%2f%2e%2e${LETTERS}`],
  ["double-encoded dot segments", `/health/%252e%252e${LETTERS}`],
  ["dot segments and a parameter", `/health/..;${LETTERS}`],
  ["one dot", `/.${LETTERS}`],
  ["dots at the end", `${LETTERS}..`],
  ["a dot at the end", `${LETTERS}.`],
  ["capitals", LETTERS.toUpperCase()],
  ["one capital", LETTERS.replace("admin", "Admin")],
  ["an encoded letter", LETTERS.replace("admin", "%61dmin")],
  ["a parameter of a segment", `${LETTERS};a=b`],
  ["an extension", `${LETTERS}.json`],
  ["an extension that is open elsewhere", `${LETTERS}/health`],
  ["an encoded question mark", `${LETTERS}%3fx`],
  ["an encoded fragment", `${LETTERS}%23x`],
  ["a fragment", `${LETTERS}#/health`],
  ["an encoded space at the end", `${LETTERS}%20`],
  ["an encoded NUL at the end", `${LETTERS}%00`],
  ["an encoded NUL and an open path", `${LETTERS}%00/health`],
  ["an encoded line break", `${LETTERS}%0d%0aX-Admin:%20yes`],
  ["a tab", `${LETTERS}%09`],
  ["overlong UTF-8 for a slash", LETTERS.replace("/admin", "%c0%afadmin")],
  ["a full-width slash", LETTERS.replace("/admin", "%ef%bc%8fadmin")],
  ["a wrong escape", LETTERS.replace("/admin", "/%zzadmin")],
  ["the name of an inherited member", "/api/v1/admin/__proto__"],
];

const FORMS: typeof SPELLINGS = [
  ["the absolute form", `http://localhost${LETTERS}`],
  ["the absolute form with a user", `http://admin:admin@localhost${LETTERS}`],
  ["the absolute form of another host", `http://evil.example.com${LETTERS}`],
  ["no slash at the head", LETTERS.slice(1)],
];

const unlocked = ([name, path]: (typeof SPELLINGS)[number]): Attempt => ({
  name: `reads dead letters without a token by ${name}`,
  at: "gateway",
  sends: () => ask(path),
  holds: refused,
});

const spelled: readonly Attempt[] = [...SPELLINGS.map(unlocked), ...FORMS.map((form) => ({ ...unlocked(form), on: PROCESSES }))];

/** What lies beside the code, and what other programs have at well-known paths. */
const FILES = [
  "/../../../../etc/passwd",
  "/..%2f..%2f..%2fetc%2fpasswd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/....//....//etc/passwd",
  "/src/entry/bun.ts",
  "/.env",
  "/.git/config",
  "/.breakwater/kubeconfig",
  "/package.json",
  "/proc/self/environ",
  "/debug/pprof/",
  "/actuator/env",
  "/server-status",
  "/api/v1/namespaces",
  "/proxy/v1/operations",
  "/-/reload",
  "/json/version",
] as const;

const files: readonly Attempt[] = FILES.map((path) => ({
  name: `reads ${path}`,
  at: "gateway",
  sends: ({ tokens }) => ask(path, { headers: [bearer(tokens.read)] }),
  holds: refused,
}));

/** Methods that a path does not take, some of which other servers act on. */
const METHODS = [
  "TRACE",
  "CONNECT",
  "OPTIONS",
  "PUT",
  "PATCH",
  "DELETE",
  "PURGE",
  "PROPFIND",
  "DEBUG",
  "TRACK",
  "get",
  "POST2",
  "PRI",
  "",
] as const;

const methods: readonly Attempt[] = METHODS.flatMap((method): Attempt[] => [
  {
    name: `${method || "no method"} where alerts are taken`,
    at: "gateway",
    ...(method === "CONNECT" && { on: PROCESSES }),
    sends: ({ tokens }) => ask(PROMETHEUS, { method, headers: [bearer(tokens.source), "X-Echo: nightingale"] }),
    holds: refused,
  },
]);

const OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] as const;

const overrides: readonly Attempt[] = [
  ...OVERRIDES.map(
    (header): Attempt => ({
      name: `GET that calls itself POST by ${header}`,
      at: "gateway",
      sends: ({ tokens }) => ask(PROMETHEUS, { headers: [bearer(tokens.source), `${header}: POST`] }),
      holds: answers(405),
    }),
  ),
  {
    name: "GET that calls itself POST in the query",
    at: "gateway",
    sends: ({ tokens }) => ask(`${PROMETHEUS}?_method=POST`, { headers: [bearer(tokens.source)] }),
    holds: answers(405),
  },
  ...["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Path"].map(
    (header): Attempt => ({
      name: `an open path that calls itself guarded by ${header}`,
      at: "gateway",
      sends: () => ask("/nothing", { headers: [`${header}: ${LETTERS}`] }),
      holds: answers(404),
    }),
  ),
  {
    name: "CONNECT to another host",
    at: "gateway",
    on: PROCESSES,
    sends: () => ({ parts: [written("127.0.0.1:22", { method: "CONNECT", host: "127.0.0.1:22" })], until: "quiet" }),
    holds: refused,
  },
  { name: "OPTIONS of the whole server", at: "gateway", on: PROCESSES, sends: () => ask("*", { method: "OPTIONS" }), holds: refused },
];

const sizes: readonly Attempt[] = [
  { name: "a path of 15,000 characters", at: "gateway", sends: () => ask(`/${"a".repeat(15_000)}`), holds: refused },
  { name: "a path of 200,000 characters", at: "gateway", sends: () => ask(`/${"a".repeat(200_000)}`), holds: refused },
  { name: "a path of 5,000 segments", at: "gateway", sends: () => ask("/a".repeat(5_000)), holds: refused },
  { name: "a path of 2,000 dot segments", at: "gateway", sends: () => ask(`${"/..".repeat(2_000)}${LETTERS}`), holds: refused },
  { name: "a query of 1,000 parameters", at: "gateway", sends: () => ask(`${LETTERS}?${"a=b&".repeat(1_000)}`), holds: answers(401) },
  { name: "a NUL in the path", at: "gateway", sends: () => ask("/health\u0000"), holds: harmless },
  { name: "bytes above ASCII in the path", at: "gateway", sends: () => ask("/h\u00e4lth\ud83d\ude00"), holds: refused },
];

/** The other parts' paths. */
const beside: readonly Attempt[] = [
  ...[
    "/proxy/v1/operations/",
    "//proxy/v1/operations",
    "/proxy/v1/../v1/operations/..",
    "/proxy/v1/Operations",
    "/metrics",
    "/api/v1/status",
  ].map(
    (path): Attempt => ({
      name: `POST ${path}`,
      at: "proxy",
      sends: () => ask(path, { method: "POST", headers: [JSON_TYPE], body: '{"operations":[]}' }),
      holds: refused,
    }),
  ),
  ...[
    "/../pipeline",
    "//pipeline",
    "/PIPELINE",
    "/pipeline/",
    "/get/another-program",
    "/flushall",
    "/set/a/b",
    "/__proto__",
    "/constructor",
    "/toString",
  ].map(
    (path): Attempt => ({
      name: `POST ${path}`,
      at: "bridge",
      sends: ({ tokens }) => ask(path, { method: "POST", headers: [bearer(tokens.bridge)], body: '"FLUSHALL"' }),
      holds: refused,
    }),
  ),
  ...["/token/wrong/version", "/token//version", "/token/../version", "/token/%2e%2e/version", "/Token/x/version", "/token"].map(
    (path): Attempt => ({ name: `GET ${path}`, at: "emulation", sends: () => ask(path), holds: refused }),
  ),
  {
    name: "the token in the path's end",
    at: "emulation",
    sends: ({ tokens }) => ask(`/version/token/${tokens.emulation}`),
    holds: answers(401),
  },
  {
    name: "a wrong token in the path and the right one in the header",
    at: "emulation",
    sends: ({ tokens }) => ask("/token/wrong/version", { headers: [bearer(tokens.emulation)] }),
    holds: answers(401),
  },
];

/** One path leads to one place, and only by its method. */
export const paths: Kind = {
  name: "paths and methods",
  controls: [
    {
      name: "the guarded path with its token",
      at: "gateway",
      sends: ({ tokens }) => ask(LETTERS, { headers: [bearer(tokens.admin)] }),
      holds: answers(200),
    },
    {
      name: "a webhook with its token",
      at: "gateway",
      sends: ({ tokens }) =>
        ask(`${PROMETHEUS}?dryRun=true`, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source)], body: JSON.stringify(trespass()) }),
      holds: answers(200),
    },
  ],
  attempts: [...spelled, ...files, ...methods, ...overrides, ...sizes, ...beside],
};
