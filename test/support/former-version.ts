import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The last commit of version 0.1.0, whose ledger today's has to get on with: one of each may run on one Redis during an upgrade, or after a rollback. */
const FORMER = "be3ecf5";

export const FORMER_VERSION = "0.1.0";

export interface FormerVersion {
  /** Its folder, with src and today's packages. */
  readonly dir: string;
  remove(): void;
}

/** The source of the version before, from the project's history. */
export function unpackFormerVersion(): FormerVersion {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-former-"));
  const archive = execFileSync("git", ["archive", FORMER, "src", "package.json"], { maxBuffer: 64 * 1024 * 1024 });
  execFileSync("tar", ["-x", "-C", dir], { input: archive });
  symlinkSync(resolve("node_modules"), join(dir, "node_modules"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
