import { spawnSync } from "node:child_process";

/** Runs a program of the project and returns what it printed when it failed, nothing when it did not. */
export function problemsOf(command: string, ...args: string[]): string[] {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? [] : [`${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim()];
}
