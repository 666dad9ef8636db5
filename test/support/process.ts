import { type ChildProcess, spawn } from "node:child_process";

/** A program that is ready for the test. `stop` ends it and resolves once it is gone; a second call does nothing. */
export interface Started {
  readonly pid: number;
  /** Standard output and standard error up to now, in the order they came. */
  output(): string;
  /** The exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Program {
  readonly command: string;
  readonly args?: readonly string[];
  /** Beside PATH and HOME, the whole environment: nothing of the tester's own leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it prints, a URL that answers 2xx, or any other look at it, which may reject while it is not there. */
  readonly ready: RegExp | URL | (() => Promise<boolean>);
  readonly withinMs?: number;
}

/** Time to leave in order, before SIGKILL. */
const graceMs = 5_000;

/** Each with what it printed up to now. */
const running = new Map<ChildProcess, () => string>();
const endAll = () => {
  for (const child of running.keys()) child.kill("SIGKILL");
};

/** The end of what each running program printed, under its command. */
export const lastOutputs = (): readonly string[] =>
  [...running].map(([{ spawnargs, pid }, output]) => `${spawnargs.join(" ")} (${pid}):\n${output().slice(-2_000)}`);

// A test run that is itself ended leaves nothing behind. A worker of it dies by a signal or loses its parent, which is no "exit".
process.once("exit", endAll);
for (const event of ["SIGTERM", "disconnect"] as const) {
  process.once(event, () => {
    endAll();
    process.kill(process.pid, "SIGKILL");
  });
}

async function stop(child: ChildProcess, exited: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await exited;
  clearTimeout(timer);
}

const answers = async (url: URL) => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;

async function isReady(look: () => Promise<boolean>, gaveUp: () => boolean): Promise<boolean> {
  while (!gaveUp()) {
    // Another program may answer at the address of one that has ended.
    if ((await look().catch(() => false)) && !gaveUp()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** Starts a program and waits until it is ready; throws with what it printed when it exits first or takes too long. */
export async function startProcess({ command, args = [], env = {}, cwd, ready, withinMs = 20_000 }: Program): Promise<Started> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ["ignore", "pipe", "pipe"], ...(cwd && { cwd }) });
  let printed = "";
  let over = false;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const output = () => printed;
  running.set(child, output);
  const exited = new Promise<number | null>((resolve) => {
    child.once("error", ({ message }) => {
      printed += message;
      resolve(null);
    });
    child.once("exit", resolve);
  }).finally(() => {
    over = true;
    running.delete(child);
  });
  const deadline = performance.now() + withinMs;
  const look = ready instanceof RegExp ? async () => ready.test(printed) : ready instanceof URL ? () => answers(ready) : ready;
  if (!(await isReady(look, () => over || performance.now() > deadline))) {
    const why = over ? "ended before it was ready" : `was not ready within ${withinMs} ms`;
    await stop(child, exited, "SIGKILL");
    throw new Error(`${command} ${args.join(" ")} ${why}; it printed:\n${printed.slice(-4_000)}`);
  }
  return { pid: child.pid ?? 0, output, exited, stop: (signal = "SIGTERM") => stop(child, exited, signal) };
}
