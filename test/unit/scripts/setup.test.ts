import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const setup = join(import.meta.dirname, "../../../scripts/setup.mjs");
const wanted = {
  "": {},
  "node_modules/kept": { version: "1.0.0" },
  "node_modules/tool": { version: "2.0.0", dev: true },
  "node_modules/binary-elsewhere": { version: "3.0.0", optional: true, os: ["elsewhere"] },
};

let project: string;
const write = (path: string, content: unknown) => writeFileSync(join(project, path), JSON.stringify(content));

/** Leaves the project as an install leaves it. */
function installed(packages: Readonly<Record<string, object>>): void {
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  write("node_modules/.bin/node", "");
  write("node_modules/.package-lock.json", { packages });
}

/** Runs the set-up with an npm that only notes what it was asked for. */
function install(...args: string[]): string[] | undefined {
  const asked = join(project, "asked");
  execFileSync(process.execPath, [setup, ...args], { cwd: project, stdio: "pipe", env: { npm_execpath: join(project, "npm.cjs") } });
  return existsSync(asked) ? JSON.parse(readFileSync(asked, "utf8")) : undefined;
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "setup-"));
  write("package-lock.json", { packages: wanted });
  writeFileSync(join(project, "npm.cjs"), 'require("fs").writeFileSync("asked", JSON.stringify(process.argv.slice(2)));');
});
afterEach(() => rmSync(project, { recursive: true }));

const { "node_modules/kept": kept, "node_modules/tool": tool } = wanted;

describe("the set-up before a command", () => {
  it("installs from the lockfile where nothing is installed", () => {
    expect(install()).toEqual(["ci", "--include=dev", "--loglevel=error"]);
  });

  it("installs production dependencies only, for a start", () => {
    expect(install("--production")).toEqual(["ci", "--omit=dev", "--loglevel=error"]);
  });

  it("recognises an install made by hand", () => {
    installed({ "node_modules/kept": kept, "node_modules/tool": tool });
    expect(install()).toBeUndefined();
    expect(install("--production")).toBeUndefined();
  });

  it("takes a production install for a start, and not for the tests", () => {
    installed({ "node_modules/kept": kept });
    expect(install("--production")).toBeUndefined();
    expect(install()).toBeDefined();
  });

  it("installs again where a version differs from the lockfile's", () => {
    installed({ "node_modules/kept": { version: "1.0.1" }, "node_modules/tool": tool });
    expect(install()).toBeDefined();
  });

  it("installs again where another platform's packages were brought along", () => {
    const { "node_modules/binary-elsewhere": binary } = wanted;
    installed({ "node_modules/kept": kept, "node_modules/tool": tool, "node_modules/binary-elsewhere": binary });
    expect(install()).toBeDefined();
  });

  it("installs again where install scripts were skipped", () => {
    installed({ "node_modules/kept": kept, "node_modules/tool": tool });
    rmSync(join(project, "node_modules/.bin/node"));
    expect(install()).toBeDefined();
  });

  it("fails as npm fails", () => {
    writeFileSync(join(project, "npm.cjs"), "process.exit(7);");
    expect(() => install()).toThrow(expect.objectContaining({ status: 7 }));
  });
});
