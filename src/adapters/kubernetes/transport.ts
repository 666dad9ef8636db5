import { ApiException, type HttpLibrary, type RequestContext, ResponseContext, wrapHttpLibrary } from "@kubernetes/client-node";
import type { Dispatcher } from "undici";
import type { Access } from "./access.ts";
import { toApiFailure } from "./api-reply.ts";
import { createCredentials, type Tls } from "./credentials.ts";

/** An answer whose body is still on its way. */
interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
}

type Send = (
  url: string,
  init: { method: string; headers: Record<string, string | readonly string[]>; body?: string; signal: AbortSignal },
) => Promise<Reply>;

/** Told of each request and the status of its answer, null where none came. */
export type OnRequest = (method: string, url: string, status: number | null) => void;

/**
 * Bytes of an answer as they come, for as long as it takes; `signal` ends it. Rejects with `ApiFailure` where the server says no,
 * and when it has not begun to answer within the limit of a call.
 */
export type OpenStream = (url: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

export interface Transport {
  /** For client-node. */
  readonly http: HttpLibrary;
  readonly stream: OpenStream;
}

/**
 * HTTP with kept connections, a private CA, client certificates and a limit of `timeoutMs` per call, the same on Node, Deno and Bun.
 * client-node's own opens a connection per call, knows no limit, and trusts no private CA on Bun; so does its watch.
 */
export function createTransport(access: Access, timeoutMs: number, onRequest: OnRequest): Transport {
  const credentials = createCredentials(access);
  const senders = createSenders(access);
  const send: Send = async (url, init) => {
    const { tls, headers } = await beforeAbort(credentials.read(), init.signal);
    const sender = await senders(tls);
    const reply = await sender(url, { ...init, headers: { ...init.headers, ...headers } }).catch((error: unknown) => {
      onRequest(init.method, url, null);
      throw error;
    });
    onRequest(init.method, url, reply.status);
    if (reply.status === 401) credentials.refused();
    return reply;
  };
  return { http: wrapHttpLibrary({ send: (request) => sendWhole(send, request, timeoutMs) }), stream: openStream(send, timeoutMs) };
}

/** A credential plugin knows no limit. */
function beforeAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return Promise.race([work, aborted]);
}

async function sendWhole(send: Send, request: RequestContext, timeoutMs: number): Promise<ResponseContext> {
  const reply = await send(request.getUrl(), {
    method: request.getHttpMethod(),
    headers: request.getHeaders(),
    ...bodyOf(request),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await reply.text();
  const bytes = async () => Buffer.from(text);
  return new ResponseContext(reply.status, reply.headers, { text: async () => text, binary: bytes, stream: () => null });
}

function openStream(send: Send, timeoutMs: number): OpenStream {
  return async (url, signal) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      const headers = { accept: "application/json" };
      const reply = await send(url, { method: "GET", headers, signal: AbortSignal.any([signal, late.signal]) });
      if (reply.status === 200) return reply.body;
      throw new ApiException(reply.status, "", await reply.text(), reply.headers);
    } catch (error) {
      throw toApiFailure(error);
    } finally {
      clearTimeout(timer);
    }
  };
}

function bodyOf(request: RequestContext): { body?: string } {
  const body = request.getBody();
  return typeof body === "string" ? { body } : {};
}

/** One pool of connections as long as the TLS material stays the same. */
function createSenders(access: Access): (tls: Tls) => Promise<Send> {
  let material: string | undefined;
  let sender: Promise<Send> | undefined;
  return (tls) => {
    const wanted = JSON.stringify(tls);
    if (!sender || wanted !== material) {
      material = wanted;
      sender = "Bun" in globalThis ? Promise.resolve(sendByBun(tls, access)) : sendByUndici(tls, access);
    }
    return sender;
  };
}

const NO_BYTES = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });

/** Bun replaces the module `undici` by one of its own that knows no CA; its `fetch` does, keeps connections, and heeds the environment's proxies. */
function sendByBun(tls: Tls, { proxyUrl }: Access): Send {
  return async (url, { headers: several, ...init }) => {
    const headers = Object.fromEntries(Object.entries(several).map(([name, value]) => [name, String(value)]));
    const response = await fetch(url, { ...init, headers, redirect: "manual", tls, ...(proxyUrl && { proxy: proxyUrl }) } as RequestInit);
    const { status } = response;
    return { status, headers: Object.fromEntries(response.headers), body: response.body ?? NO_BYTES, text: () => response.text() };
  };
}

async function sendByUndici({ serverName, ...rest }: Tls, { proxyUrl, headers: always }: Access): Promise<Send> {
  const { EnvHttpProxyAgent, ProxyAgent, request } = await import("undici");
  const tls = { ...rest, ...(serverName && { servername: serverName }) };
  // Over HTTP/2 undici makes one header of several with the same name.
  const allowH2 = Object.values(always).every((values) => values.length < 2);
  const options = { requestTls: tls, keepAliveTimeout: 30_000, allowH2 };
  const dispatcher = proxyUrl ? new ProxyAgent({ ...options, uri: proxyUrl }) : new EnvHttpProxyAgent({ ...options, connect: tls });
  return async (url, { headers: several, ...init }) => {
    const headers = several as Record<string, string | string[]>;
    const reply = await request(url, { ...init, headers, method: init.method as Dispatcher.HttpMethod, dispatcher });
    return { status: reply.statusCode, headers: flat(reply.headers), body: reply.body, text: () => reply.body.text() };
  };
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
