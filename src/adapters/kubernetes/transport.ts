import {
  ApiException,
  type HttpLibrary,
  type KubeConfig,
  type RequestContext,
  ResponseContext,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import type { Dispatcher } from "undici";
import { toApiFailure } from "./api-reply.ts";

/** TLS material as every runtime understands it. */
interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly rejectUnauthorized?: boolean;
}

/** How to talk to the API server just now. */
interface Access {
  readonly tls: Tls;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose body is still on its way. */
interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
}

type Send = (url: string, init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal }) => Promise<Reply>;

/** How long credentials are used before they are read again: a service account's token is replaced in its file long before it expires. */
const ACCESS_KEPT_MS = 10_000;

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
export function createTransport(config: KubeConfig, timeoutMs: number): Transport {
  const access = createAccess(config);
  const senders = createSenders();
  const send: Send = async (url, init) => {
    const { tls, headers } = await beforeAbort(access(), init.signal);
    const sender = await senders(tls);
    return sender(url, { ...init, headers: { ...init.headers, ...headers } });
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

/** The kubeconfig's own reading of files, tokens and credential plugins, asked again when what it said has aged. */
function createAccess(config: KubeConfig): () => Promise<Access> {
  let current: { readonly access: Promise<Access>; readonly untilMs: number } | undefined;
  return () => {
    // Elapsed time of this process, not the time of day.
    if (!current || performance.now() >= current.untilMs) {
      const access = readAccess(config);
      current = { access, untilMs: performance.now() + ACCESS_KEPT_MS };
      access.catch(() => (current = undefined));
    }
    return current.access;
  };
}

async function readAccess(config: KubeConfig): Promise<Access> {
  const options: Parameters<KubeConfig["applyToHTTPSOptions"]>[0] = {};
  await config.applyToHTTPSOptions(options);
  const text = (value: unknown) => (value ? String(value) : undefined);
  const tls = {
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    serverName: text(options.servername),
    rejectUnauthorized: options.rejectUnauthorized,
  };
  const present = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const basic = options.auth ? { authorization: `Basic ${btoa(String(options.auth))}` } : {};
  return { tls: present, headers: { ...basic, ...(options.headers as Record<string, string> | undefined) } };
}

/** One pool of connections as long as the TLS material stays the same. */
function createSenders(): (tls: Tls) => Promise<Send> {
  let material: string | undefined;
  let sender: Promise<Send> | undefined;
  return (tls) => {
    const wanted = JSON.stringify(tls);
    if (!sender || wanted !== material) {
      material = wanted;
      sender = "Bun" in globalThis ? Promise.resolve(sendByBun(tls)) : sendByUndici(tls);
    }
    return sender;
  };
}

const NO_BYTES = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });

/** Bun replaces the module `undici` by one of its own that knows no CA; its `fetch` does, and keeps connections. */
function sendByBun(tls: Tls): Send {
  return async (url, init) => {
    const response = await fetch(url, { ...init, redirect: "manual", tls } as RequestInit);
    const { status, headers } = response;
    return { status, headers: Object.fromEntries(headers), body: response.body ?? NO_BYTES, text: () => response.text() };
  };
}

async function sendByUndici(tls: Tls): Promise<Send> {
  const { Agent, request } = await import("undici");
  const { serverName, ...rest } = tls;
  const dispatcher = new Agent({ connect: { ...rest, ...(serverName && { servername: serverName }) }, keepAliveTimeout: 30_000 });
  return async (url, init) => {
    const { statusCode, headers, body } = await request(url, { ...init, method: init.method as Dispatcher.HttpMethod, dispatcher });
    return { status: statusCode, headers: flat(headers), body, text: () => body.text() };
  };
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
