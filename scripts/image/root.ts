// `node scripts/image/root.ts FOLDER`: puts all files of the image there.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rootCertificates } from "node:tls";

/** As whom the image runs; nobody on a usual host. */
const USER = 10_001;

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node scripts/image/root.ts FOLDER");
  process.exit(2);
}
const root = resolve(folder);

/** A file of the image, readable by all and writable by nobody but root. */
function put(path: string, text: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text, { mode: 0o644 });
}

/** Bun and the bundled code in one program. */
function putProgram(): void {
  const program = join(root, "breakwater");
  mkdirSync(root, { recursive: true });
  const bun = resolve("node_modules/.bin/bun");
  execFileSync(bun, ["build", "src/entry/bun.ts", "--compile", "--minify", "--outfile", program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  chmodSync(program, 0o755);
  putLibraries(program);
}

/** The shared libraries that a program names, from where its loader looks for them. */
function putLibraries(program: string): void {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  for (const [, path] of listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    const target = join(root, path as string);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path as string, target);
  }
}

putProgram();
put("etc/ssl/certs/ca-certificates.crt", `${rootCertificates.join("\n")}\n`);
put("etc/passwd", `breakwater:x:${USER}:${USER}::/:/sbin/nologin\n`);
// Without it glibc asks DNS before the hosts that a container is given.
put("etc/nsswitch.conf", "hosts: files dns\n");
put("etc/group", `breakwater:x:${USER}:\n`);
