import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeconfig } from "../../../src/emulation/kubeconfig.ts";
import { startProcess } from "../../support/process.ts";

const TOKEN = "token-of-the-tests";

/** An emulation on a port of its own, under Bun as the embedded default runs it. */
export async function serveEmulation() {
  const { output, stop } = await startProcess({
    command: "bun",
    args: ["test/unit/emulation/serve.ts", TOKEN, "deploy/crd.yaml"],
    ready: /^http:\S+\n/,
  });
  const dir = mkdtempSync(join(tmpdir(), "breakwater-emulation-"));
  const kubeconfigPath = join(dir, "kubeconfig");
  writeFileSync(kubeconfigPath, kubeconfig(output().trim(), TOKEN));
  return {
    kubeconfigPath,
    async stop() {
      await stop();
      rmSync(dir, { recursive: true });
    },
  };
}
