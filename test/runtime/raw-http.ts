import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends bytes over TCP as they are and reads one answer; what is sent after the server has closed is lost, as it would be for any client.
 * One that `ends` has nothing more to send, and shows it.
 * Rejects when the connection ends, or 20 s pass, before an answer is complete.
 */
export function rawRequest(url: string, parts: Iterable<string | Uint8Array>, then: "waits" | "ends" = "waits"): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    const finish = (ended: boolean) => {
      const answer = parseAnswer(received, ended);
      if (!answer && !ended) return;
      socket.destroy();
      if (answer) resolve(answer);
      else reject(new Error(`the connection ended without an answer, after ${received.length} bytes`));
    };
    socket.setTimeout(20_000, () => finish(true));
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      finish(false);
    });
    socket.on("error", () => finish(true));
    socket.on("close", () => finish(true));
    for (const part of parts) socket.write(part);
    if (then === "ends") socket.end();
  });
}

/** Sends a text over TCP and reads all that comes until the server closes; rejects where nothing comes for so long. */
export function rawText(url: string, text: string, withinMs = 20_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`not closed; received ${received}`)));
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
    socket.write(text);
  });
}

function parseAnswer(received: Buffer, ended: boolean): RawAnswer | null {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const [statusLine = "", ...lines] = received.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const body = received.subarray(headEnd + 4).toString("utf8");
  const length = headers.get("content-length");
  const isChunked = headers.get("transfer-encoding") === "chunked";
  const isWhole = isChunked ? /\r?\n?0\r\n\r\n$/.test(body) : length !== null ? Buffer.byteLength(body) >= Number(length) : ended;
  if (!isWhole && !ended) return null;
  return { status: Number(statusLine.split(" ")[1]), headers, text: isChunked ? unchunk(body) : body };
}

function unchunk(body: string): string {
  let rest = body;
  let text = "";
  for (;;) {
    const lineEnd = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (!(size > 0)) return text;
    text += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    rest = rest.slice(lineEnd + 4 + size);
  }
}

/** The head of a POST with a JSON content type; `more` lines come last. */
export const postHead = (path: string, token: string | null, ...more: readonly string[]): string =>
  [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/json",
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    ...more,
    "\r\n",
  ].join("\r\n");

/** A body in chunks of HTTP/1.1, its length untold. */
export function* chunked(text: string | Uint8Array, chunkBytes = 64 * 1024): Generator<string | Uint8Array> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const part = bytes.subarray(at, at + chunkBytes);
    yield `${part.length.toString(16)}\r\n`;
    yield part;
    yield "\r\n";
  }
  yield "0\r\n\r\n";
}
