import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { checkInstalled } from "../../src/adapters/kubernetes/installed.ts";
import { createEmulation } from "../../src/emulation/app.ts";
import { FALLBACK } from "../unit/kubernetes/builders.ts";
import { apiBench, kubernetesOver } from "./kubernetes-bench.ts";
import { remediationWriterContract } from "./remediation-writer.contract.ts";
import { requestWatchContract } from "./request-watch.contract.ts";
import { watchBench } from "./watch-bench.ts";

const emulated = () => {
  const crd: unknown = parse(readFileSync("deploy/crd.yaml", "utf8"));
  const { fetch } = createEmulation({ crd, token: "emulation-token", clock: { now: Date.now } });
  return kubernetesOver(fetch, "emulation-token");
};

remediationWriterContract("Kubernetes, on the emulation", async () => apiBench(emulated().objects, "shop", FALLBACK));

requestWatchContract("on the emulation", async () => watchBench(emulated(), "shop", FALLBACK));

it("finds on the emulation the definition it needs", async () => {
  expect(await checkInstalled(emulated().objects)).toBeNull();
});
