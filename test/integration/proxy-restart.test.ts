import { afterAll, beforeAll, expect, it } from "vitest";
import { createProxyWriter } from "../../src/adapters/proxy/client.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { OPERATIONS_PATH } from "../../src/protocol/operations.ts";
import { createSigner } from "../../src/protocol/token.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { ensureOf, fingerprintOf } from "../unit/kubernetes/builders.ts";

let installation: Installation;
beforeAll(async () => {
  installation = await startInstallation();
}, 60_000);
afterAll(() => installation?.stop());

/** Behind by as much as clocks may be, so that what it signs is older than a process that starts next. */
const behind = { now: () => systemClock.now() - 4_900 };

it("a call that was taken is not taken again by the proxy that is started next within the token's life, and a gateway signs its own anew", async () => {
  const { proxy, cluster, gatewaySettings } = installation;
  const signingKey = JSON.parse(gatewaySettings.CRD_PROXY_SIGNING_KEY ?? "");
  const namespace = await freshNamespace();
  const operation = { ...ensureOf(fingerprintOf("a"), "intent-a"), draft: { ...ensureOf(fingerprintOf("a"), "i").draft, namespace } };
  const body = new TextEncoder().encode(JSON.stringify({ operations: [operation], deadlineMs: 4_000 }));
  const headers = { authorization: `Bearer ${await createSigner(cluster, signingKey, behind)(body)}` };
  const post = async () => {
    const response = await fetch(new URL(OPERATIONS_PATH, proxy.url), { method: "POST", headers, body });
    return [response.status, await response.json()];
  };

  expect(await post()).toMatchObject([200, { results: [{ kind: "created" }] }]);
  await proxy.stop();
  await proxy.start();
  expect(await post()).toMatchObject([401, { code: "issued-before-start" }]);

  let signed = 0;
  const clock = { now: () => systemClock.now() - (signed++ === 0 ? 10_000 : 0) };
  const writer = createProxyWriter({ url: proxy.url, cluster, signingKey, clock });
  expect(await writer.perform([operation], 4_000)).toMatchObject([{ kind: "created", state: { name: expect.stringMatching(/-1$/) } }]);
  expect(signed).toBe(2);
}, 60_000);
