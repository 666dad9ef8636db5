import { connect } from "node:net";
import type { RawAnswer } from "../../runtime/raw-http.ts";

export type Bytes = string | Uint8Array;

/** What goes over one connection, and when to stop looking at it. */
export interface Sending {
  readonly parts: readonly Bytes[];
  /**
   * `answer`: its first answer ends it. `quiet`: it ends when the server closes or has said nothing for a while, so that more answers than
   * were asked for come to light.
   */
  readonly until: "answer" | "quiet";
  /** Pause before each part but the first; none unless said. */
  readonly pauseMs?: number;
}

/** What came back over a connection. */
export interface Seen {
  readonly answers: readonly RawAnswer[];
  /** What is no whole answer. */
  readonly rest: string;
  /** `silent`: neither answered nor closed for as long as anybody would wait. */
  readonly end: "answered" | "closed" | "quiet" | "silent";
}

/** How long a server that has answered may go on saying things. */
const QUIET_MS = 500;

/** How long an answer is waited for: the gateway's own limits are 10 s, and the machine may be busy. */
const ANSWER_MS_MAX = 20_000;

/** Sends bytes over TCP as they are, and reads every answer to them. What is sent after the server has closed is lost, as for any client. */
export function exchange(url: string, { parts, until, pauseMs = 0 }: Sending): Promise<Seen> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname.replace(/[[\]]/g, ""));
    let received = Buffer.alloc(0);
    let timer = setTimeout(() => finish("silent"), ANSWER_MS_MAX);
    let isOver = false;
    const finish = (end: Seen["end"]) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...readAnswers(received, end === "closed"), end });
    };
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      if (readAnswers(received, false).answers.length === 0) return;
      if (until === "answer") return finish("answered");
      clearTimeout(timer);
      timer = setTimeout(() => finish("quiet"), QUIET_MS);
    });
    socket.on("error", () => finish("closed"));
    socket.on("close", () => finish("closed"));
    void write();
    async function write() {
      for (const [at, part] of parts.entries()) {
        if (at > 0 && pauseMs > 0) await new Promise((later) => setTimeout(later, pauseMs));
        if (!isOver) socket.write(part);
      }
    }
  });
}

/** The whole answers at the head of what was received; one without a length ends with its connection. */
function readAnswers(received: Buffer, ended: boolean): { readonly answers: RawAnswer[]; readonly rest: string } {
  const answers: RawAnswer[] = [];
  let rest = received;
  for (;;) {
    const headEnd = rest.indexOf("\r\n\r\n");
    const [statusLine = "", ...lines] = headEnd < 0 ? [] : rest.subarray(0, headEnd).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
    if (status === 0) return { answers, rest: rest.toString("latin1") };
    const headers = new Headers(
      lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const body = readBody(rest.subarray(headEnd + 4), { status, headers, ended });
    if (!body) return { answers, rest: rest.toString("latin1") };
    if (status >= 200) answers.push({ status, headers, text: body.text });
    rest = rest.subarray(headEnd + 4 + body.bytes);
  }
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
  readonly ended: boolean;
}

/** A body's text and how many bytes it took; null: it is not whole. */
function readBody(after: Buffer, { status, headers, ended }: Head): { readonly text: string; readonly bytes: number } | null {
  if (status < 200 || status === 204 || status === 304) return { text: "", bytes: 0 };
  if (headers.get("transfer-encoding") === "chunked") return readChunks(after);
  const length = headers.get("content-length");
  const bytes = length === null ? after.length : Number(length);
  if (length === null ? !ended : after.length < bytes) return null;
  return { text: after.subarray(0, bytes).toString("utf8"), bytes };
}

function readChunks(after: Buffer): { readonly text: string; readonly bytes: number } | null {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = after.indexOf("\r\n", at);
    const size = Number.parseInt(after.subarray(at, lineEnd).toString("latin1"), 16);
    if (lineEnd < 0 || Number.isNaN(size) || after.length < lineEnd + size + 4) return null;
    if (size === 0) return { text: Buffer.concat(parts).toString("utf8"), bytes: lineEnd + 4 };
    parts.push(after.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + size + 4;
  }
}
