import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";

/** A redis-server of a test's own, empty at the start, that keeps nothing on disk unless `args` say so. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** As its default user. */
  run(...command: string[]): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts redis-server in `dir`, with noeviction as the ledger demands it and DEBUG for faults; `args` come last and win. */
export async function startRedisServer(dir: string, args: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const defaults = ["--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction", "--enable-debug-command", "local"];
  const { pid, stop } = await startProcess({
    command: "redis-server",
    args: ["--port", `${port}`, "--dir", dir, ...defaults, ...args],
    ready: /Ready to accept connections/,
  });
  const run = async (...command: string[]) => void (await promisify(execFile)("redis-cli", ["-p", `${port}`, ...command]));
  return { url: `redis://127.0.0.1:${port}`, port, pid, run, stop };
}
