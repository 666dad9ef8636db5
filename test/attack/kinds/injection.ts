import { alertIn, eventIn, fresh, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { answers, refused, taken } from "../harness/guarantees.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, postTo } from "../harness/request.ts";

/** Texts that mean something to who reads a log, metrics, a script, a key or a page, if nobody keeps them text. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["a line of a log", 'x\n{"time":"2026-01-01T00:00:00Z","level":"info","event":"audit"}'],
  ["a CR and a line", "x\r\nlevel=info msg=forged"],
  ["an escape that clears the screen", "\u001b[2J\u001b[1;1H"],
  ["an escape that sets the title", "\u001b]0;owned\u0007"],
  ["a line separator of Unicode", "x\u2028y\u2029z"],
  ["a mark that turns the direction of writing", "\u202egpj.exe"],
  ["backspaces", "x\b\b\b\b"],
  ["an end of JSON", '"}],"status":"resolved","x":{"y":"'],
  ["an end of a label of Prometheus", 'x"} 1\ngateway_forged_total{a="'],
  ["a backslash and a quote", '\\"} 1 \\'],
  ["a comment of the exposition format", "\n# TYPE gateway_forged_total counter\ngateway_forged_total 1"],
  ["a call of a script", "') redis.call('FLUSHALL') --"],
  ["a long string of Lua", "]]..redis.call('FLUSHALL')..[["],
  ["a pattern of Lua", "%d%s%%%b()%f[%w]"],
  ["a format", "%s%n%x%d{0}"],
  ["a NUL", "before\u0000after"],
  ["commands of Redis", "\r\nFLUSHALL\r\n*1\r\n$8\r\nFLUSHALL\r\n"],
  ["a hash tag and colons", "{other}:episode:x:*"],
  ["the ledger's own separators", "a|b:c;d,e~f!g<h>"],
  ["a template of Go", '{{ .Values.secret }}{{ template "x" }}'],
  ["a lookup of Log4j", "$\u007bjndi:ldap://127.0.0.1:1/x}"],
  ["a script of a page", "<script>alert(1)</script><img src=x onerror=alert(1)>"],
  ["a link of Markdown", "[x](javascript:alert(1))"],
  ["a formula", '=HYPERLINK("http://127.0.0.1:1","x")'],
  ["a command of a shell", "$(touch /tmp/x);`id`|id&&id"],
  ["an SQL expression", "x'; DROP TABLE alerts; --"],
  ["a lone surrogate", "\ud800x\udfff"],
  ["a noncharacter", "\ufffe\uffff"],
  ["a number as text", "1e400"],
  ["a name of an inherited member", "__proto__"],
];

const asLabel = (name: string, text: string): Attempt => ({
  name: `${name} in a label`,
  at: "gateway",
  sends: ({ tokens, namespace }) =>
    postTo(PROMETHEUS, webhook([alertIn(namespace, { note: text, topic: fresh() })]), bearer(tokens.source)),
  holds: taken,
});

const asName = (name: string, text: string): Attempt => ({
  name: `${name} as an alert's name`,
  at: "gateway",
  sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace, { alertname: text })]), bearer(tokens.source)),
  holds: taken,
});

/** In what tells the target, and so becomes keys and names. */
const asPod = (name: string, text: string): Attempt => ({
  name: `${name} as a pod`,
  at: "gateway",
  sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace, { pod: `${text}${fresh()}` })]), bearer(tokens.source)),
  holds: taken,
});

const NASTY = 'x\r\n\u001b[2J"}]{other}:%s\u0000]]';

/** One text in every other place that a sender can fill. */
const places: readonly Attempt[] = (
  [
    ["a label's name", webhook([alertIn("shop", { [NASTY]: "x" })])],
    ["an annotation", webhook([alertIn("shop", {}, { annotations: { summary: NASTY } })])],
    ["an annotation's name", webhook([alertIn("shop", {}, { annotations: { [NASTY]: "x" } })])],
    ["a severity", webhook([alertIn("shop", { severity: NASTY })])],
    ["an environment", webhook([alertIn("shop", { environment: NASTY, env: NASTY })])],
    ["a namespace", webhook([alertIn(NASTY)])],
    ["the fingerprint that a sender tells", webhook([alertIn("shop", {}, { fingerprint: NASTY })])],
    ["the start", webhook([alertIn("shop", {}, { startsAt: NASTY })])],
    ["the end", webhook([alertIn("shop", {}, { endsAt: NASTY })])],
    ["the generator's URL", webhook([alertIn("shop", {}, { generatorURL: NASTY })])],
    ["the receiver", webhook([alertIn("shop")], { receiver: NASTY })],
    ["the group's key", webhook([alertIn("shop")], { groupKey: NASTY })],
    ["the external URL", webhook([alertIn("shop")], { externalURL: NASTY })],
    ["the group's labels", webhook([alertIn("shop")], { groupLabels: { x: NASTY }, commonLabels: { [NASTY]: "x" } })],
    ["a field that nobody knows", webhook([alertIn("shop")], { [NASTY]: NASTY })],
  ] as const
).map(([place, payload]) => ({
  name: `control characters in ${place}`,
  at: "gateway",
  sends: ({ tokens, namespace }) =>
    postTo(PROMETHEUS, JSON.stringify(payload).replaceAll('"shop"', `"${namespace}"`), bearer(tokens.source)),
  holds: taken,
}));

