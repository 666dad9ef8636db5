import { RUNTIMES, type Runtime } from "../runtime/runtimes.ts";
import { freePort } from "./free-port.ts";
import { type Program, type Started, startProcess } from "./process.ts";

/** A part of an installation at an address of its own, which it keeps when it is ended and started again. */
export interface AnyPart {
  readonly url: string;
  /** `env` replaces single settings from now on. */
  start(env?: Readonly<Record<string, string>>): Promise<unknown>;
  /** What it printed since its last start. */
  output(): string;
  /** Does nothing while it is not running. */
  stop(): Promise<void>;
}

/** One that is a process. */
export interface Part extends AnyPart {
  start(env?: Readonly<Record<string, string>>): Promise<Started>;
  /** Starts it from another entry on Bun; null: its own. */
  startFrom(entry: string | null): Promise<Started>;
  /** Stops it in its tracks, or lets it go on; does nothing while it is not running. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Of its last start. */
  pid(): number;
  /** Does nothing while it is not running. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A role of Breakwater on a free port, not started yet. `env` holds its settings but for its address; `cwd` is where it may write. */
export async function createPart(env: Readonly<Record<string, string>>, cwd?: string, runtime: Runtime = "bun"): Promise<Part> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let settings: Readonly<Record<string, string>> = { ...env, PORT: `${port}`, BIND_ADDRESS: "127.0.0.1" };
  const { command, args } = RUNTIMES[runtime];
  let started: Started | undefined;
  let running = false;
  const launch = async (program: Readonly<Pick<Program, "command" | "args">>) => {
    started = await startProcess({ ...program, env: settings, ready: new URL("/ready", url), ...(cwd && { cwd }) });
    running = true;
    void started.exited.then(() => {
      running = false;
    });
    return started;
  };
  return {
    url,
    async start(changed = {}) {
      settings = { ...settings, ...changed };
      return launch({ command, args });
    },
    startFrom: (entry) => launch(entry === null ? { command, args } : { command: RUNTIMES.bun.command, args: [entry] }),
    signal(signal) {
      if (started && running) process.kill(started.pid, signal);
    },
    pid: () => started?.pid ?? 0,
    output: () => started?.output() ?? "",
    stop: async (signal) => started?.stop(signal),
  };
}
