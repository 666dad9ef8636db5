import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { run } from "./run.ts";

await run(
  ({ port, bindAddress, fetch }) =>
    new Promise((resolve, reject) => {
      const server = serve({ fetch, port, hostname: bindAddress }, (address: AddressInfo) =>
        resolve({ port: address.port, stop: () => new Promise((closed) => server.close(() => closed())) }),
      );
      server.once("error", reject);
    }),
);
