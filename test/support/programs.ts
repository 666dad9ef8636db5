import { join } from "node:path";

const bin = (name: string) => join("node_modules/.bin", name);

/** How each runtime runs a file: its name, its program, and what stands before the file. */
export const PROGRAMS: [name: string, command: string, flags: string[]][] = [
  ["Node", bin("node"), []],
  ["Bun", bin("bun"), []],
  ["Deno", bin("deno"), ["run", "--allow-all", "--quiet"]],
];
