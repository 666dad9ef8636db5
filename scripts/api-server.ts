// Starts the real API server of the tests with the CRD installed, and keeps it until it is interrupted: a cluster to try things on.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApiServer } from "../test/support/api-server.ts";

const dir = mkdtempSync(join(tmpdir(), "breakwater-api-server-"));
console.log("Starting the API server; the first time it is built, which takes minutes …");
const server = await startApiServer(dir);
execFileSync("kubectl", ["--kubeconfig", server.kubeconfigPath, "apply", "-k", "deploy"], { stdio: "inherit" });
console.log(`ready: KUBE_CONFIG=${server.kubeconfigPath}`);
const stop = async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
  process.exit(0);
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
setInterval(() => {}, 60_000);
