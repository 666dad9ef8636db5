// `npm run -s image -- [--tag breakwater:0.2.0] [--archive breakwater.tar]`: builds the image of all process roles with buildah, from scratch and without a
// daemon, and prints its name and compressed size. `--archive` also writes it as an OCI archive, for `skopeo copy` or `podman load`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const { values } = parseArgs({ options: { tag: { type: "string", default: `breakwater:${version}` }, archive: { type: "string" } } });

/** The commit that is built; empty outside of a repository. */
function revision(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

// No daemon and no user namespaces: it works inside of a container, too.
const buildah = (...args: string[]) =>
  execFileSync("buildah", ["--storage-driver", "vfs", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

const work = mkdtempSync(join(tmpdir(), "breakwater-image-"));
try {
  execFileSync(process.execPath, ["scripts/image/root.ts", join(work, "root")], { stdio: ["ignore", "inherit", "inherit"] });
  const args = ["--build-arg", `VERSION=${version}`, "--build-arg", `REVISION=${revision()}`, "--build-context", `root=${work}`];
  buildah("bud", "--isolation", "chroot", ...args, "--file", "deploy/image/Dockerfile", "--tag", values.tag, work);
  const archive = values.archive ?? join(work, "image.tar");
  buildah("push", values.tag, `oci-archive:${archive}`);
  console.log(`${values.tag}: ${(statSync(archive).size / 1e6).toFixed(1)} MB compressed`);
} catch (error) {
  const { stderr, message, code } = error as Error & { stderr?: string; code?: string };
  console.error(code === "ENOENT" ? "buildah is needed: apt-get install buildah" : stderr || message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
