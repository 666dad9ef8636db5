import { resolve } from "node:path";

/** A runtime that runs any role as a process. */
export type Runtime = "bun" | "deno" | "node";

/** How it is called, and what starts a role on it from any working directory. */
interface Start {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const start = (name: string, program: Runtime, ...args: readonly string[]): Start => ({
  name,
  command: resolve("node_modules/.bin", program),
  args: [...args, resolve("src/entry", `${program}.ts`)],
});

export const RUNTIMES: Readonly<Record<Runtime, Start>> = {
  bun: start("Bun", "bun"),
  deno: start("Deno", "deno", "run", "--allow-all"),
  node: start("Node", "node"),
};
