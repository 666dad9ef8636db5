import { ok } from "node:assert/strict";
import { FOREIGN_KEY } from "../harness/aftermath.ts";
import { type Attempt, type Guarantee, type Kind, PROCESSES } from "../harness/attempt.ts";
import type { Bytes } from "../harness/exchange.ts";
import { answers, isParsers } from "../harness/guarantees.ts";
import { bearer, JSON_TYPE, PROMETHEUS, trespass, written } from "../harness/request.ts";
import type { Stage } from "../harness/stage.ts";

/** Where requests are hidden, and behind which head. */
interface Way {
  readonly at: "gateway" | "bridge";
  readonly behind: string;
  readonly path: string;
  credential(stage: Stage): string;
  /** A whole request that its sender may make, but nobody did: within another's body, it must stay a body. */
  hidden(stage: Stage): string;
}

const hiddenAlert = ({ tokens }: Stage): string =>
  written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source)], body: JSON.stringify(trespass()) }).toString();

const hiddenCommand = ({ tokens }: Stage): string =>
  written("/", { method: "POST", headers: [bearer(tokens.bridge)], body: JSON.stringify(["SET", FOREIGN_KEY, "smuggled"]) }).toString();

/** A refused request's body need not be read at all, and an accepted one's is. */
const WAYS: readonly Way[] = [
  { at: "gateway", behind: "a wrong credential", path: PROMETHEUS, credential: () => "wrong", hidden: hiddenAlert },
  { at: "gateway", behind: "a source's credential", path: PROMETHEUS, credential: ({ tokens }) => tokens.source, hidden: hiddenAlert },
  { at: "bridge", behind: "a wrong credential", path: "/", credential: () => "wrong", hidden: hiddenCommand },
  { at: "bridge", behind: "the bridge's credential", path: "/", credential: ({ tokens }) => tokens.bridge, hidden: hiddenCommand },
];

/** A request of somebody else on the same connection, whose answer no other may get. */
const NEXT = written("/health", { headers: ["Connection: close"] });

const HEALTHY = ['{"status":"ok"}', '{"healthy":true}'];

/** Of the first request and the next, each has one answer or none; a refused connection ends with a refusal. */
const apart: Guarantee = {
  text: "refused, or answered once, and then the next one with its own answer",
  check({ answers: found, end }) {
    ok(found.length <= 2, `${found.length} answers to two requests: ${found.map(({ status }) => status).join()}`);
    ok(found.length > 0 || end === "closed", "neither answered nor closed");
    for (const { text } of found) ok(!/"outcome"|"result"/.test(text), "the hidden request was carried out");
    const [, next] = found;
    if (next && !isParsers(next))
      ok(next.status === 200 && HEALTHY.includes(next.text), `the next one is answered ${next.status} ${next.text.slice(0, 200)}`);
  },
};

/** A POST whose end is found out in a contested way. */
interface Contest {
  readonly name: string;
  lines(bodyBytes: number): readonly string[];
  /** What stands around the hidden request. */
  around(hidden: string): string;
}

const hiding = (name: string, lines: Contest["lines"], around: Contest["around"]): Contest => ({ name, lines, around });

const head = (stage: Stage, { path, credential }: Way, lines: readonly string[]): Buffer =>
  Buffer.from([`POST ${path} HTTP/1.1`, "Host: localhost", JSON_TYPE, bearer(credential(stage)), ...lines, "", ""].join("\r\n"));

