import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The project as somebody has it who has cloned it and installed it. */
export interface WorkingCopy {
  readonly dir: string;
  remove(): void;
}

/** A copy of all files that are or may be committed, with the packages that are installed here. */
export function copyProject(): WorkingCopy {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-copy-"));
  chmodSync(dir, 0o755); // any user may read a clone
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  for (const file of files.split("\0").filter(Boolean)) {
    mkdirSync(join(dir, dirname(file)), { recursive: true });
    cpSync(file, join(dir, file), { verbatimSymlinks: true });
  }
  // As links where that is possible: no second set of large programs. Not one link to the folder, which `npm ci` would empty.
  execFileSync("sh", ["-c", 'cp -al node_modules "$0" 2>/dev/null || cp -a node_modules "$0"', dir]);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
