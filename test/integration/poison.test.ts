import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OCCURRENCES_MAX } from "../../src/domain/ledger-limits.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn } from "../support/requests.ts";
import { fire } from "../support/sender.ts";

const WINDOW_MS = 2_000;
/** How much later than its window's end a lone alert may have its request. */
const LATE_MS = 5_000;

/** Objects that are poisoned, each by four POSTs: two events that begin at 1 and then grow as far as a number goes. */
const POISONED = 60;
const LONE = 20;

const token = randomUUID();
let installation: Installation;
beforeAll(async () => {
  const bearerSha256 = createHash("sha256").update(token).digest("hex");
  installation = await startInstallation({
    gateway: {
      ENABLE_STORM_BUFFERING: "true",
      STORM_FIRST_REQUEST_SECONDS: `${WINDOW_MS / 1_000}`,
      SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256 }], namespaces: ["shop-*"] }),
    },
  });
}, 60_000);
afterAll(() => installation?.stop());

async function postEvent(namespace: string, pod: string, uid: string, count: number): Promise<void> {
  const involvedObject = { kind: "Pod", name: pod, namespace };
  const metadata = { name: `${pod}.${uid}`, namespace, uid };
  const event = { apiVersion: "v1", kind: "Event", metadata, type: "Warning", reason: `BackOff${pod}`, count, involvedObject };
  const response = await fetch(new URL("/api/v1/signals/kubernetes-event", installation.gateway.url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(event),
  });
  expect(response.status).toBeLessThan(300);
}

it("a source that tells of numbers near 2^53 keeps no other from its requests, and its own counts are capped and written", {
  timeout: 120_000,
}, async () => {
  const [shop, other] = [await freshNamespace("shop"), await freshNamespace("other")];
  const pods = Array.from({ length: POISONED }, (_, at) => `pod-${at}`);
  for (const count of [1, Number.MAX_SAFE_INTEGER])
    for (const event of ["a", "b"]) await Promise.all(pods.map((pod) => postEvent(shop, pod, `${event}-${pod}`, count)));
  const lone = Array.from({ length: LONE }, (_, at) => `Lone${at}`);
  for (const alertname of lone) expect(await fire(installation, { namespace: other, alertname })).toMatchObject({ status: 202 });
  await expect.poll(() => countsIn(other), { timeout: WINDOW_MS + LATE_MS, interval: 250 }).toEqual(lone.map(() => 1));
  await expect.poll(() => countsIn(shop), { timeout: 60_000, interval: 500 }).toEqual(pods.map(() => OCCURRENCES_MAX));
});