/** Both lengths told, so that two readers see two ends. */
const TWO_LENGTHS: readonly Contest[] = [
  hiding(
    "a length that covers the hidden request, and chunks that do not",
    (bytes) => [`Content-Length: ${bytes}`, "Transfer-Encoding: chunked"],
    (text) => `0\r\n\r\n${text}`,
  ),
  hiding(
    "the same in the other order",
    (bytes) => ["Transfer-Encoding: chunked", `Content-Length: ${bytes}`],
    (text) => `0\r\n\r\n${text}`,
  ),
  hiding(
    "chunks that cover the hidden request, and a length that does not",
    () => ["Content-Length: 4", "Transfer-Encoding: chunked"],
    (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`,
  ),
  hiding(
    "two lengths, the first shorter",
    (bytes) => ["Content-Length: 0", `Content-Length: ${bytes}`],
    (text) => text,
  ),
  hiding(
    "two lengths, the second shorter",
    (bytes) => [`Content-Length: ${bytes}`, "Content-Length: 0"],
    (text) => text,
  ),
  hiding(
    "two lengths in one line",
    (bytes) => [`Content-Length: 0, ${bytes}`],
    (text) => text,
  ),
];

const LENGTHS: readonly (readonly [name: string, value: (bytes: number) => string])[] = [
  ["a negative length", () => "-1"],
  ["a length with a plus", (bytes) => `+${bytes}`],
  ["a hexadecimal length", (bytes) => `0x${bytes.toString(16)}`],
  ["a length with a dot", (bytes) => `${bytes}.0`],
  ["a length with an exponent", () => "1e1"],
  ["a length with a space within", () => "1 0"],
  ["an empty length", () => ""],
  ["a length that is no number", () => "ten"],
  ["a length beyond 64 bits", () => "18446744073709551616"],
  ["a length of 400 digits", () => "9".repeat(400)],
  ["a length in Arabic digits", () => "\u0661\u0660"],
];

const lengths: readonly Contest[] = LENGTHS.map(([name, value]) =>
  hiding(
    name,
    (bytes) => [`Content-Length: ${value(bytes)}`],
    (text) => text,
  ),
);

/** Spellings of a transfer coding that one reader takes for chunked, and another does not. */
const CODINGS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["a coding that is none", ["Transfer-Encoding: xchunked"]],
  ["chunked before another coding", ["Transfer-Encoding: chunked, identity"]],
  ["chunked after another coding", ["Transfer-Encoding: identity, chunked"]],
  ["chunked twice", ["Transfer-Encoding: chunked, chunked"]],
  ["two lines of codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"]],
  ["a space before the colon", ["Transfer-Encoding : chunked"]],
  ["a tab before the coding", ["Transfer-Encoding:\tchunked"]],
  ["a form feed before the coding", ["Transfer-Encoding: \u000bchunked"]],
  ["the coding in quotes", ['Transfer-Encoding: "chunked"']],
  ["the coding in capitals", ["Transfer-Encoding: CHUNKED"]],
  ["a coding with a parameter", ["Transfer-Encoding: chunked;x=y"]],
  ["a folded line", ["Transfer-Encoding:", " chunked"]],
  ["a line that a bare LF begins", ["X: x\nTransfer-Encoding: chunked"]],
  ["a line that a bare CR begins", ["X: x\rTransfer-Encoding: chunked"]],
  ["a line behind a NUL", ["X: x\u0000", "Transfer-Encoding: chunked"]],
  ["a name with an underscore", ["Transfer_Encoding: chunked"]],
  ["a line that begins with a space", [" Transfer-Encoding: chunked"]],
  ["a line without a colon", ["Transfer-Encoding chunked"]],
];

const codings: readonly Contest[] = CODINGS.map(([name, lines]) =>
  hiding(
    name,
    (bytes) => [`Content-Length: ${bytes}`, ...lines],
    (text) => `0\r\n\r\n${text}`,
  ),
);

const CHUNKS: readonly (readonly [name: string, text: (text: string) => string])[] = [
  ["a chunk's negative size", (text) => `-1\r\n${text}\r\n0\r\n\r\n`],
  ["a chunk's size with 0x", (text) => `0x10\r\n${text}\r\n0\r\n\r\n`],
  ["a chunk's size with a plus", (text) => `+10\r\n${text}\r\n0\r\n\r\n`],
  ["a chunk's size beyond 64 bits", (text) => `10000000000000000\r\n${text}\r\n0\r\n\r\n`],
  ["a chunk's size of 200 digits", (text) => `${"f".repeat(200)}\r\n${text}`],
  ["a chunk's size that is no number", (text) => `zz\r\n${text}`],
  ["a chunk without a size", (text) => `\r\n${text}`],
  ["a space in a chunk's size", (text) => `1 0\r\n${text}`],
  ["a chunk longer than its size", (text) => `1\r\n${text}\r\n0\r\n\r\n`],
  ["a chunk that ends without CRLF", (text) => `2\r\n{}0\r\n\r\n${text}`],
  ["a chunk that ends in a bare LF", (text) => `2\n{}\n0\n\n${text}`],
  ["an extension with a line break", (text) => `2;a="\n${text}"\r\n{}\r\n0\r\n\r\n`],
  // Valid, however long: what stood behind its end would be a request in its own right.
  ["an extension of 100,000 characters", () => `2;${"a".repeat(100_000)}\r\n{}\r\n0\r\n\r\n`],
  ["a trailer that tells another length", () => "2\r\n{}\r\n0\r\nContent-Length: 1000\r\n\r\n"],
  ["trailers of 200,000 bytes", () => `2\r\n{}\r\n0\r\n${"X-Trailer: aaaaaaaaaa\r\n".repeat(9_000)}\r\n`],
];

const chunks: readonly Contest[] = CHUNKS.map(([name, around]) => hiding(name, () => ["Transfer-Encoding: chunked"], around));

const contests: readonly Attempt[] = WAYS.flatMap((way) =>
  [...TWO_LENGTHS, ...lengths, ...codings, ...chunks].map(
    ({ name, lines, around }): Attempt => ({
      name: `${name}, behind ${way.behind}`,
      at: way.at,
      sends: (stage) => {
        const text = around(way.hidden(stage));
        return { parts: [head(stage, way, lines(Buffer.byteLength(text))), text, NEXT], until: "quiet" };
      },
      holds: apart,
    }),
  ),
);

/** What is no request of HTTP/1.1, or not one. */
const FRAMES: readonly (readonly [name: string, bytes: (stage: Stage) => Bytes])[] = [
  ["HTTP/0.9", () => "GET /health\r\n\r\n"],
  ["HTTP/1.0 without a Host, kept open", () => "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
  ["HTTP/1.0 with chunks", () => `POST ${PROMETHEUS} HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["HTTP/1.9", () => "GET /health HTTP/1.9\r\nHost: localhost\r\n\r\n"],
  ["HTTP/2.0 in the request line", () => "GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n"],
  ["the preface of HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000"],
  [
    "an upgrade to h2c",
    () => written("/health", { headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"] }),
  ],
  [
    "an upgrade to a WebSocket",
    () =>
      written("/health", {
        headers: ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="],
      }),
  ],
  ["two Hosts", () => written("/health", { headers: ["Host: evil.example.com"] })],
  ["a request line with a bare LF", () => "GET /health HTTP/1.1\nHost: localhost\n\n"],
  ["a request line of three spaces", () => "GET   /health   HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a space in the path", () => "GET /health HTTP/1.1 /x HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["an empty header name", () => written("/health", { headers: [": x"] })],
  ["a header name with a space", () => written("/health", { headers: ["X Y: x"] })],
  ["a header value with a bare CR", () => written("/health", { headers: ["X: a\rY: b"] })],
  ["a header value with a NUL", () => written("/health", { headers: ["X: a\u0000b"] })],
  ["TLS on the plain port", () => new Uint8Array([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03, 0x0d, 0x0a, 0x0d, 0x0a])],
  [
    "a GET with the hidden request as its body",
    (stage) => written("/health", { headers: [`Content-Length: ${Buffer.byteLength(hiddenAlert(stage))}`], body: hiddenAlert(stage) }),
  ],
];

const frames: readonly Attempt[] = FRAMES.map(([name, bytes]) => ({
  name,
  at: "gateway",
  sends: (stage) => ({ parts: [bytes(stage), NEXT], until: "quiet" }),
  holds: apart,
}));

/** Where one request ends and the next begins is never in doubt. */
export const smuggling: Kind = {
  name: "request smuggling",
  controls: [
    {
      name: "two honest requests on one connection",
      at: "gateway",
      sends: () => ({ parts: [written("/health"), NEXT], until: "quiet" }),
      holds: answers(200),
    },
  ],
  attempts: [...contests, ...frames].map((attempt) => ({ ...attempt, on: PROCESSES })),
};
