import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { MEMBERS_MAX } from "../../src/domain/ledger-limits.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import type { Part } from "../support/part.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { countsIn, requestsIn } from "../support/requests.ts";
import type { AlertResult } from "../support/sender.ts";

/** Two exporters, each with a gateway of its own. */
let own: OwnRedis;
let installation: Installation;
let exporters: readonly { readonly gateway: Pick<Part, "url">; readonly token: string }[];
let namespace: string;

beforeAll(async () => {
  own = await startOwnRedis();
  const token = randomUUID();
  const bearerSha256 = createHash("sha256").update(token).digest("hex");
  installation = await startInstallation({ bridge: own.bridge, gateway: { SOURCE_SECOND: JSON.stringify({ auth: [{ bearerSha256 }] }) } });
  exporters = [
    { gateway: installation.gateway, token: installation.sourceToken },
    { gateway: await installation.addGateway({}), token },
  ];
});
afterAll(async () => {
  await installation?.stop();
  await own?.stop();
});
beforeEach(async () => {
  namespace = await freshNamespace();
});

/** As core/v1 has it. */
const eventOf = (uid: string, count: number) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `checkout-1.${uid}`, namespace, uid },
  type: "Warning",
  reason: "BackOff",
  message: "Back-off restarting failed container",
  count,
  firstTimestamp: "2026-01-15T09:30:00Z",
  lastTimestamp: "2026-01-15T09:40:00Z",
  involvedObject: { kind: "Pod", name: "checkout-1", namespace },
});

/** The same as events.k8s.io/v1 has it. */
const seriesOf = (uid: string, count: number) => {
  const { involvedObject: regarding, message: note, count: _, firstTimestamp, lastTimestamp: lastObservedTime, ...rest } = eventOf(uid, 1);
  const eventTime = firstTimestamp.replace("Z", ".000000Z");
  return { ...rest, apiVersion: "events.k8s.io/v1", regarding, note, eventTime, ...(count > 1 && { series: { count, lastObservedTime } }) };
};

async function post(payload: unknown, exporter = 0): Promise<readonly AlertResult[]> {
  const { gateway, token } = exporters[exporter] as (typeof exporters)[number];
  const response = await fetch(new URL("/api/v1/signals/kubernetes-event", gateway.url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(payload),
  });
  expect(response.status).toBeLessThan(300);
  return ((await response.json()) as { results: AlertResult[] }).results;
}
const counted = (counts: readonly number[]) => expect.poll(() => countsIn(namespace), { timeout: 15_000, interval: 250 }).toEqual(counts);

describe("a Kubernetes event", () => {
  it.each([
    ["core/v1", eventOf],
    ["events.k8s.io/v1", seriesOf],
  ])("of %s counts by the growth of its own count, and what it said before changes nothing", async (_version, event) => {
    const uid = randomUUID();
    expect((await post(event(uid, 1)))[0]).toMatchObject({ outcome: "created", occurrenceCount: 1 });
    const later = [];
    for (const count of [4, 4, 2, 9, 9]) later.push((await post(event(uid, count)))[0]);
    expect(later.map((result) => result?.occurrenceCount)).toEqual([4, 4, 4, 9, 9]);
    await counted([9]);
    expect((await requestsIn(namespace))[0]?.spec).toMatchObject({ signalName: "BackOff", signalType: "kubernetes-event" });
  });

  it("that two exporters send counts once, in whichever version and order it comes", async () => {
    const uid = randomUUID();
    await Promise.all([post(eventOf(uid, 1)), post(seriesOf(uid, 1), 1)]);
    const counts = Array.from({ length: 20 }, (_, at) => ((at * 7) % 20) + 1);
    await Promise.all(counts.flatMap((count) => [post(eventOf(uid, count)), post(seriesOf(uid, count), 1)]));
    await counted([20]);
  });

  it("of another uid counts beside it on the same request", async () => {
    const [former, latter] = [randomUUID(), randomUUID()];
    await post([eventOf(former, 1), eventOf(latter, 1)]);
    await post([eventOf(former, 3), eventOf(latter, 6)], 1);
    await counted([9]);
  });

  it(`is remembered beside ${MEMBERS_MAX - 1} others of its object, and each further one counts whenever it comes`, async () => {
    const uids = Array.from({ length: MEMBERS_MAX + 6 }, () => randomUUID());
    const all = uids.map((uid) => eventOf(uid, 1));
    await post(all);
    await counted([uids.length]);
    await post(all, 1);
    await counted([uids.length + 6]);
    const [request] = await requestsIn(namespace);
    const fields = await own.redis.hkeys(keysOf(installation.cluster).episode(`${request?.spec.signalFingerprint}`));
    expect(fields.filter((field) => field.startsWith("events:"))).toHaveLength(MEMBERS_MAX);
  });
});
