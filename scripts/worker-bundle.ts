import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { problemsOf } from "./run.ts";

/**
 * What the Worker may weigh compressed. It is loaded at each cold start, which Cloudflare gives one second in all;
 * zod (90 KiB) or the Kubernetes client (500 KiB) does not fit in unseen.
 */
const gzipBytesMax = 125 * 1024;

/** What only a process has, and a text of it that no bundler changes. */
const neverShipped: readonly (readonly [what: string, text: string])[] = [
  ["Lua in WebAssembly", "wasmoon"],
  ["the embedded Redis", "Attempt to modify a readonly table"],
];

/** Files of a Worker that have in them what only a process may have. */
export const strayProblems = (files: readonly { readonly path: string; readonly text: string }[]): string[] =>
  files.flatMap(({ path, text }) => neverShipped.filter(([, sign]) => text.includes(sign)).map(([what]) => `${path} has ${what} in it`));

/** The problems of the Worker's bundle, made as a deployment would make it. */
export function checkWorkerBundle(): string[] {
  const out = mkdtempSync(join(tmpdir(), "breakwater-worker-"));
  try {
    const problems = problemsOf("wrangler", "deploy", "--env", "production", "--dry-run", "--outdir", out);
    if (problems.length > 0) return problems;
    const files = globSync("*.{js,wasm}", { cwd: out }).map((path) => ({ path, content: readFileSync(join(out, path)) }));
    const bytes = files.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
    console.log(`the Worker weighs ${bytes} of ${gzipBytesMax} bytes compressed`);
    return [
      ...(bytes > 0 && bytes <= gzipBytesMax ? [] : ["that is not between nothing and what it may weigh"]),
      ...strayProblems(files.map(({ path, content }) => ({ path, text: content.toString("latin1") }))),
    ];
  } finally {
    rmSync(out, { recursive: true });
  }
}
