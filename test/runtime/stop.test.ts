import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startProcess } from "../support/process.ts";
import { type Sent, startLoad } from "../support/steady-load.ts";
import { PROMETHEUS } from "./client.ts";
import { alertIn, webhook } from "./payloads.ts";
import { RUNTIMES } from "./runtimes.ts";

const DELAY_MS = 2_000;

describe.each(Object.values(RUNTIMES))("a process on $name that is told to stop", { timeout: 60_000 }, ({ command, args }) => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "breakwater-stop-"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const start = async (env: Readonly<Record<string, string>>) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const settings = { PORT: new URL(url).port, KUBE_PORT: `${await freePort()}`, BIND_ADDRESS: "127.0.0.1", ...env };
    const process = await startProcess({
      command,
      args,
      cwd: mkdtempSync(join(dir, "run-")),
      env: settings,
      ready: new URL("/ready", url),
    });
    return { ...process, url, tell: (signal: NodeJS.Signals) => globalThis.process.kill(process.pid, signal) };
  };

  it.each(["SIGTERM", "SIGINT"] as const)(
    "by %s serves on for its delay with its readiness off, and cuts no request of 500 a second off",
    async (signal) => {
      const { url, tell, exited } = await start({
        SHUTDOWN_DELAY_SECONDS: `${DELAY_MS / 1_000}`,
        ENABLE_STORM_BUFFERING: "false",
        DEDUP_STATE_TTL_SECONDS: "30",
      });
      const bodies = Array.from({ length: 20 }, () => JSON.stringify(webhook([alertIn("shop")])));
      const load = startLoad(url + PROMETHEUS, (at) => bodies[at % bodies.length] as string, 500);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const toldMs = performance.now();
      tell(signal);
      await expect.poll(async () => (await fetch(`${url}/ready`)).status, { interval: 50 }).toBe(503);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(await exited).toBe(0);
      const sent = await load.stop();
      const isIn = ({ outcome }: Sent) => outcome === 201 || outcome === 202;
      const left = sent.filter((one) => !isIn(one));
      // Nobody listens any more: a connection is refused, or reset if it came in the moment before and was not taken.
      expect(left.length).toBeGreaterThan(0);
      expect(new Set([...left.map(({ outcome }) => outcome), "ECONNREFUSED", "ECONNRESET"]).size).toBe(2);
      expect(Math.min(...left.map(({ sentMs }) => sentMs)) - toldMs).toBeGreaterThan(DELAY_MS - 100);
    },
  );
});
