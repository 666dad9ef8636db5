import { afterAll, beforeAll, expect, it } from "vitest";
import { askApiServer } from "../../../test/support/real-parts.ts";
import { type Bench, pause, startBench } from "../bench.ts";
import { percentile, report } from "../figure.ts";

const ROUNDS = 60;

/** Time between two alerts of a round. */
const EVERY_MS = 10;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.stop());

/** Ends a request as a controller would, in one write. */
async function complete({ namespace, name }: { readonly namespace: string; readonly name: string }): Promise<void> {
  const path = `/apis/remediation.kubernaut.io/v1alpha1/namespaces/${namespace}/remediationrequests/${name}/status`;
  const body = { status: { overallPhase: "Completed" } };
  expect((await askApiServer(path, { method: "PATCH", body, contentType: "application/merge-patch+json" })).status).toBe(200);
}

/** From before the phase is written to the answer of the first alert that is no longer counted on the ended request. */
async function round(pod: string): Promise<number> {
  const { result } = await bench.fire(pod);
  const former = result?.remediationRequest;
  if (result?.outcome !== "created" || !former) throw new Error(`the first alert of ${pod} made no request`);
  const startedMs = performance.now();
  await complete(former);
  for (;;) {
    const { result: next } = await bench.fire(pod);
    if (next?.remediationRequest?.name !== former.name) return performance.now() - startedMs;
    await pause(EVERY_MS);
  }
}

it("a phase change decides the next alert", async (context) => {
  const took: number[] = [];
  for (let index = 0; index < ROUNDS; index += 1) took.push(await round(`phase-${index}`));
  report(context, [
    { name: "phase-change-to-decision-rounds", value: took.length, unit: "rounds", bar: { atLeast: 50 } },
    { name: "phase-change-to-decision-p50", value: percentile(took, 0.5), unit: "ms" },
    { name: "phase-change-to-decision-p95", value: percentile(took, 0.95), unit: "ms", bar: { atMost: 1_000 } },
  ]);
});
