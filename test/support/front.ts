import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Dispatcher, fetch as send } from "undici";

/** A request that came in at a front, its body read. */
export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** A place before a part where a test sees what passes. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

export interface FrontOptions {
  /** The part's address now. */
  readonly target: () => string;
  /** What the sender gets; `pass` asks the part and gives its answer. Where it rejects, the sender loses its connection. */
  readonly answer: (call: Call, pass: () => Promise<Response>) => Promise<Response>;
  readonly dispatcher?: Dispatcher;
}

/** Said to the front only; the body's length is told anew. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "host", "content-length", "accept-encoding"]);

/** Opens a front on a free port of 127.0.0.1. */
export async function openFront({ target, answer, dispatcher }: FrontOptions): Promise<Front> {
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url: path = "/" } = incoming;
    const body = Buffer.concat(await incoming.toArray()).toString();
    const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.has(name));
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const pass = async () => {
      const headers = kept.map(([name, value]): [string, string] => [name, `${value}`]);
      const init = { method, headers, signal: gone.signal, ...(body !== "" && { body }), ...(dispatcher && { dispatcher }) };
      const answered = await send(new URL(path, target()), init);
      const type = answered.headers.get("content-type") ?? "application/json";
      return new Response(answered.body as ReadableStream | null, { status: answered.status, headers: { "content-type": type } });
    };
    const response = await answer({ method, path, body }, pass);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).flushHeaders();
    for await (const chunk of response.body ?? []) outgoing.write(chunk);
    outgoing.end();
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
