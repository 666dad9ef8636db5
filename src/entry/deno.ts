import { run } from "./run.ts";

/** The part of Deno's own API that is used here; its types would shadow those of the other runtimes. */
declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen: () => void },
    fetch: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
};

await run(({ port, bindAddress, fetch }) => {
  const server = Deno.serve({ port, hostname: bindAddress, onListen: () => {} }, fetch);
  return { port: server.addr.port, stop: () => server.shutdown() };
});
