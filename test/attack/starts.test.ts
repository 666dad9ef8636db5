import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RUNTIMES, type Runtime } from "../runtime/runtimes.ts";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { PLANTED } from "./harness/planted.ts";
import { FAILING_STARTS, REFUSED_STARTS, type Start } from "./starts.ts";

/** What a process prints until it has said what is wrong, or has ended. */
async function outputOf(runtime: Runtime, { settings, kubeconfig, says }: Start): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-attack-start-"));
  if (kubeconfig !== undefined) writeFileSync(join(dir, "kubeconfig"), kubeconfig);
  const { command, args } = RUNTIMES[runtime];
  const port = await freePort();
  const asking = setInterval(() => void fetch(`http://127.0.0.1:${port}/ready`).catch(() => {}), 200);
  try {
    const env = { PORT: `${port}`, BIND_ADDRESS: "127.0.0.1", ...settings };
    const started = await startProcess({ command, args, cwd: dir, env, ready: says });
    await started.stop();
    return started.output();
  } catch (error) {
    // It ended by itself, and the error has what it printed.
    return (error as Error).message;
  } finally {
    clearInterval(asking);
    rmSync(dir, { recursive: true });
  }
}

const STARTS: Readonly<Record<Runtime, readonly Start[]>> = {
  bun: [...REFUSED_STARTS, ...FAILING_STARTS],
  deno: FAILING_STARTS,
  node: FAILING_STARTS,
};

describe.each(Object.keys(STARTS) as Runtime[])(
  "a secret in a setting on %s shows in nothing that is printed",
  { timeout: 60_000 },
  (runtime) => {
    for (const start of STARTS[runtime])
      it.concurrent(start.name, async () => {
        const output = await outputOf(runtime, start);
        expect(output).toMatch(start.says);
        for (const secret of Object.values(PLANTED)) expect(output).not.toContain(secret);
      });
  },
);
