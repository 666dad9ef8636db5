import { resolve } from "node:path";

/** A runtime that runs any role as a process: its program and arguments, from any working directory. */
export interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const runtime = (name: string, program: string, ...args: readonly string[]): Runtime => ({
  name,
  command: resolve("node_modules/.bin", program),
  args: [...args, resolve("src/entry", `${program}.ts`)],
});

export const BUN = runtime("Bun", "bun");
export const NODE = runtime("Node", "node");
export const DENO = runtime("Deno", "deno", "run", "--allow-all");
