// Tries mutants in several processes at once. A process that does not answer in time is ended, and replaced.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Trial, Verdict } from "./worker.ts";

const WORKER = new URL("./worker.ts", import.meta.url);

/** A mutant that runs for ever is noticed by that: the engine as it is takes a tenth of this. */
const TRIAL_MS = 180_000;

/** Tries each, `processes` at a time; what noticed it comes to `told` as soon as it is known, null where nothing did. */
export async function tryAll<Item>(
  items: readonly Item[],
  processes: number,
  trialOf: (item: Item) => Trial,
  told: (item: Item, killedBy: string | null) => void,
): Promise<void> {
  const waiting = [...items];
  const serve = async (): Promise<void> => {
    let worker = await started();
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const verdict = await judged(worker, trialOf(item));
      told(item, verdict ? verdict.killedBy : "it did not end in time, or ended the process");
      if (!verdict) worker = await started();
    }
    worker.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(processes, items.length) }, serve));
}

async function started(): Promise<ChildProcess> {
  const worker = fork(WORKER, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [first] = await Promise.race([once(worker, "message"), once(worker, "exit")]);
  if (typeof first !== "object") throw new Error("a process that tries mutants does not start");
  return worker;
}

/** Null: no answer came. */
async function judged(worker: ChildProcess, trial: Trial): Promise<Verdict | null> {
  const over = new AbortController();
  const answer = once(worker, "message", { signal: over.signal }).then(([verdict]) => verdict as Verdict);
  const ended = once(worker, "exit", { signal: over.signal }).then(() => null);
  const late = new Promise<null>((resolve) => {
    const timer = setTimeout(() => resolve(null), TRIAL_MS);
    over.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  worker.send(trial);
  const verdict = await Promise.race([answer, ended, late]);
  for (const loser of [answer, ended]) loser.catch(() => {});
  over.abort();
  if (!verdict) worker.kill("SIGKILL");
  return verdict;
}
