import { readFileSync, writeFileSync } from "node:fs";

/** Largest resident memory of a process in MiB, since `forgetPeak` or its start (Linux). */
export function peakMiB(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib) / 1024);
}

/** From now on the peak is what the process holds, and what it takes beyond it. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5");
