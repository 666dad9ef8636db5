import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { problemsOf } from "./run.ts";

/**
 * What the Worker may weigh compressed. It is loaded at each cold start, which Cloudflare gives one second in all;
 * whole zod (90 KiB) or the Kubernetes client (500 KiB) does not fit in unseen.
 */
const gzipBytesMax = 125 * 1024;

/** The problems of the Worker's bundle, made as a deployment would make it. */
export function checkWorkerBundle(): string[] {
  const out = mkdtempSync(join(tmpdir(), "breakwater-worker-"));
  try {
    const problems = problemsOf("wrangler", "deploy", "--dry-run", "--outdir", out);
    if (problems.length > 0) return problems;
    const bytes = globSync("*.js", { cwd: out }).reduce((sum, file) => sum + gzipSync(readFileSync(join(out, file))).length, 0);
    console.log(`the Worker weighs ${bytes} of ${gzipBytesMax} bytes compressed`);
    return bytes > 0 && bytes <= gzipBytesMax ? [] : ["that is not between nothing and what it may weigh"];
  } finally {
    rmSync(out, { recursive: true });
  }
}
