import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { run } from "./run.ts";

await run(({ port, bindAddress, fetch }) => {
  let stopping = false;
  const answer = async (request: Request) => {
    const response = await fetch(request);
    // Node would keep a connection that was busy when it began to close, and wait until it has been idle for seconds.
    if (stopping) response.headers.set("connection", "close");
    return response;
  };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: answer, port, hostname: bindAddress }, (address: AddressInfo) =>
      resolve({
        port: address.port,
        stop() {
          stopping = true;
          return new Promise((closed) => server.close(() => closed()));
        },
      }),
    );
    server.once("error", reject);
  });
});
