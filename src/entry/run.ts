import { createLog } from "../adapters/system/log.ts";
import { loadConfig } from "../config/load.ts";
import { SettingProblem } from "../config/setting-problem.ts";
import type { Log } from "../ports/log.ts";
import { heedProxies } from "./proxies.ts";
import { openRole, type Role, type Server } from "./role.ts";
import { takingWholeRequests } from "./whole-request.ts";

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no new connection, and resolves when the requests under way are answered. */
  stop(): Promise<void>;
}

/** How a runtime listens; rejects where it cannot. */
export type Listen = (server: Server) => Listening | Promise<Listening>;

/** Largest body that reaches a handler, which has bounds of its own below it and answers them with a reason. */
export const BODY_BYTES_MAX = 128 * 1024 * 1024;

/** Time that requests under way have when the process is told to end: a sender that never ends its request must not hold it up. */
const STOP_MS_MAX = 10_000;

const leave = (code: number, lines: readonly string[]): never => {
  for (const line of lines) process.stderr.write(`breakwater: ${line}\n`);
  process.exit(code);
};

/** A process of one role from its start to its end: settings from the environment, exit code 2 where they are wrong, 1 where it cannot start. */
export async function run(listen: Listen): Promise<void> {
  heedProxies();
  const loaded = loadConfig(process.env, "process");
  if (!loaded.ok) return leave(2, loaded.problems);
  const log = createLog(loaded.config.logLevel, (line) => process.stdout.write(`${line}\n`));
  for (const warning of loaded.warnings) log.warn("setting-ignored", { warning });
  const role = await openRole(loaded.config, log).catch((error: Error) => leave(error instanceof SettingProblem ? 2 : 1, [error.message]));
  const servers = await listenAll(role, listen);
  const port = servers[0]?.port ?? 0;
  log.info("listening", { role: loaded.config.role, port });
  process.stdout.write(`${role.started(port)}\n`);
  let stopping = false;
  // A terminal and npm may both send the signal: the second must not cut short what the first began.
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    log.info("stopping");
    await stopInOrder(role, servers, log);
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Its own server first: what its requests leave behind is still seen to, by a role that has all it needs. */
async function stopInOrder(role: Role, [own]: readonly Listening[], log: Log): Promise<void> {
  role.stopping();
  const late = new Promise<true>((resolve) => setTimeout(resolve, STOP_MS_MAX, true));
  if (await Promise.race([own?.stop(), late])) log.warn("requests-cut-off");
  await role.stop();
}

async function listenAll({ servers }: Role, listen: Listen): Promise<Listening[]> {
  const listening: Listening[] = [];
  for (const server of servers) {
    try {
      listening.push(await listen({ ...server, fetch: takingWholeRequests(server.fetch) }));
    } catch (error) {
      leave(1, [`cannot listen on ${server.bindAddress}:${server.port}: ${(error as Error).message}`]);
    }
  }
  return listening;
}
