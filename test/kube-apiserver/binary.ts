import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const source = import.meta.dirname;
const files = ["main.go", "go.mod", "go.sum"];

function cachedPath(): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(source, file)));
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return join(cache, "breakwater", `kube-apiserver-${hash.digest("hex").slice(0, 16)}`);
}

/** Says whether the program was built before, so that Go is not needed. */
export const isBuilt = (): boolean => existsSync(cachedPath());

/** The path of the API server program, built outside the tree when its source is new. The first build ever takes minutes. */
export function builtApiServer(): string {
  const binary = cachedPath();
  if (existsSync(binary)) return binary;
  console.log("Building the Kubernetes API server for the tests, once: minutes the first time, seconds from Go's cache …");
  mkdirSync(join(binary, ".."), { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  execFileSync("go", ["build", "-buildvcs=false", "-o", unfinished, "."], { cwd: source, stdio: ["ignore", "inherit", "inherit"] });
  renameSync(unfinished, binary); // two runs may build at once; each leaves a whole file
  return binary;
}
