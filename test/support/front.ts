import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
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
  /** What the sender gets; `pass` asks the part and gives its answer. A rejection is answered 500. */
  readonly answer: (call: Call, pass: () => Promise<Response>) => Promise<Response>;
  readonly dispatcher?: Dispatcher;
}

/** Said to the front only; the body's length is told anew. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "host", "content-length", "accept-encoding"]);

/** Opens a front on a free port of 127.0.0.1. */
export async function openFront({ target, answer, dispatcher }: FrontOptions): Promise<Front> {
  const handle = async (request: Request): Promise<Response> => {
    const { method, headers, signal } = request;
    const { pathname, search } = new URL(request.url);
    const call = { method, path: pathname + search, body: await request.text() };
    const kept = [...headers].filter(([name]) => !HOP_BY_HOP.has(name));
    const pass = async () => {
      const answered = await send(new URL(call.path, target()), {
        method,
        headers: kept,
        signal,
        ...(call.body !== "" && { body: call.body }),
        ...(dispatcher && { dispatcher }),
      });
      const type = answered.headers.get("content-type") ?? "application/json";
      return new Response(answered.body as ReadableStream | null, { status: answered.status, headers: { "content-type": type } });
    };
    return answer(call, pass);
  };
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: handle, hostname: "127.0.0.1", port: 0 }, () => resolve(started));
  });
  const close = async () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
