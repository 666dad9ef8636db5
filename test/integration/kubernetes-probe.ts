import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { manifestFor } from "../../src/adapters/kubernetes/manifest.ts";
import { ensureOf, fingerprintOf } from "../unit/kubernetes/builders.ts";

/** Uses each call of the API once and prints what came of it; run by every runtime with a kubeconfig, a namespace and a timeout in ms. */
async function probe(kubeConfig: string, namespace: string, timeoutMs: number): Promise<unknown> {
  const api = createRequestApi(openKubernetes({ kubeConfig, timeoutMs }).objects);
  const { draft } = ensureOf(fingerprintOf("d"), "intent-a", namespace);
  const made = await api.create(namespace, manifestFor(draft, "intent-a", "rr-probe"));
  const time = "2026-03-01T10:00:00.000Z";
  const urgency = { highestSeverity: "critical", highestPriority: "P0" } as const;
  const deduplication = { ...urgency, firstSeen: time, lastSeen: time, occurrenceCount: 3, slots: { probe: 3 }, resolvedAt: null };
  await api.patchStatus(made, { deduplication });
  const counted = await api.get(made);
  const listed = (await api.list(namespace)).length;
  await api.delete(counted);
  return { created: made.uid === counted.uid, counted: counted.counted.slots, listed, afterwards: (await api.list(namespace)).length };
}

const [kubeConfig = "", namespace = "", timeoutMs = ""] = process.argv.slice(2);
const outcome = await probe(kubeConfig, namespace, Number(timeoutMs)).catch((error) => ({ problem: error.problem ?? String(error) }));
console.log(JSON.stringify(outcome));
process.exit(0);
