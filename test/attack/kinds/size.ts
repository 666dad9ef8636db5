import { ok } from "node:assert/strict";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { alertIn, eventIn, fresh, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import type { Bytes } from "../harness/exchange.ts";
import { answers, orLater, quarantined, refused } from "../harness/guarantees.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, written } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

const MIB = 1024 * 1024;

const sending = (
  name: string,
  body: (stage: Stage) => Bytes,
  holds: Guarantee,
  path: string = PROMETHEUS,
  ...headers: readonly string[]
): Attempt => ({
  name,
  at: "gateway",
  sends: (stage) => ask(path, { method: "POST", headers: [JSON_TYPE, bearer(stage.tokens.source), ...headers], body: body(stage) }),
  holds,
});

const one = (namespace: string, over: object, labels: Readonly<Record<string, string>> = {}) =>
  JSON.stringify(webhook([alertIn(namespace, labels, over)]));
const many = (count: number, each: string) => `{"alerts":[${`${each},`.repeat(count - 1)}${each}]}`;

/** The limit holds whether a length is told or not. */
const bodies: readonly Attempt[] = [
  sending(
    "a body of one byte more than is taken",
    ({ limits }) => `{"alerts":[],"x":"${"x".repeat(limits.bodyBytes - 18)}"}`,
    answers(413),
  ),
  sending("a body of twice what is taken", ({ limits }) => " ".repeat(2 * limits.bodyBytes), answers(413)),
  {
    name: "a body of more than is taken, in chunks",
    at: "gateway",
    sends: ({ tokens, limits }) => {
      const head = written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source), "Transfer-Encoding: chunked"] });
      const chunk = `${MIB.toString(16)}\r\n${" ".repeat(MIB)}\r\n`;
      return { parts: [head, ...Array<Bytes>(limits.bodyBytes / MIB + 1).fill(chunk), "0\r\n\r\n"], until: "answer" };
    },
    holds: answers(413),
  },
  {
    name: "a body of 100,000 chunks of one byte",
    at: "gateway",
    sends: ({ tokens }) => {
      const head = written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source), "Transfer-Encoding: chunked"] });
      return { parts: [head, `${"1\r\n \r\n".repeat(100_000)}d\r\n{"alerts":[]}\r\n0\r\n\r\n`], until: "answer" };
    },
    holds: answers(202),
  },
  {
    name: "a told length of a terabyte, and one byte",
    at: "gateway",
    sends: ({ tokens }) => ({
      parts: [written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source), "Content-Length: 1099511627776"] }), "{"],
      until: "answer",
    }),
    holds: {
      text: "413, or 4xx once no more comes",
      check: ({ answers: [answer], end }) => ok(answer ? answer.status < 500 : end === "closed"),
    },
  },
  sending("a body of 4 MiB of spaces", () => `${" ".repeat(4 * MIB)}{"alerts":[]}`, answers(202)),
];

