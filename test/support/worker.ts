import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Miniflare } from "miniflare";

/** The Worker on workerd, behind a port of 127.0.0.1. */
export interface RunningWorker {
  readonly url: string;
  /** What it has logged. */
  output(): string;
  /** Starts a run of the cron trigger, which goes on for about a minute and ends with the Worker; resolves with its end. */
  trigger(): Promise<void>;
  stop(): Promise<void>;
}

let bundle: string | undefined;

/** The Worker's code, bundled as a deployment would. */
function bundled(): string {
  if (bundle !== undefined) return bundle;
  const out = mkdtempSync(join(tmpdir(), "breakwater-worker-"));
  try {
    execFileSync("node_modules/.bin/wrangler", ["deploy", "--dry-run", "--outdir", out], { stdio: "pipe" });
    bundle = readFileSync(join(out, "worker.js"), "utf8");
    return bundle;
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Starts the Worker with `bindings` as its settings, under the compatibility date that it is deployed with. */
export async function startWorker(bindings: Readonly<Record<string, string>>): Promise<RunningWorker> {
  const compatibilityDate = /^compatibility_date = "(.+)"$/m.exec(readFileSync("wrangler.toml", "utf8"))?.[1] ?? "";
  let printed = "";
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: bundled() }],
    compatibilityDate,
    bindings,
    host: "127.0.0.1",
    port: 0,
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const stream of [stdout, stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
    },
  });
  const url = await miniflare.ready;
  const worker = (await miniflare.getWorker()) as unknown as { scheduled(event: { readonly cron: string }): Promise<unknown> };
  return {
    url: url.origin,
    output: () => printed,
    async trigger() {
      await worker.scheduled({ cron: "* * * * *" }).catch(() => {});
    },
    stop: () => miniflare.dispose(),
  };
}
