import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Largest resident memory of a process in MiB, since `forgetPeak` or its start (Linux). */
export function peakMiB(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib) / 1024);
}

/** From now on the peak is what the process holds, and what it takes beyond it. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/** The child of this process that runs a program of this name (Linux). Throws unless there is exactly one. */
export function childPid(program: string): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isChild(name, program));
  if (pids.length !== 1) throw new Error(`${pids.length} children run ${program}`);
  return Number(pids[0]);
}

function isChild(pid: string, program: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return status.startsWith(`Name:\t${program}\n`) && status.includes(`\nPPid:\t${process.pid}\n`);
  } catch {
    return false; // it has ended
  }
}
