import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { type Started, startProcess } from "./process.ts";
import { freshName } from "./real-parts.ts";

const run = promisify(execFile);
const buildah = async (...args: string[]) => (await run("buildah", ["--storage-driver", "vfs", ...args])).stdout.trim();

export interface Image {
  readonly tag: string;
  /** Compressed, in MB, as the build tells it. */
  readonly megabytes: number;
  /** Where its files lie, for who wants to look at them. */
  mounted(): Promise<string>;
  remove(): Promise<void>;
}

/** The project's image, as an operator builds it. */
export async function buildImage(): Promise<Image> {
  const tag = `localhost/breakwater:${freshName("test")}`;
  const { stdout } = await run("node", ["scripts/image.ts", "--tag", tag]);
  const megabytes = Number(/([\d.]+) MB compressed/.exec(stdout)?.[1]);
  let looking: string | undefined;
  return {
    tag,
    megabytes,
    async mounted() {
      looking ??= await buildah("from", "--name", freshName("looking"), tag);
      return buildah("mount", looking);
    },
    async remove() {
      if (looking) await buildah("rm", looking);
      await buildah("rmi", "--force", tag);
    },
  };
}

export interface Container extends Started {
  readonly url: string;
  /** Its program's own process. */
  readonly program: number;
  /** How long after its program's start it answered. */
  readonly readyAfterMs: number;
}

export interface ContainerOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Paths of this machine that it sees read-only, by where. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where it listens; a free port unless said otherwise. */
  readonly port?: number;
  /** Where it answers when it is ready. */
  readonly ready?: string;
}

/** Runs a container of an image on this machine's network until it is stopped. */
export async function startContainer(
  { tag }: Pick<Image, "tag">,
  { env, files = {}, ready = "/ready", ...own }: ContainerOptions,
): Promise<Container> {
  const name = freshName("container");
  await buildah("from", "--name", name, tag);
  const port = own.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const settings = Object.entries({ ...env, PORT: `${port}`, BIND_ADDRESS: "127.0.0.1" }).flatMap((pair) => ["--env", pair.join("=")]);
  const volumes = Object.entries(files).flatMap(([at, path]) => ["--volume", `${path}:${at}:ro`]);
  let readyAtMs = 0;
  const isReady = async () => {
    const { ok } = await fetch(new URL(ready, url), { signal: AbortSignal.timeout(1_000) });
    if (ok) readyAtMs = performance.timeOrigin + performance.now();
    return ok;
  };
  const args = ["--storage-driver", "vfs", "run", "--isolation", "chroot", ...settings, ...volumes, name, "--", "/breakwater"];
  const started = await startProcess({ command: "buildah", args, ready: isReady, withinMs: 30_000 });
  const program = programBelow(started.pid);
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    // A signal to buildah would end it at once.
    if (isAlive(program)) process.kill(program, signal);
    await started.exited;
    await buildah("rm", name);
  };
  return { ...started, url, program, readyAfterMs: readyAtMs - startOf(program), stop };
}

/** The descendant that runs the image's program. */
function programBelow(pid: number): number {
  const parents = new Map(processes().map((id) => [id, parentOf(id)]));
  const isBelow = (id: number | undefined): boolean => id !== undefined && id > 1 && (id === pid || isBelow(parents.get(id)));
  const found = [...parents.keys()].find((id) => isBelow(id) && commandOf(id) === "/breakwater");
  if (found === undefined) throw new Error("the container runs no program");
  return found;
}

const processes = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Behind its name in brackets, which may hold anything: state, parent, …, and 20th the start in ticks since the machine's. */
const statOf = (pid: number): string[] =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
const parentOf = (pid: number): number => Number(statOf(pid)[1]);
const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).split("\0")[0] ?? "";
const isAlive = (pid: number): boolean => read(`/proc/${pid}/stat`) !== "";

const TICKS_PER_SECOND = 100;

function startOf(pid: number): number {
  const bootMs = Number(/^btime (\d+)/m.exec(read("/proc/stat"))?.[1]) * 1_000;
  const uptimeMs = Number(read("/proc/uptime").split(" ")[0]) * 1_000;
  const nowMs = performance.timeOrigin + performance.now();
  const startMs = (Number(statOf(pid)[19]) / TICKS_PER_SECOND) * 1_000;
  // btime is in whole seconds; uptime is not.
  return bootMs > 0 ? nowMs - uptimeMs + startMs : Number.NaN;
}

/** Resident memory of a process, in MB. */
export const memoryOf = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) / 1_000;

/** As whom a process runs. */
export const userOf = (pid: number): number => Number(/^Uid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);

export interface FirstProcess extends Started {
  tellProgram(signal: NodeJS.Signals): void;
}

/** Runs the image's program as process 1 of a container whose whole file system is read-only. */
export async function startAsFirstProcess(
  root: string,
  env: Readonly<Record<string, string>>,
  ready: URL,
  args: readonly string[] = [],
): Promise<FirstProcess> {
  // As every runtime does it: /proc and /dev are there, and nothing else can be written.
  const script = [
    'mkdir -p "$0/proc" "$0/dev" && mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev"',
    'mount -o remount,ro,bind "$0" && exec chroot --userspec=10001:10001 "$0" /breakwater "$@"',
  ].join(" && ");
  const started = await startProcess({
    command: "unshare",
    args: ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, root, ...args],
    ...{ env, ready },
  });
  return { ...started, tellProgram: (signal) => void process.kill(programBelow(started.pid), signal) };
}
