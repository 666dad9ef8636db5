import { createLog } from "../adapters/system/log.ts";
import { loadConfig } from "../config/load.ts";
import { SettingProblem } from "../config/setting-problem.ts";
import type { Log } from "../ports/log.ts";
import { type Listening, listen } from "./listen.ts";
import { heedProxies } from "./proxies.ts";
import { openRole, type Role } from "./role.ts";
import { takingWholeRequests } from "./whole-request.ts";

/** Time that requests under way have when the process is told to end: a sender that never ends its request must not hold it up. */
const STOP_MS_MAX = 10_000;

/** A terminal and npm both send the signal of one Ctrl-C. Who sends another later does not want to wait. */
const SAME_SIGNAL_MS = 1_000;

const leave = (code: number, lines: readonly string[]): never => {
  for (const line of lines) process.stderr.write(`breakwater: ${line}\n`);
  process.exit(code);
};

/** A process of one role from its start to its end: settings from the environment, exit code 2 where they are wrong, 1 where it cannot start. */
export async function run(): Promise<void> {
  heedProxies();
  const loaded = loadConfig(process.env, "process");
  if (!loaded.ok) return leave(2, loaded.problems);
  const log = createLog(loaded.config.logLevel, (line) => process.stdout.write(`${line}\n`));
  for (const warning of loaded.warnings) log.warn("setting-ignored", { warning });
  const role = await openRole(loaded.config, log).catch((error: Error) => leave(error instanceof SettingProblem ? 2 : 1, [error.message]));
  const servers = await listenAll(role);
  const port = servers[0]?.port ?? 0;
  log.info("listening", { role: loaded.config.role, port });
  process.stdout.write(`${role.started(port)}\n`);
  const { shutdownDelayMs } = loaded.config;
  let toldMs: number | null = null;
  const stop = async () => {
    if (toldMs !== null) {
      if (performance.now() - toldMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    toldMs = performance.now();
    log.info("stopping", { delaySeconds: shutdownDelayMs / 1_000 });
    await stopInOrder(role, servers, { delayMs: shutdownDelayMs, log });
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/**
 * Serves on for the delay, its readiness off: those who send hear only after a while that they should send elsewhere. Then ends its own server first:
 * what its requests leave behind is still seen to, by a role that has all it needs.
 */
async function stopInOrder(role: Role, [own]: readonly Listening[], { delayMs, log }: { delayMs: number; log: Log }): Promise<void> {
  own?.ending();
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const late = new Promise<true>((resolve) => setTimeout(resolve, STOP_MS_MAX, true));
  if (await Promise.race([own?.stop(), late])) log.warn("requests-cut-off");
  await role.stop();
}

async function listenAll({ servers }: Role): Promise<Listening[]> {
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
