import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { checkInstalled } from "../../src/adapters/kubernetes/installed.ts";
import { createEmulation } from "../../src/emulation/app.ts";
import { FALLBACK } from "../unit/kubernetes/builders.ts";
import { apiBench, objectsOver } from "./kubernetes-bench.ts";
import { remediationWriterContract } from "./remediation-writer.contract.ts";

const emulated = () => {
  const crd: unknown = parse(readFileSync("deploy/crd.yaml", "utf8"));
  const { fetch } = createEmulation({ crd, token: "emulation-token", clock: { now: Date.now } });
  return objectsOver(fetch, "emulation-token");
};

remediationWriterContract("Kubernetes, on the emulation", async () => apiBench(emulated(), "shop", FALLBACK));

it("finds on the emulation the definition it needs", async () => {
  expect(await checkInstalled(emulated())).toBeNull();
});
