import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "../../src/adapters/redis/keys.ts";
import { type BridgeProcess, startBridge } from "../support/bridge.ts";
import { freePort } from "../support/free-port.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { requestsIn } from "../support/requests.ts";
import { type AlertLabels, alertOf, fire, post, webhookOf } from "../support/sender.ts";
import { crowd, isStorm, lineOf, outcomes, postAll, tellingOf, told } from "../support/storms.ts";

const THRESHOLD = 5;
const SETTINGS = {
  ENABLE_STORM_BUFFERING: "true",
  STORM_FIRST_REQUEST_SECONDS: "2",
  STORM_RULE_PATIENT: JSON.stringify({ match: { alertname: "Patient*" }, firstRequestSeconds: 60 }),
  CRD_PROXY_TIMEOUT_MS: "1000",
};
const within = { timeout: 20_000, interval: 200 };

let namespace: string;
beforeEach(async () => {
  namespace = await freshNamespace();
});

const storms = async () => (await requestsIn(namespace)).filter(isStorm).map(told);
const counts = async () =>
  (await requestsIn(namespace)).map(({ metadata, status }) => [
    metadata.labels["breakwater.dev/buffered"],
    status?.deduplication?.occurrenceCount ?? 1,
  ]);

describe("a Redis that fails while alerts wait", () => {
  let dir: string;
  let redis: RedisServer;
  let bridge: BridgeProcess;
  let installation: Installation;
  let startRedis: () => Promise<void>;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "breakwater-storm-redis-"));
    const port = await freePort();
    startRedis = async () => {
      redis = await startRedisServer(dir, ["--port", `${port}`, "--appendonly", "yes", "--appendfsync", "always"]);
    };
    await startRedis();
    bridge = await startBridge(`redis://127.0.0.1:${port}`);
    installation = await startInstallation({ bridge, gateway: SETTINGS });
  });
  afterAll(async () => {
    await installation?.stop();
    await bridge?.stop();
    await redis?.stop();
    rmSync(dir, { recursive: true });
  });

  /** As Alertmanager sends a group: sent again, it is the same delivery. */
  const group = (alerts: readonly AlertLabels[]) => ({
    ...webhookOf(...alerts.map((labels) => alertOf(labels))),
    groupKey: `{}:{pod="${alerts[0]?.pod}"}`,
  });
  const deliver = (webhook: object) => expect.poll(async () => (await post(installation, webhook)).status, within).toBeLessThan(300);

  it("makes senders repeat what nobody could take, the cluster being out of reach as well, and nothing is lost or doubled", async () => {
    const alerts = crowd(THRESHOLD + 2, { namespace, alertname: "PatientFault" });
    expect((await postAll(installation, alerts.slice(0, 2))).status).toBe(202);
    await Promise.all([redis.stop("SIGKILL"), installation.proxy.stop("SIGKILL")]);
    const rest = group(alerts.slice(2));
    const refused = await post(installation, rest);
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
    expect(await requestsIn(namespace)).toEqual([]);
    await Promise.all([startRedis(), installation.proxy.start()]);
    await deliver(rest);
    await expect.poll(storms, within).toEqual([tellingOf(alerts, THRESHOLD + 2)]);
    await deliver(rest);
    expect((await fire(installation, alerts[3] as AlertLabels)).result).toMatchObject({ outcome: "duplicate", occurrenceCount: 2 });
    expect(await requestsIn(namespace)).toHaveLength(1);
  });

  it("lets alerts pass at once, one that waits included, and the storm of afterwards leaves to their requests who has one", async () => {
    const alerts = crowd(THRESHOLD + 1, { namespace, alertname: "PatientDirect" });
    expect((await postAll(installation, alerts.slice(0, 2))).status).toBe(202);
    await redis.stop("SIGKILL");
    const { results } = await postAll(installation, alerts.slice(1, 3));
    expect(results.map(({ outcome, rung }) => [outcome, rung])).toEqual(Array(2).fill(["created", "direct"]));
    await startRedis();
    const elsewhere = await freshNamespace();
    await expect.poll(async () => (await fire(installation, { namespace: elsewhere })).result?.rung, within).not.toBe("direct");
    expect((await postAll(installation, alerts)).status).toBe(201);
    const apart = alerts.filter((_, at) => at !== 1 && at !== 2);
    await expect.poll(storms, within).toEqual([tellingOf(apart, apart.length + 1)]);
    await expect
      .poll(async () => (await counts()).sort(), within)
      .toEqual([
        [undefined, 2],
        [undefined, 3],
        [undefined, apart.length + 1],
      ]);
    expect((await requestsIn(namespace)).filter((request) => !isStorm(request))).toHaveLength(2);
  });
});

