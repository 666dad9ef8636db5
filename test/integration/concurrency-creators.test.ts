import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationResult } from "../../src/ports/remediation-writer.ts";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import type { Part } from "../support/part.ts";
import { freshNamespace, realParts } from "../support/real-parts.ts";
import { createRequest, deleteRequest, type RequestObject, requestsIn, setPhase } from "../support/requests.ts";
import { draftFor } from "../unit/kubernetes/builders.ts";

const ROUNDS = 100;
const AT_ONCE = 10;

/** Two proxies without a Redis, so that nobody arbitrates, and an API server that answers each of their calls at a time of its own. */
let front: Front;
let installation: Installation;
let namespace: string;

beforeAll(async () => {
  const { apiServerUrl, caFile } = realParts();
  front = await openFront({
    target: () => apiServerUrl,
    dispatcher: new Agent({ connect: { ca: readFileSync(caFile) } }),
    async answer(_call, pass) {
      await sleep(Math.random() * 30);
      return pass();
    },
  });
  namespace = await freshNamespace();
  installation = await startInstallation({ kubernetesUrl: front.url, proxies: [{}, {}] });
});
afterAll(async () => {
  await installation?.stop();
  await front?.close();
});

const fingerprintOf = (round: number) => createHash("sha256").update(`${namespace} ${round}`).digest("hex");
const isLive = ({ status, metadata }: RequestObject) => status?.overallPhase !== "Completed" && !metadata.deletionTimestamp;

/** Tries an intent until a proxy says that its request exists. */
async function create(proxy: Part, fingerprint: string, intent: string): Promise<OperationResult> {
  for (let retry = false; ; retry = true) {
    const ensure = { kind: "ensure", intent, retry, draft: draftFor(fingerprint, namespace), buffered: false } as const;
    const [result] = await installation.writerOn(proxy).perform([ensure], 5_000);
    if (result && result.kind !== "failed" && result.kind !== "pending") return result;
  }
}

/** Four creators at once while the ended request that they all may have seen goes away. */
async function round(n: number): Promise<readonly OperationResult[]> {
  const fingerprint = fingerprintOf(n);
  const { spec } = draftFor(fingerprint, namespace);
  const ended = await createRequest(namespace, `rr-${fingerprint.slice(0, 32)}-1`, spec);
  await setPhase(ended, "Completed");
  const deletion = sleep(Math.random() * 60).then(() => deleteRequest(ended));
  const creations = installation.proxies.flatMap((proxy, at) =>
    ["a", "b"].map(async (which) => {
      await sleep(Math.random() * 40);
      return create(proxy, fingerprint, `intent-${n}-${at}-${which}`);
    }),
  );
  const results = await Promise.all(creations);
  await deletion;
  return results;
}

describe("two proxies without a Redis", () => {
  it("leave one live request of each fingerprint that both create at once, while ended ones are deleted", { timeout: 90_000 }, async () => {
    const results: OperationResult[] = [];
    for (let n = 0; n < ROUNDS; n += AT_ONCE)
      results.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => round(n + at)))).flat());
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(["created", "existing"]));
    const live = (await requestsIn(namespace)).filter(isLive).map(({ spec }) => spec.signalFingerprint);
    expect(live.sort()).toEqual(Array.from({ length: ROUNDS }, (_, n) => fingerprintOf(n)).sort());
  });
});
