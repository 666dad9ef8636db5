import type { Listing } from "../../src/adapters/kubernetes/listing.ts";
import { createKubernetesWriter } from "../../src/adapters/kubernetes/remediation-writer.ts";
import { NO_VIEW } from "../../src/adapters/kubernetes/request-view.ts";
import { slotsOf } from "../../src/adapters/kubernetes/slots.ts";
import { createProxyWriter } from "../../src/adapters/proxy/client.ts";
import { MARKS } from "../../src/domain/remediation-request.ts";
import { sumOf } from "../../src/domain/slots.ts";
import { createProxy } from "../../src/proxy.ts";
import { createMemoryRemediationWriter } from "../support/memory-writer.ts";
import { unreadMetrics as unread } from "../support/proxy-metrics.ts";
import { silentLog } from "../support/silent-log.ts";
import { FALLBACK, stillTiming } from "../unit/kubernetes/builders.ts";
import { ClusterModel, modelApi } from "../unit/kubernetes/cluster-model.ts";
import { newKey } from "../unit/proxy/keys.ts";
import { remediationWriterContract, type WriterBench } from "./remediation-writer.contract.ts";

remediationWriterContract("memory", async () => {
  const writer = createMemoryRemediationWriter(FALLBACK);
  const get = (uid: string) => {
    const request = writer.list().find((each) => each.uid === uid);
    if (!request) throw new Error("no such request");
    return request;
  };
  const alike = (fingerprint: string) => writer.list().filter(({ draft }) => draft.spec.signalFingerprint === fingerprint);
  return {
    writer,
    namespace: "shop",
    fallbackNamespace: FALLBACK,
    size: async (fingerprint) => alike(fingerprint).length,
    count: async ({ uid }) => get(uid),
    storm: async ({ uid }) => get(uid),
    isBuffered: async ({ uid }) => get(uid).buffered,
    erase: async ({ uid }, phase) => {
      writer.erase(uid);
      writer.setPhase(uid, phase, 0);
    },
    setPhase: async ({ uid }, phase, atMs) => writer.setPhase(uid, phase, atMs),
    remove: async ({ uid }) => writer.remove(uid),
  };
});

const NOTHING_LISTED: Listing = { lines: new Map(), details: new Map(), closedAtMs: null, truncated: false };

function openModel(): WriterBench {
  const model = new ClusterModel();
  const timing = stillTiming();
  const options = {
    api: modelApi(model),
    view: NO_VIEW,
    timing,
    fallbackNamespace: FALLBACK,
    namespaces: [],
    slot: "direct-test",
    onCollision() {},
    log: silentLog,
  };
  return {
    writer: createKubernetesWriter(options),
    namespace: "shop",
    fallbackNamespace: FALLBACK,
    size: async (fingerprint) => [...model.objects.values()].filter((object) => object.fingerprint === fingerprint).length,
    count: async (ref) => {
      const object = model.get(ref);
      const { firstSeenMs, lastSeenMs, resolvedAtMs } = object.counted;
      return {
        occurrenceCount: sumOf(slotsOf(object)),
        firstSeenMs: firstSeenMs ?? object.born.firstSeenMs,
        lastSeenMs: lastSeenMs ?? object.born.lastSeenMs,
        resolvedAtMs,
      };
    },
    storm: async (ref) => {
      const { lines, details, closedAtMs } = model.get(ref).storm?.listing ?? NOTHING_LISTED;
      return { members: [...lines.values()], details: [...details.values()], closedAtMs };
    },
    isBuffered: async ({ uid }) => model.labels.get(uid)?.[MARKS.buffered] === "true",
    erase: async (ref, phase) => {
      const { storm } = model.get(ref);
      const counted = { slots: {}, firstSeenMs: null, lastSeenMs: null, resolvedAtMs: null };
      model.change(ref, { phase, counted, storm: storm && { ...storm, listing: NOTHING_LISTED } });
    },
    setPhase: async (ref, phase, atMs) => model.change(ref, { phase, completedAtMs: atMs }),
    remove: async (ref) => model.remove(ref),
  };
}

remediationWriterContract("Kubernetes, on a model of the API server", async () => openModel());

remediationWriterContract("behind the proxy's protocol", async () => {
  const bench = openModel();
  const { signingKey, verifyKeys } = await newKey("k1");
  const clock = { now: () => 1_000_000 };
  const proxy = createProxy({
    cluster: "east",
    verifyKeys,
    writer: bench.writer,
    ...unread(),
    checkInstalled: async () => null,
    clock,
    log: silentLog,
  });
  const send = (url: string, init: RequestInit) => proxy.fetch(new Request(url, init));
  return { ...bench, writer: createProxyWriter({ url: "http://proxy.test", cluster: "east", signingKey, clock, fetch: send }) };
});