describe("storms", () => {
  let own: OwnRedis;
  let front: KubernetesFront;
  let installation: Installation;
  beforeAll(async () => {
    [own, front] = await Promise.all([startOwnRedis(), openKubernetesFront()]);
    installation = await startInstallation({ bridge: own.bridge, kubernetesUrl: front.url, gateway: SETTINGS });
  });
  afterAll(async () => {
    await installation?.stop();
    await front?.close();
    await own?.stop();
  });

  /** Waits until the storm of a group lists and counts exactly these, which are its threshold at least. */
  async function makeStorm(alerts: readonly AlertLabels[]): Promise<void> {
    for (let at = 0; at < alerts.length; at += 500)
      expect((await postAll(installation, alerts.slice(at, at + 500))).status).toBeLessThan(300);
    await expect.poll(async () => (await storms()).map(({ alerts: listed }) => listed), within).toEqual([alerts.length]);
  }

  describe("that nobody can make requests for", () => {
    const openIntents = () => own.redis.zcard(keysOf(installation.cluster).intents);

    it("expire while the API server is out of reach, and are made up for afterwards", async () => {
      front.cut();
      const alerts = crowd(THRESHOLD - 2, { namespace });
      expect(outcomes((await postAll(installation, alerts)).results)).toEqual(Array(THRESHOLD - 2).fill("buffered"));
      await expect.poll(openIntents, within).toBe(THRESHOLD - 2);
      const waiting = (await fire(installation, alerts[0] as AlertLabels)).result;
      expect(waiting).toMatchObject({ outcome: "duplicate", reason: "request-pending", remediationRequest: null });
      front.open();
      await expect
        .poll(async () => (await counts()).sort(), within)
        .toEqual([
          ["true", 1],
          ["true", 1],
          ["true", 2],
        ]);
    });

    it("reach their threshold while the proxy is down, go on, and have one request of all members afterwards", async () => {
      await installation.proxy.stop("SIGKILL");
      const alerts = crowd(THRESHOLD + 3, { namespace });
      const early = await postAll(installation, alerts.slice(0, THRESHOLD));
      expect([early.status, ...outcomes(early.results)]).toEqual([202, ...Array(THRESHOLD - 1).fill("buffered"), "accepted"]);
      expect(outcomes((await postAll(installation, alerts.slice(THRESHOLD))).results)).toEqual(Array(3).fill("appended"));
      await installation.proxy.start();
      await expect.poll(storms, within).toEqual([tellingOf(alerts, THRESHOLD + 3)]);
      expect(await requestsIn(namespace)).toHaveLength(1);
    });
  });

  describe("that Redis forgot", () => {
    it("are gone on with by the next alerts of their group: members that the request holds count on it, others join", async () => {
      const before = crowd(THRESHOLD + 1, { namespace, alertname: "PatientFlush" });
      await makeStorm(before);
      await own.forget();
      const after = [...before.slice(0, 2), ...crowd(THRESHOLD, { namespace, alertname: "PatientFlush" }, 50)];
      const { results } = await postAll(installation, after);
      expect(outcomes(results)).toEqual([...Array(THRESHOLD - 1).fill("buffered"), ...Array(3).fill("appended")]);
      await expect.poll(storms, within).toEqual([tellingOf([...before, ...after], before.length + after.length)]);
      expect((await fire(installation, before[5] as AlertLabels)).result).toMatchObject({ outcome: "appended", occurrenceCount: 1 });
      expect((await fire(installation, after[6] as AlertLabels)).result).toMatchObject({ outcome: "duplicate", occurrenceCount: 2 });
      expect(await requestsIn(namespace)).toHaveLength(1);
    });

    it("keep a member that fires alone afterwards, also one whose name their request had no room for", async () => {
      // Names as long as they get: those of 2,200 are more than an object of 512 KiB holds.
      const long = crowd(2_200, { namespace, alertname: "LongNames" }).map(({ pod, ...labels }) => ({
        ...labels,
        pod: `${pod}-${"x".repeat(240)}`,
      }));
      await makeStorm(long);
      const [storm] = (await requestsIn(namespace)).filter(isStorm);
      expect(storm?.status?.storm).toMatchObject({ alertCount: 2_200, truncated: true });
      const unnamed = long.find((labels) => !storm?.status?.storm?.members.includes(lineOf(labels))) as AlertLabels;
      expect(storm?.status?.storm?.members).toContainEqual(expect.stringMatching(`^${lineOf(unnamed).slice(0, 16)}`));
      await own.forget();
      expect((await fire(installation, unnamed)).result).toMatchObject({ outcome: "buffered" });
      const again = async () => (await fire(installation, unnamed)).result?.remediationRequest;
      await expect.poll(again, within).toEqual({ namespace, name: storm?.metadata.name });
      expect(await requestsIn(namespace)).toHaveLength(1);
    });
  });
});
