// Installs from the lockfile when what is installed does not fit it. Plain JavaScript, because it runs
// on the machine's own Node (20 or newer), before the pinned one is there.
// `--production` asks for no more than production needs. Standard output stays the command's own.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const productionOnly = process.argv.includes("--production");

const packagesIn = (path) => JSON.parse(readFileSync(path, "utf8")).packages;

/** npm writes this file last, so an interrupted install has none. */
const installedLock = "node_modules/.package-lock.json";

const fitsMachine = ({ os, cpu }) => (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);

/** Says whether everything the lockfile asks for is there at its version, whoever installed it. */
function isInstalled() {
  if (!existsSync(installedLock)) return false;
  const installed = packagesIn(installedLock);
  const wanted = Object.entries(packagesIn("package-lock.json")).filter(([path, { dev }]) => path !== "" && !(productionOnly && dev));
  return (
    existsSync("node_modules/.bin/node") && // the link dangles when install scripts were skipped
    Object.values(installed).every(fitsMachine) &&
    wanted.every(([path, { version, optional }]) => (optional && !installed[path]) || installed[path]?.version === version)
  );
}

if (!isInstalled()) {
  const started = Date.now();
  console.error(`Installing ${productionOnly ? "production " : ""}dependencies from package-lock.json, once …`);
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
  const install = spawnSync(command, [...prefix, "ci", ...(productionOnly ? ["--omit=dev"] : ["--include=dev"]), "--loglevel=error"], {
    encoding: "utf8",
    shell: !npm && process.platform === "win32",
  });
  if (install.status !== 0) {
    process.stderr.write(
      `${install.stdout ?? ""}${install.stderr ?? ""}${install.error?.message ?? ""}\nThe install failed; \`npm ci\` shows it again.\n`,
    );
    process.exit(install.status ?? 1);
  }
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}
