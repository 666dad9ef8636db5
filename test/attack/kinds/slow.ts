import { ok } from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { type Attempt, type Guarantee, type Kind, type Platform, PROCESSES } from "../harness/attempt.ts";
import { answers } from "../harness/guarantees.ts";
import { ask, bearer, JSON_TYPE, PROMETHEUS, written } from "../harness/request.ts";
import { type Stage, urlOf } from "../harness/stage.ts";

/** Opens connections that each say this much and no more, and closes them once an honest call beside them had its answer. */
async function besideMany(stage: Stage, count: number, text: string) {
  const { hostname, port } = new URL(urlOf(stage, "gateway"));
  const sockets = await Promise.all(
    Array.from({ length: count }, () => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      return new Promise<Socket>((resolve) => socket.once("connect", () => socket.write(text, () => resolve(socket))));
    }),
  );
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 2_000);
}

const halfOf = (stage: Stage): string =>
  written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(stage.tokens.source), "Content-Length: 1000"] }).toString();

const CROWDS: readonly (readonly [name: string, text: (stage: Stage) => string])[] = [
  ["200 connections that say nothing", () => ""],
  ["200 connections with half a request line", () => "POST /api/v1/sig"],
  ["200 connections with half a header", () => `POST ${PROMETHEUS} HTTP/1.1\r\nHost: loc`],
  ["200 connections with a head and no body", halfOf],
  ["200 connections with half a body", (stage) => `${halfOf(stage)}{"alerts":[`],
  ["200 connections with a head that goes on", () => `POST ${PROMETHEUS} HTTP/1.1\r\nHost: localhost\r\n${"X-A: b\r\n".repeat(20)}`],
];

const crowds: readonly Attempt[] = CROWDS.map(([name, text]) => ({
  name: `an honest alert beside ${name}`,
  at: "gateway",
  async sends(stage) {
    await besideMany(stage, 200, text(stage));
    return ask(PROMETHEUS, {
      method: "POST",
      headers: [JSON_TYPE, bearer(stage.tokens.source)],
      body: JSON.stringify(webhook([alertIn(stage.namespace)])),
    });
  },
  holds: answers(201),
}));

const text = '{"alerts":[]}';

/** Slow, but within what is waited for. */
const dripping: readonly Attempt[] = [
  {
    name: "a head that comes a character at a time",
    at: "gateway",
    sends: () => ({ parts: [...written("/health").toString()], until: "answer", pauseMs: 5 }),
    holds: answers(200),
  },
  {
    name: "a body that comes a character at a time",
    at: "gateway",
    sends: ({ tokens }) => ({
      parts: [
        written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source), `Content-Length: ${text.length}`] }),
        ...text,
      ],
      until: "answer",
      pauseMs: 20,
    }),
    holds: answers(202),
  },
  {
    name: "chunks that come a character at a time",
    at: "gateway",
    sends: ({ tokens }) => ({
      parts: [
        written(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source), "Transfer-Encoding: chunked"] }),
        ...`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
      ],
      until: "answer",
      pauseMs: 20,
    }),
    holds: answers(202),
  },
];

const ended: Guarantee = {
  text: "ended within 20 s, by 4xx, by 503 to send it again, or by closing",
  check: ({ end }) => ok(end !== "silent", "neither answered nor closed"),
};

const silent = (name: string, parts: (stage: Stage) => readonly string[], on?: readonly Platform[]): Attempt => ({
  name,
  at: "gateway",
  ...(on && { on }),
  sends: (stage) => ({ parts: parts(stage), until: "answer" }),
  holds: ended,
});

/** What never comes is waited for no longer than any answer may take. */
const never: readonly Attempt[] = [
  silent("a body that never comes", (stage) => [halfOf(stage)]),
  silent("a body that stops in its middle", (stage) => [halfOf(stage), '{"alerts":[']),
  silent("a head that stops in its middle", () => [`POST ${PROMETHEUS} HTTP/1.1\r\nHost: localhost\r\nX-A`], PROCESSES),
  silent("a request line that stops in its middle", () => ["POST /api/v1/sig"], PROCESSES),
];

/** Who is slow holds up nobody but himself. */
export const slow: Kind = {
  name: "slow and silent senders",
  controls: [
    {
      name: "an alert",
      at: "gateway",
      sends: ({ tokens, namespace }) =>
        ask(PROMETHEUS, {
          method: "POST",
          headers: [JSON_TYPE, bearer(tokens.source)],
          body: JSON.stringify(webhook([alertIn(namespace)])),
        }),
      holds: answers(201),
    },
  ],
  attempts: [...crowds, ...dripping, ...never],
};
