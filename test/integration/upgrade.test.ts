import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FormerVersion, unpackFormerVersion } from "../support/former-version.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import type { Part } from "../support/part.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import { startSenders } from "../support/steady-senders.ts";
import { crowd, isStorm, postAll } from "../support/storms.ts";

const PER_SECOND = 200;
const STORM = 100;

/** A tenth of all deliveries are of a problem that is new; the others repeat one of the latest twenty. */
const podOf = (n: number) => `pod-${Math.floor(n / 50) - (n % 10 === 0 ? 0 : n % 20)}`;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let former: FormerVersion;
let own: OwnRedis;
let installation: Installation;
let gateways: Part[];
let namespace: string;

beforeAll(async () => {
  former = unpackFormerVersion();
  [own, namespace] = await Promise.all([startOwnRedis(), freshNamespace("upgrade")]);
  installation = await startInstallation({
    bridge: own.bridge,
    forgets: true,
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: "2", STORM_JOIN_SECONDS: "60", STORM_RULE_LONE: LONE },
  });
  gateways = [installation.gateway, await installation.addGateway({})];
});
afterAll(async () => {
  await installation?.stop();
  await own?.stop();
  former?.remove();
});

/** All but the storm's alerts pass at once. */
const LONE = JSON.stringify({ match: { alertname: "KubePodCrashLooping" }, bypass: true });

/** Ends a part in order and starts it as another version, at its address. */
async function becomes(part: Part, version: "former" | "current"): Promise<void> {
  await part.stop();
  await part.startFrom(version === "former" ? join(former.dir, "src/entry/bun.ts") : null);
}

describe("from the version before to this one, back, and on again", { timeout: 240_000 }, () => {
  it(`loses and doubles nothing and counts exactly under ${PER_SECOND} webhooks a second, with a storm in between`, async () => {
    const { proxy, sourceToken } = installation;
    // The proxy comes first on the way up, and last on the way down.
    const up = [proxy, ...gateways];
    const down = up.toReversed();
    for (const part of down) await becomes(part, "former");
    const senders = startSenders({
      ...{ gateways, authorization: () => `Bearer ${sourceToken}`, perSecond: PER_SECOND },
      alert: (n) => ({ namespace, pod: podOf(n) }),
    });
    const members = crowd(STORM, { namespace, alertname: "NodeDown" });
    const storm = async (from: number, to: number) => {
      const gateway = gateways[from % 2] as Part;
      const { status } = await postAll({ gateway, sourceToken }, members.slice(from, to));
      expect(status).toBeLessThan(300);
    };
    await pause(3_000);
    await storm(0, 40);
    for (const part of up) await becomes(part, "current");
    await storm(40, 60);
    await pause(2_000);
    for (const part of down) await becomes(part, "former");
    await storm(60, 80);
    await pause(2_000);
    for (const part of up) await becomes(part, "current");
    await storm(80, STORM);
    await pause(2_000);
    const { taken, failed, again, sent } = await senders.stop();
    console.log(`${sent} deliveries, ${again} sent again, ${failed} given up, ${taken.size} problems`);
    expect(failed).toBe(0);
    await expect.poll(() => own.owed(installation.cluster), { timeout: 60_000, interval: 500 }).toBe(0);
    const requests = await requestsIn(namespace);
    const lone = requests.filter((request) => !isStorm(request));
    const counts = new Map(lone.map(({ spec, status }) => [podIn(spec), status?.deduplication?.occurrenceCount ?? 1]));
    expect(lone.length, "one request a problem").toBe(counts.size);
    expect(Object.fromEntries([...counts].toSorted())).toEqual(Object.fromEntries([...taken].toSorted()));
    const storms = requests.filter(isStorm);
    expect(storms.map(({ status }) => [status?.storm?.alertCount, status?.deduplication?.occurrenceCount])).toEqual([[STORM, STORM]]);
  });
});

const podIn = (spec: { readonly [field: string]: unknown }): string => (spec.signalLabels as { pod: string }).pod;
