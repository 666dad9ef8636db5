import { tellHealth } from "./health.ts";
import { BODY_BYTES_MAX, run } from "./run.ts";

if (process.argv[2] === "health") await tellHealth();

await run(({ port, bindAddress, fetch }) => {
  const server = Bun.serve({ port, hostname: bindAddress, fetch, idleTimeout: 60, maxRequestBodySize: BODY_BYTES_MAX });
  return { port: server.port ?? 0, stop: () => server.stop() };
});