/** Payloads small enough to be read, of things too many or too large. */
const payloads: readonly Attempt[] = [
  sending("one alert more than is taken", ({ limits }) => many(limits.alerts + 1, "{}"), answers(413)),
  sending("300,000 alerts that are null", () => many(300_000, "null"), answers(413)),
  sending("100,000 events in a list", () => `[${"{},".repeat(99_999)}{}]`, answers(413), EVENTS),
  sending(
    "200,000 events in lists of lists",
    () => `{"kind":"List","items":[${`{"kind":"List","items":[${"{},".repeat(999)}{}]},`.repeat(199)}{}]}`,
    refused,
    EVENTS,
  ),
  sending(
    "20 lists of events within each other",
    () => `${'{"kind":"List","items":['.repeat(20)}{}${"]}".repeat(20)}`,
    { text: "taken or 4xx", check: () => {} },
    EVENTS,
  ),
  sending(
    "20,000 labels",
    ({ namespace }) => one(namespace, {}, Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`l${at}`, "x"]))),
    quarantined("labels-too-large"),
  ),
  sending("a label's name of 1 MiB", ({ namespace }) => one(namespace, {}, { ["l".repeat(MIB)]: "x" }), quarantined("labels-too-large")),
  sending("a label's value of 1 MiB", ({ namespace }) => one(namespace, {}, { note: "x".repeat(MIB) }), quarantined("labels-too-large")),
  sending("a name of 1 MiB", ({ namespace }) => one(namespace, {}, { alertname: "n".repeat(60_000) }), quarantined("alertname-too-long")),
  sending(
    "an annotation of 8 MiB less a little",
    ({ namespace }) => one(namespace, { annotations: { summary: "x".repeat(7 * MIB) } }),
    answers(201, 202),
  ),
  sending(
    "100,000 annotations",
    ({ namespace }) => one(namespace, { annotations: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at}`, ""])) }),
    answers(201, 202),
  ),
  sending("a link of 4 MiB", ({ namespace }) => one(namespace, { generatorURL: `http://x/${"u".repeat(4 * MIB)}` }), answers(201, 202)),
  sending(
    "a group's key of 4 MiB",
    ({ namespace }) => JSON.stringify(webhook([alertIn(namespace)], { groupKey: "g".repeat(4 * MIB) })),
    answers(201, 202),
  ),
  sending("a fingerprint of 1 MiB", ({ namespace }) => one(namespace, { fingerprint: "f".repeat(MIB) }), answers(201, 202)),
  sending("a start of 1 MiB", ({ namespace }) => one(namespace, { startsAt: "2".repeat(MIB) }), answers(201, 202)),
  sending(
    "truncated alerts without end",
    ({ namespace }) => JSON.stringify(webhook([alertIn(namespace)], { truncatedAlerts: 1.7e308 })),
    answers(201, 202),
  ),
  sending(
    "an event of a count without end",
    ({ namespace }) => JSON.stringify(eventIn(namespace, { count: 1.7e308 })),
    answers(201, 202),
    EVENTS,
  ),
  sending(
    "an event of a count below zero",
    ({ namespace }) => JSON.stringify(eventIn(namespace, { count: -1.7e308 })),
    answers(201, 202),
    EVENTS,
  ),
  sending(
    "an event of a uid of 1 MiB",
    ({ namespace }) => JSON.stringify(eventIn(namespace, { metadata: { uid: "u".repeat(MIB), namespace } })),
    answers(201, 202),
    EVENTS,
  ),
  sending("the same alert 5,000 times", ({ namespace }) => many(5_000, JSON.stringify(alertIn(namespace))), answers(201, 202)),
  sending(
    "2,000 alerts with 1,000 members that nobody knows",
    () => many(2_000, `{"labels":{},"x":{${Array.from({ length: 100 }, (_, at) => `"m${at}":0`).join()}}}`),
    answers(202),
  ),
  sending("a list of 3,000,000 numbers", () => `{"alerts":[],"x":[${"0,".repeat(3_000_000)}0]}`, answers(202, 413)),
  sending(
    "an object of 1,000,000 members",
    () => `{"alerts":[],"x":{${Array.from({ length: 1_000_000 }, (_, at) => `"${at}":0`).join()}}}`,
    answers(202, 413),
  ),
  sending(
    "names that a hash table may put in one place",
    () => `{"alerts":[],"x":{${Array.from({ length: 50_000 }, (_, at) => `"${at * 65_536}":0`).join()}}}`,
    answers(202),
  ),
];

/** Texts that make a careless pattern try over and over. */
const patterns: readonly Attempt[] = [
  ...(
    [
      ["a pod of 60,000 dashes", { pod: `${"-".repeat(60_000)}!` }],
      ["a pod of 30,000 short parts", { pod: `${"a.".repeat(30_000)}!` }],
      ["a pod of 60,000 letters and no end", { pod: `${"a".repeat(60_000)}_` }],
      ["a namespace of 60,000 letters", { namespace: `${"a".repeat(60_000)}-` }],
      ["an instance of 60,000 digits and dots", { instance: `${"1.".repeat(30_000)}:` }],
      ["a job of 60,000 slashes", { job: "/".repeat(60_000) }],
      ["a severity of 60,000 spaces", { severity: `${" ".repeat(60_000)}x` }],
      ["a node of 30,000 colons", { node: ":".repeat(30_000) }],
    ] as const
  ).map(([name, labels]) => sending(name, ({ namespace }) => one(namespace, {}, { topic: fresh(), ...labels }), answers(201, 202))),
  sending("a start of 100,000 digits", ({ namespace }) => one(namespace, { startsAt: `${"1".repeat(100_000)}-` }), answers(201, 202)),
  ...[
    ["a content type of 6,000 spaces", `Content-Type: application/${" ".repeat(6_000)}json`, 415],
    ["a content type of 6,000 parameters", `Content-Type: application/json${";".repeat(6_000)}`, 202],
    ["a content type of 6,000 pluses", `Content-Type: application/${"a+".repeat(3_000)}`, 415],
  ].map(
    ([name, line, status]): Attempt => ({
      name: name as string,
      at: "gateway",
      sends: ({ tokens }) => ask(PROMETHEUS, { method: "POST", headers: [line as string, bearer(tokens.source)], body: '{"alerts":[]}' }),
      holds: answers(status as number, 400),
    }),
  ),
  {
    name: "a scheme and 8,000 spaces",
    at: "gateway",
    sends: () => ask(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, `Authorization: Bearer${" ".repeat(8_000)}x`], body: "{}" }),
    holds: answers(401),
  },
];

