import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { freePort } from "../support/free-port.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { createPart, type Part } from "../support/part.ts";
import { askApiServer, freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { countsIn, createRequest, deleteRequest, type RequestObject, requestsIn, setFinalizers, setPhase } from "../support/requests.ts";
import { alertOf, counters, fire, post, webhookOf } from "../support/sender.ts";

/** Two gateways of one cluster: `asking` looks at Kubernetes for each repeat, `trusting` believes for 30 s what it saw. */
let front: KubernetesFront;
let asking: Installation;
let trusting: { readonly gateway: Part; readonly sourceToken: string };
let namespace: string;

beforeAll(async () => {
  front = await openKubernetesFront();
  asking = await startInstallation({ kubernetesUrl: front.url, gateway: { DEDUP_STATE_TTL_SECONDS: "0" } });
  trusting = { gateway: await asking.addGateway({ DEDUP_STATE_TTL_SECONDS: "30" }), sourceToken: asking.sourceToken };
});
afterAll(async () => {
  await asking?.stop();
  await front?.close();
});
beforeEach(async () => {
  front.open();
  namespace = await freshNamespace();
});

/** The request that the first alert of this namespace has made. */
async function firstRequest(): Promise<RequestObject> {
  expect(await fire(asking, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", occurrenceCount: 1 } });
  const [request] = await requestsIn(namespace);
  return request as RequestObject;
}

const counted = (counts: readonly number[]) => expect.poll(() => countsIn(namespace), { timeout: 15_000 }).toEqual(counts);

describe("a repeat", () => {
  it("of a live request is its duplicate and raises the count in its status", async () => {
    const request = await firstRequest();
    const { metadata, spec } = request;
    await setPhase(request, "Pending");
    expect(await fire(asking, { namespace })).toMatchObject({
      status: 202,
      result: {
        fingerprint: spec.signalFingerprint,
        outcome: "duplicate",
        remediationRequest: { namespace, name: metadata.name },
        occurrenceCount: 2,
        reason: "request-live",
        rung: "kubernetes",
      },
    });
    await counted([2]);
  });

  it.each(["Completed", "Failed", "Cancelled", "Skipped", "TimedOut"])("of a request in phase %s makes a second one", async (phase) => {
    await setPhase(await firstRequest(), phase);
    expect(await fire(asking, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", occurrenceCount: 1 } });
    expect(await countsIn(namespace)).toEqual([1, 1]);
  });

  it.each(["", "Pending", "Processing", "Analyzing", "AwaitingApproval", "Executing", "Recovering", "completed", "SomethingNew"])(
    "of a request in phase %j makes no second one",
    async (phase) => {
      await setPhase(await firstRequest(), phase);
      expect(await fire(asking, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", rung: "kubernetes" } });
      expect(await requestsIn(namespace)).toHaveLength(1);
    },
  );

  it("of a deleted request makes a new one", async () => {
    const former = await firstRequest();
    await deleteRequest(former);
    expect(await fire(asking, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", reason: "request-ended" } });
    const requests = await requestsIn(namespace);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.metadata.uid).not.toBe(former.metadata.uid);
  });

  it("of a request that a finalizer keeps from going makes a new one beside it", async () => {
    const former = await firstRequest();
    await setFinalizers(former, ["example.com/hold"]);
    await deleteRequest(former);
    expect(await fire(asking, { namespace })).toMatchObject({ status: 201, result: { outcome: "created" } });
    const requests = await requestsIn(namespace);
    expect(requests.map(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([true, false]);
    await setFinalizers(former, []);
  });
});

describe("a state that was seen", () => {
  const looks = async (gateway: Part) => {
    const { gateway_crd_state_cache_hits_total: hits = 0, gateway_crd_state_cache_misses_total: misses = 0 } = await counters(gateway);
    return { hits, misses };
  };

  it("is believed for its time and counted as a hit, and looked at again and counted as a miss after it", async () => {
    await firstRequest();
    const before = await looks(asking.gateway);
    expect(await fire(trusting, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", rung: "cache" } });
    expect(await looks(trusting.gateway)).toEqual({ hits: before.hits + 1, misses: before.misses });
    expect(await fire(asking, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", rung: "kubernetes" } });
    expect(await looks(asking.gateway)).toEqual({ hits: before.hits + 1, misses: before.misses + 1 });
  });

  it("that proves wrong afterwards costs nothing: the repeat gets a request of its own", async () => {
    await setPhase(await firstRequest(), "Completed");
    expect(await fire(trusting, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", rung: "cache" } });
    await counted([2, 1]);
    expect((await requestsIn(namespace)).map(({ status }) => status?.overallPhase)).toEqual(["Completed", undefined]);
  });

  it("is looked at by one of many callers once it is stale, while the others are answered from what was seen", async () => {
    const { metadata } = await firstRequest();
    const looksAt = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith("GET ") && line.endsWith(`/${metadata.name}`)).length;
    front.hold();
    const looking = fire(asking, { namespace });
    await expect.poll(() => looksAt(front.held()), { interval: 10 }).toBe(1);
    const others = await Promise.all(Array.from({ length: 20 }, () => fire(asking, { namespace })));
    expect(others.map(({ result }) => [result?.outcome, result?.rung])).toEqual(others.map(() => ["duplicate", "cache"]));
    expect([looksAt(front.passed), looksAt(front.held())]).toEqual([0, 1]);
    front.open();
    expect(await looking).toMatchObject({ status: 202, result: { outcome: "duplicate", rung: "kubernetes" } });
    await counted([22]);
  });
});

describe("many callers", () => {
  it("with the same new alert at the same time make one request, which counts them all", async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => fire(at % 2 ? asking : trusting, { namespace })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ result }) => result?.outcome === "duplicate")).toHaveLength(29);
    await counted([30]);
  });

  it("that send one delivery are answered alike, and it counts once", async () => {
    const delivery = { ...webhookOf(alertOf({ namespace })), groupKey: '{}:{alertname="KubePodCrashLooping"}' };
    const first = await post(asking, delivery);
    const again = await post(trusting, delivery);
    expect([first.status, first.result]).toEqual([201, expect.objectContaining({ outcome: "created", occurrenceCount: 1 })]);
    expect([again.status, again.result]).toEqual([first.status, first.result]);
    expect(await fire(asking, { namespace })).toMatchObject({ status: 202, result: { occurrenceCount: 2 } });
    await counted([2]);
  });
});

describe("a request of somebody else's", () => {
  const fingerprint = () => createHash("sha256").update(`KubePodCrashLooping:${namespace}:Pod:checkout-1`).digest("hex");
  const foreignSpec = () => ({
    signalFingerprint: fingerprint(),
    signalName: "KubePodCrashLooping",
    severity: "critical",
    environment: "production",
    priority: "P0",
    signalType: "prometheus-alert",
    targetType: "kubernetes",
    firingTime: "2026-01-15T09:30:00Z",
    receivedTime: "2026-01-15T09:30:01Z",
    deduplication: { isDuplicate: false, firstSeen: "2026-01-15T09:30:01Z", lastSeen: "2026-01-15T09:30:01Z", occurrenceCount: 1 },
  });

  it("is taken as the alert's own while it is live", async () => {
    await createRequest(namespace, "by-hand", foreignSpec());
    expect(await fire(asking, { namespace })).toMatchObject({
      status: 202,
      result: { outcome: "duplicate", reason: "request-found", remediationRequest: { namespace, name: "by-hand" }, occurrenceCount: 2 },
    });
    expect(await fire(asking, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", occurrenceCount: 3 } });
    await counted([3]);
  });

  it("is left alone once it has ended", async () => {
    await setPhase(await createRequest(namespace, "by-hand", foreignSpec()), "Failed");
    expect(await fire(asking, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", occurrenceCount: 1 } });
    expect(await countsIn(namespace)).toEqual([1, 1]);
  });
});

describe("two clusters on one Redis", () => {
  it("know nothing of each other's requests with the same fingerprint", async () => {
    const dir = mkdtempSync(join(tmpdir(), "breakwater-other-cluster-"));
    const other = await createPart(
      {
        ROLE: "all",
        CLUSTER_NAME: freshName("cluster"),
        REDIS_URL: realParts().redisUrl,
        KUBE_PORT: `${await freePort()}`,
        // Who believes what it once saw would believe the other cluster's, too.
        DEDUP_STATE_TTL_SECONDS: "30",
        ENABLE_STORM_BUFFERING: "false",
      },
      dir,
    );
    await other.start();
    try {
      await firstRequest();
      const there = { gateway: other, sourceToken: "" };
      expect(await fire(there, { namespace })).toMatchObject({ status: 201, result: { outcome: "created", occurrenceCount: 1 } });
      expect(await fire(there, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", occurrenceCount: 2 } });
      expect(await fire(trusting, { namespace })).toMatchObject({ status: 202, result: { outcome: "duplicate", occurrenceCount: 2 } });
    } finally {
      await other.stop();
      rmSync(dir, { recursive: true });
    }
  });
});

describe("what existing consumers have installed", () => {
  const group = `${freshName("seed")}.example.com`;
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const copies = () => `/apis/${group}/v1alpha1/namespaces/${namespace}/remediationrequests?dryRun=All&fieldValidation=Strict`;

  beforeAll(async () => {
    const text = readFileSync("test/compat/remediationrequests.seed-era.yaml", "utf8").replaceAll("remediation.kubernaut.io", group);
    expect((await askApiServer(definitions, { method: "POST", body: parse(text) })).status).toBe(201);
  });
  afterAll(() => askApiServer(`${definitions}/remediationrequests.${group}`, { method: "DELETE" }));

  it("takes every field of a new request, and knows them all", async () => {
    const { metadata, spec } = await firstRequest();
    const { name, labels, annotations } = metadata;
    const copy = { apiVersion: `${group}/v1alpha1`, kind: "RemediationRequest", metadata: { name, labels, annotations }, spec };
    await expect.poll(async () => (await askApiServer(copies(), { method: "POST", body: copy })).status, { timeout: 10_000 }).not.toBe(404);
    const { status, body } = await askApiServer(copies(), { method: "POST", body: copy });
    expect([status, (body as RequestObject).spec]).toEqual([201, spec]);
    const planted = { ...copy, spec: { ...spec, unheardOf: true } };
    expect((await askApiServer(copies(), { method: "POST", body: planted })).status).toBe(400);
  });
});
