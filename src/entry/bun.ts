import { createLog } from "../adapters/system/log.ts";
import { loadConfig } from "../config/load.ts";
import { openRole } from "./role.ts";

const leave = (code: number, lines: readonly string[]): never => {
  for (const line of lines) process.stderr.write(`breakwater: ${line}\n`);
  process.exit(code);
};

const loaded = loadConfig(process.env, "process");
if (!loaded.ok) leave(2, loaded.problems);
else {
  const log = createLog(loaded.config.logLevel, (line) => process.stdout.write(`${line}\n`));
  for (const warning of loaded.warnings) log.warn("setting-ignored", { warning });
  const role = await openRole(loaded.config, log).catch((error: Error) => leave(1, [error.message]));
  const servers = role.servers.map(({ port, bindAddress, fetch }) => {
    try {
      return Bun.serve({ port, hostname: bindAddress, fetch, idleTimeout: 60, maxRequestBodySize: 128 * 1024 * 1024 });
    } catch (error) {
      return leave(1, [`cannot listen on ${bindAddress}:${port}: ${(error as Error).message}`]);
    }
  });
  const port = servers[0]?.port ?? 0;
  log.info("listening", { role: loaded.config.role, port });
  process.stdout.write(`${role.started(port)}\n`);
  const stop = async () => {
    log.info("stopping");
    await role.stop();
    await Promise.all(servers.map((server) => server.stop()));
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