const HEADERS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["a header of 100,000 characters", [`X: ${"x".repeat(100_000)}`]],
  ["a header's name of 100,000 characters", [`${"x".repeat(100_000)}: x`]],
  ["20,000 headers", Array.from({ length: 20_000 }, (_, at) => `X-${at}: x`)],
  ["the same header 20,000 times", Array<string>(20_000).fill("X-Same: x")],
  ["a megabyte of cookies", [`Cookie: ${"a=b; ".repeat(200_000)}`]],
  ["a megabyte of one credential", [`Authorization: Bearer ${"x".repeat(MIB)}`]],
];

/** A Worker stands behind the HTTP server of who runs it, which has its own limits. */
const headers: readonly Attempt[] = HEADERS.map(([name, lines]) => ({
  name,
  at: "gateway",
  on: ["Bun", "Deno", "Node"],
  sends: () => ask("/metrics", { headers: lines }),
  holds: refused,
}));

const zeros = (mib: number) => Buffer.alloc(mib * MIB, " ");

const compressed: readonly Attempt[] = (
  [
    ["64 MiB of spaces by gzip", "gzip", () => gzipSync(zeros(64))],
    ["64 MiB of spaces by deflate", "deflate", () => deflateSync(zeros(64))],
    ["64 MiB of spaces by raw deflate", "deflate", () => deflateRawSync(zeros(64))],
    ["64 MiB of spaces by gzip twice", "gzip, gzip", () => gzipSync(gzipSync(zeros(64)))],
    ["64 MiB in 64 members of gzip", "gzip", () => Buffer.concat(Array<Buffer>(64).fill(gzipSync(zeros(1))))],
    [
      "gzip 20 times over",
      Array(20).fill("gzip").join(", "),
      () => Array.from({ length: 20 }).reduce<Buffer>((inner) => gzipSync(inner), Buffer.from("{}")),
    ],
    ["what is cut off", "gzip", () => gzipSync('{"alerts":[]}').subarray(0, -6)],
    ["what has a wrong sum", "gzip", () => Buffer.concat([gzipSync('{"alerts":[]}').subarray(0, -8), Buffer.alloc(8)])],
    ["what is no gzip", "gzip", () => Buffer.from('{"alerts":[]}')],
    ["what has more behind its end", "gzip", () => Buffer.concat([gzipSync('{"alerts":[]}'), Buffer.from("nightingale")])],
    ["a coding of nobody", "nightingale", () => Buffer.from('{"alerts":[]}')],
    ["a coding that is taken nowhere", "zstd", () => Buffer.from('{"alerts":[]}')],
    ["an empty body", "gzip", () => Buffer.alloc(0)],
    ["compressed text that is no JSON", "gzip", () => gzipSync("nightingale")],
  ] as const
).map(([name, coding, body]) => sending(`compressed: ${name}`, body, refused, PROMETHEUS, `Content-Encoding: ${coding}`));

const elsewhere: readonly Attempt[] = [
  {
    name: "a flag with a reason of 2 MiB",
    at: "gateway",
    sends: ({ tokens }) =>
      ask("/api/v1/admin/flags", {
        method: "POST",
        headers: [JSON_TYPE, bearer(tokens.admin)],
        body: `{"feature":"storm-buffering","share":null,"reason":"${"x".repeat(2 * MIB)}"}`,
      }),
    holds: { text: "413", check: ({ answers: [answer] }) => ok(answer?.status === 413) },
  },
  {
    name: "a change with a body of 2 MiB",
    at: "gateway",
    sends: ({ tokens }) =>
      ask("/api/v1/admin/sweep", { method: "POST", headers: [JSON_TYPE, bearer(tokens.admin)], body: " ".repeat(2 * MIB) }),
    holds: { text: "done or 4xx, and the body is not kept", check: ({ answers: [answer] }) => ok(answer && answer.status < 500) },
  },
  {
    name: "a call of 33 MiB without a token",
    at: "proxy",
    sends: () => ask("/proxy/v1/operations", { method: "POST", headers: [JSON_TYPE], body: " ".repeat(33 * MIB) }),
    holds: {
      text: "401 or closed",
      check: ({ answers: [answer], end }) => ok(answer ? answer.status === 401 : end === "closed", `${answer?.status}`),
    },
  },
  {
    name: "a command of 33 MiB without a token",
    at: "bridge",
    sends: () => ask("/", { method: "POST", headers: [JSON_TYPE], body: " ".repeat(33 * MIB) }),
    holds: {
      text: "401 or closed",
      check: ({ answers: [answer], end }) => ok(answer ? answer.status === 401 : end === "closed", `${answer?.status}`),
    },
  },
];

/** What is too large, too many or too deep costs its sender an answer, and nobody else anything. */
export const size: Kind = {
  name: "bombs of size, number and compression",
  controls: [sending("an alert", ({ namespace }) => one(namespace, {}), answers(201))],
  attempts: [
    ...[...bodies, ...payloads, ...patterns, ...compressed].map((attempt) => ({ ...attempt, holds: orLater(attempt.holds) })),
    ...headers,
    ...elsewhere,
  ],
};
