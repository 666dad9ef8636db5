import { freePort } from "./free-port.ts";
import { startProcess } from "./process.ts";

/** The bridge as a process of its own, as an operator runs it. */
export interface BridgeProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** What it printed up to now. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/** Starts a bridge before `redis`, a URL or the settings that tell where one is; `env` adds settings. */
export async function startBridge(redis: string | Settings, env: Settings = {}): Promise<BridgeProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = "bridge-token-of-the-tests";
  const { pid, output, stop } = await startProcess({
    command: "bun",
    args: ["src/entry/bun.ts"],
    env: {
      ROLE: "bridge",
      PORT: `${port}`,
      BIND_ADDRESS: "127.0.0.1",
      BRIDGE_TOKEN: token,
      ...(typeof redis === "string" ? { REDIS_URL: redis } : redis),
      ...env,
    },
    ready: new URL("/health", url),
  });
  return { url, token, pid, output, stop };
}
