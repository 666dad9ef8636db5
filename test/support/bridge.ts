import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";

/** The bridge as a process of its own, as an operator runs it. */
export interface BridgeProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a bridge before the Redis at `redisUrl`; `env` adds settings. */
export async function startBridge(redisUrl: string, env: Readonly<Record<string, string>> = {}): Promise<BridgeProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = "bridge-token-of-the-tests";
  const { pid, stop } = await startProcess({
    command: "bun",
    args: ["src/entry/bun.ts"],
    env: { ROLE: "bridge", PORT: `${port}`, BIND_ADDRESS: "127.0.0.1", REDIS_URL: redisUrl, BRIDGE_TOKEN: token, ...env },
    ready: new URL("/health", url),
  });
  return { url, token, pid, stop };
}
