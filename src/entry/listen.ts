// The HTTP server of a process. It is Node's own on all three runtimes: Bun and Deno implement it, and their own servers lack what it has, which is
// pipelined requests on Bun, and an end to slow heads on Deno.
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { problem, RETRY_AFTER } from "../http/problem.ts";
import type { Server } from "./role.ts";

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Serves on, but is not ready any more, and each answer ends its connection, so that a sender's next request finds another process. */
  ending(): void;
  /** Takes no new connection, and resolves when the requests under way are answered. */
  stop(): Promise<void>;
}

/** A head takes one packet, or a few: who needs longer holds a connection, and sends nothing. */
const HEAD_MS_MAX = 10_000;

/** Beyond what a handler waits for a body, so that a slow sender is told so first. */
const REQUEST_MS_MAX = 30_000;

/** How late a connection that is beyond these is ended. */
const LOOK_EVERY_MS = 1_000;

/** Longer than most scrapes and probes are apart, so that they can keep their connection. */
const IDLE_MS_MAX = 60_000;

/** How long a server that is told to stop may go on taking connections. */
const REST_MS_MAX = 3_000;

/** Listens; rejects where it cannot. Slow and idle connections are ended. */
export function listen({ port, bindAddress, fetch }: Server): Promise<Listening> {
  let ending = false;
  const answer = async (request: Request) => {
    const response = ending && new URL(request.url).pathname === "/ready" ? notReady() : await fetch(request);
    if (ending) response.headers.set("connection", "close");
    return response;
  };
  const serverOptions = {
    headersTimeout: HEAD_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    keepAliveTimeout: IDLE_MS_MAX,
  };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: answer, port, hostname: bindAddress, serverOptions }, (address: AddressInfo) =>
      resolve({
        port: address.port,
        ending() {
          ending = true;
        },
        stop() {
          ending = true;
          return closed(server);
        },
      }),
    );
    server.once("error", reject);
  });
}

const notReady = () => problem(503, "not-ready", "the process is about to end", RETRY_AFTER);

/**
 * Closes in a turn of the event loop in which no connection came, so that none waits to be taken: those would be reset. One that never rests is closed
 * after a while all the same.
 */
async function closed(server: ServerType): Promise<void> {
  const untilMs = performance.now() + REST_MS_MAX;
  let isQuiet = true;
  server.on("connection", () => {
    isQuiet = false;
  });
  do {
    isQuiet = true;
    await new Promise((resolve) => setImmediate(resolve));
  } while (!isQuiet && performance.now() < untilMs);
  return new Promise((resolve) => void server.close(() => resolve()));
}
