import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startController } from "../support/controller.ts";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, relaySettings, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { untilRelayed } from "../support/relaying.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import { fire } from "../support/sender.ts";

const OBJECTS = 30;
const RECORDS = 3 * OBJECTS;
const UPDATES = 10 * OBJECTS;

let own: OwnRedis;
let installation: Installation;
let front: Front;
let namespace: string;
/** How each count's way to Kubernetes ended. */
const recorded: string[] = [];

async function measure(pass: () => Promise<Response>, body: string): Promise<Response> {
  const response = await pass();
  const { results = [] } = (await response.clone().json()) as { results?: readonly { readonly kind: string }[] };
  const { operations } = JSON.parse(body) as { operations: readonly { readonly kind: string }[] };
  operations.forEach(({ kind }, at) => {
    if (kind === "record") recorded.push(results[at]?.kind ?? "failed");
  });
  return response;
}

beforeAll(async () => {
  own = await startOwnRedis();
  namespace = await freshNamespace();
  const aside = await freshNamespace();
  front = await openFront({ target: () => installation.proxy.url, answer: ({ body }, pass) => measure(pass, body) });
  installation = await startInstallation({
    bridge: own.bridge,
    proxies: [relaySettings(own.bridge, [aside, namespace])],
    gateway: { CRD_PROXY_URL: front.url, DEDUP_STATE_TTL_SECONDS: "0" },
  });
  await untilRelayed(installation, aside);
});
afterAll(async () => {
  await installation?.stop();
  await front?.close();
  await own?.stop();
});

const pods = Array.from({ length: OBJECTS }, (_, at) => `checkout-${at}`);
const fireEach = async () => {
  const answers = await Promise.all(pods.map((pod) => fire(installation, { namespace, pod })));
  expect(answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
};
const counted = (count: number) =>
  expect.poll(() => countsIn(namespace), { timeout: 30_000, interval: 250 }).toEqual(Array(OBJECTS).fill(count));

describe("beside a controller that writes whole statuses without a pause", () => {
  it("99 of 100 updates succeed, and in the end every count is there, also what only the watch has seen", { timeout: 90_000 }, async () => {
    for (let times = 0; times < 3; times++) await fireEach();
    await counted(3);
    // From here on, nobody but the watch knows the slots that hold these.
    await own.forget();
    recorded.length = 0;
    const controller = startController(await requestsIn(namespace));
    let times = 0;
    for (; recorded.length < RECORDS || controller.updates() < UPDATES; times++) {
      await fireEach();
      await sleep(200);
    }
    const succeeded = recorded.filter((kind) => kind === "recorded").length;
    expect(succeeded / recorded.length).toBeGreaterThanOrEqual(0.99);
    await controller.stop();
    await counted(3 + times);
  });
});
