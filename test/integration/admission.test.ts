import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { CREATION, createConfiguration, denyByPolicy, inNamespace, removeConfiguration, untilAnswered } from "../support/admission.ts";
import { type DenyingWebhook, openDenyingWebhook } from "../support/denying-webhook.ts";
import { type Installation, READ_TOKEN, startInstallation } from "../support/installation.ts";
import { freshName, freshNamespace } from "../support/real-parts.ts";
import { countsIn } from "../support/requests.ts";
import { fire } from "../support/sender.ts";

/** How long admission denies, and how long after its end the last request may come. */
const DENIED_MS = 20_000;
const AFTER_MS = 15_000;

const ALERTS = 12;

let installation: Installation;
let webhook: DenyingWebhook;
beforeAll(async () => {
  installation = await startInstallation();
  webhook = await openDenyingWebhook();
}, 60_000);
afterAll(async () => {
  await installation?.stop();
  await webhook?.close();
});

/** Values of a series of the gateway. */
async function series(name: RegExp): Promise<number[]> {
  const response = await fetch(new URL("/metrics", installation.gateway.url), { headers: { authorization: `Bearer ${READ_TOKEN}` } });
  const samples = (await response.text()).matchAll(/^(\w+\{[^}]*\}) (\S+)$/gm);
  return [...samples].filter(([, label = ""]) => name.test(label)).map(([, , value]) => Number(value));
}

/** Denies by a webhook until the returned function is called; it blames a field, as the API server itself does. */
async function denyByWebhook(namespace: string, code: number): Promise<() => Promise<unknown>> {
  const name = freshName("webhook");
  const clientConfig = { url: webhook.url(code), caBundle: webhook.caBundle };
  const one = {
    name: `${name}.test.example`,
    clientConfig,
    rules: [CREATION],
    namespaceSelector: inNamespace(namespace),
    failurePolicy: "Fail",
  };
  await createConfiguration("validatingwebhookconfigurations", {
    metadata: { name },
    webhooks: [{ ...one, sideEffects: "None", admissionReviewVersions: ["v1"] }],
  });
  return () => removeConfiguration("validatingwebhookconfigurations", name);
}

/** Whoever denies has a namespace of its own, so all can at once. */
describe.concurrent.each([
  ["a policy with 403", 403, (namespace: string) => denyByPolicy(namespace, "Forbidden")],
  ["a policy with 413", 413, (namespace: string) => denyByPolicy(namespace, "RequestEntityTooLarge")],
  ["a policy with 422", 422, (namespace: string) => denyByPolicy(namespace, "Invalid")],
  ["a webhook with 400", 400, (namespace: string) => denyByWebhook(namespace, 400)],
  ["a webhook with 403", 403, (namespace: string) => denyByWebhook(namespace, 403)],
  ["a webhook with 422", 422, (namespace: string) => denyByWebhook(namespace, 422)],
])("a denial by %s", (_, code, deny) => {
  it("costs no alert: each has its request within 15 s of its end, and none becomes a dead letter", { timeout: 120_000 }, async ({
    expect,
  }) => {
    const namespace = await freshNamespace();
    const allow = await deny(namespace);
    expect(await untilAnswered(namespace, true)).toBe(code);
    const deniedMs = performance.now();
    const pods = Array.from({ length: ALERTS }, (__, at) => `pod-${at}`);
    for (const pod of pods) expect(await fire(installation, { namespace, pod })).toMatchObject({ status: 202 });
    await sleep(DENIED_MS - (performance.now() - deniedMs));
    expect(await countsIn(namespace)).toEqual([]);
    await allow();
    await untilAnswered(namespace, false);
    await expect.poll(() => countsIn(namespace), { timeout: AFTER_MS, interval: 500 }).toEqual(pods.map(() => 1));
    expect(await series(/^gateway_intent_failures_total.*"admission-denied"/)).toEqual([expect.any(Number)]);
    expect(await series(/^gateway_dead_letters\{/)).toEqual([0, 0, 0]);
  });
});