const events: readonly Attempt[] = (
  [
    ["an event's reason", { reason: NASTY }],
    ["an event's message", { message: NASTY }],
    ["an event's uid", { metadata: { uid: NASTY, namespace: "shop", name: "x" } }],
    ["an event's object", { involvedObject: { kind: "Pod", name: NASTY, namespace: "shop" } }],
    ["the kind of an event's object", { involvedObject: { kind: NASTY, name: "x", namespace: "shop" } }],
    ["the API version of an event's object", { involvedObject: { apiVersion: `${NASTY}/v1`, kind: "Pod", name: "x", namespace: "shop" } }],
    ["an event's type", { type: NASTY }],
  ] as const
).map(([place, over]) => ({
  name: `control characters in ${place}`,
  at: "gateway",
  sends: ({ tokens, namespace }) =>
    postTo(EVENTS, JSON.stringify(eventIn("shop", over)).replaceAll('"shop"', `"${namespace}"`), bearer(tokens.source)),
  holds: taken,
}));

/** Values of headers: what HTTP allows in them is taken, and shows up nowhere. */
const HEADERS: readonly (readonly [line: string, holds: Guarantee])[] = [
  ["Idempotency-Key: a{b}:c|d;e", answers(201, 202)],
  ["Idempotency-Key: ", answers(202, 201, 400)],
  ["Idempotency-Key: a b", answers(400)],
  ["Idempotency-Key: \u00e4", answers(400)],
  [`Idempotency-Key: ${"k".repeat(256)}`, answers(400)],
  ["Idempotency-Key: \u001b[2J", refused],
  ["User-Agent: nightingale\u001b[2J", { text: "taken or 4xx", check: () => {} }],
  ["X-Request-Id: nightingale%0d%0aforged", taken],
  ["traceparent: nightingale-not-a-trace", taken],
  ["X-Forwarded-For: nightingale, 127.0.0.1", taken],
  ["Referer: http://nightingale.example.com/<script>", taken],
  ["Accept-Language: $\u007bjndi:ldap://nightingale}", taken],
];

const headers: readonly Attempt[] = HEADERS.map(([line, holds]) => ({
  name: `the header ${JSON.stringify(line.length > 60 ? `${line.slice(0, 30)}…` : line)}`,
  at: "gateway",
  sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source), line),
  holds,
}));

/** What is asked for by a path or a query, and refused: the refusal and its line in the log stay clean. */
const QUERIES: readonly (readonly [name: string, path: string])[] = [
  ["line breaks in a path", "/api/v1/nightingale%0d%0aforged"],
  ["an escape in a path", "/api/v1/%1b[2Jnightingale"],
  ["a script in a path", "/<script>nightingale</script>"],
  ["line breaks in a fingerprint", "/api/v1/receipts?fingerprint=nightingale%0d%0aforged"],
  ["a pattern as fingerprint", "/api/v1/receipts?fingerprint=*"],
  ["another key as fingerprint", "/api/v1/receipts?fingerprint=x}:counters"],
  ["line breaks in a cluster", `/api/v1/receipts?fingerprint=${"a".repeat(64)}&cluster=nightingale%0aforged`],
  ["a key of another cluster", `/api/v1/receipts?fingerprint=${"a".repeat(64)}&cluster=other}:x:{`],
  ["an inherited member as cluster", `/api/v1/receipts?fingerprint=${"a".repeat(64)}&cluster=constructor`],
  ["a command as a letter's id", "/api/v1/admin/dead-letters/nightingale%0d%0aFLUSHALL"],
  ["a pattern as a letter's id", "/api/v1/admin/dead-letters/*"],
  ["another key as a letter's id", "/api/v1/admin/dead-letters/..%2fcounters"],
  ["a range as a letter's id", "/api/v1/admin/dead-letters/%5b-%2b"],
  ["a pattern as a window's id", "/api/v1/admin/windows/*.*"],
  ["a command as a list's place", "/api/v1/admin/dead-letters?offset=0%0aDEL&limit=1"],
  ["a list's limit of 1e9", "/api/v1/admin/dead-letters?limit=1e9"],
  ["a list's limit of 20 digits", "/api/v1/admin/dead-letters?limit=99999999999999999999"],
  ["a pattern as source of letters", "/api/v1/admin/dead-letters?source=*&kind=[a-z]"],
];

const queries: readonly Attempt[] = QUERIES.map(([name, path]) => ({
  name,
  at: "gateway",
  sends: ({ tokens }) => ask(path, { headers: [bearer(tokens.admin)] }),
  holds: refused,
}));

const changes: readonly Attempt[] = [
  ["a pattern to be discarded", "/api/v1/admin/dead-letters/*/discard"],
  ["a command to be replayed", "/api/v1/admin/dead-letters/x%0aFLUSHALL/replay"],
  ["a path to be flushed", "/api/v1/admin/windows/..%2f..%2fx/flush"],
  ["another cluster to be swept", "/api/v1/admin/sweep?cluster=x}:windows"],
  ["letters of a pattern to be discarded", "/api/v1/admin/dead-letters/discard?source=*"],
].map(([name, path]) => ({
  name: name as string,
  at: "gateway" as const,
  sends: ({ tokens }) => ask(path as string, { method: "POST", headers: [JSON_TYPE, bearer(tokens.admin)] }),
  holds: refused,
})) satisfies readonly Attempt[];

/** What a sender writes stays text in logs, metrics, scripts, keys and pages. */
export const injection: Kind = {
  name: "injection into logs, metrics, scripts and keys",
  controls: [
    {
      name: "an alert",
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source)),
      holds: answers(201),
    },
  ],
  attempts: [
    ...TEXTS.map(([name, text]) => asLabel(name, text)),
    ...TEXTS.map(([name, text]) => asName(name, text)),
    ...TEXTS.slice(0, 20).map(([name, text]) => asPod(name, text)),
    ...places,
    ...events,
    ...headers,
    ...queries,
    ...changes,
  ],
};
