import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InvalidReason } from "../../../src/domain/alert.ts";
import { parseKubernetesEvents } from "../../../src/sources/kubernetes-event.ts";
import { context, expectAlert, expectOk, NOW_MS } from "./context.ts";

const uid = "5a1b0c9e-7c42-4d55-9a55-1d6b8c7d9e10";
const core = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "web-0.17a", namespace: "shop", uid, creationTimestamp: "2026-11-23T09:40:00Z" },
  involvedObject: { kind: "Pod", namespace: "shop", name: "web-0", uid: "0f", apiVersion: "v1" },
  reason: "BackOff",
  message: "Back-off restarting failed container",
  source: { component: "kubelet", host: "worker-1" },
  firstTimestamp: "2026-11-23T09:41:00Z",
  lastTimestamp: "2026-11-23T09:59:00Z",
  count: 7,
  type: "Warning",
  eventTime: null,
  reportingComponent: "kubelet",
  reportingInstance: "worker-1",
};
const modern = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  metadata: core.metadata,
  eventTime: "2026-11-23T09:42:00.123456Z",
  series: { count: 9, lastObservedTime: "2026-11-23T09:59:00.000000Z" },
  reportingController: "kubelet",
  reason: "BackOff",
  regarding: core.involvedObject,
  note: core.message,
  type: "Warning",
  deprecatedFirstTimestamp: null,
};

const readAll = async (value: unknown, more = {}) => expectOk(await parseKubernetesEvents(value, context(more))).alerts;
const read = async (value: unknown) => expectAlert((await readAll(value))[0]);

describe("a Kubernetes event", () => {
  it("of core/v1 is an alert about its object", async () => {
    const alert = await read(core);
    expect(alert).toMatchObject({
      status: "firing",
      name: "BackOff",
      namespace: "shop",
      resource: { kind: "Pod", name: "web-0" },
      severity: "warning",
      instance: uid,
      event: { uid, count: 7 },
      startsAtMs: Date.parse("2026-11-23T09:41:00Z"),
    });
    expect(alert.draft.spec).toMatchObject({
      signalType: "kubernetes-event",
      signalName: "BackOff",
      signalLabels: { reason: "BackOff", type: "Warning", kind: "Pod", name: "web-0", namespace: "shop" },
      signalAnnotations: { message: core.message },
    });
  });

  it("of events.k8s.io/v1 is the same alert", async () => {
    const alert = await read(modern);
    expect(alert.fingerprint).toBe((await read(core)).fingerprint);
    expect(alert).toMatchObject({ event: { uid, count: 9 }, startsAtMs: Date.parse("2026-11-23T09:42:00.123Z") });
    expect(alert.draft.spec.signalAnnotations).toEqual({ message: core.message });
  });

  it("brings its object's labels where the exporter adds them, and they cannot rename it", async () => {
    const involvedObject = {
      ...core.involvedObject,
      labels: { app: "web", env: "production", name: "other" },
      annotations: {},
      ownerReferences: [],
    };
    const { spec } = (await read({ ...core, involvedObject, clusterName: "eu-1" })).draft;
    expect(spec).toMatchObject({ environment: "production", signalLabels: { app: "web", name: "web-0" } });
  });

  const LAST = "2026-11-23T09:45:00Z";
  const lastMs = Date.parse(LAST);
  it.each<[string, object, object | null]>([
    ["a number", { count: 7, lastTimestamp: LAST }, { count: 7, lastMs }],
    ["a text", { count: "7", lastTimestamp: null }, { count: 7, lastMs: null }],
    ["a text of a series", { count: undefined, series: { count: " 4 ", lastObservedTime: LAST } }, { count: 4, lastMs }],
    ["deprecatedCount", { count: undefined, deprecatedCount: 4, deprecatedLastTimestamp: LAST }, { count: 4, lastMs }],
    ["no count, but a last time", { count: undefined, lastTimestamp: LAST }, { count: null, lastMs }],
    ["zero", { count: 0, lastTimestamp: LAST }, { count: null, lastMs }],
    ["no number", { count: "seven", lastTimestamp: LAST }, { count: null, lastMs }],
    ["a fraction", { count: 1.5, lastTimestamp: LAST }, { count: null, lastMs }],
    ["null beside a null series: once, at its time", { count: null, series: null, eventTime: LAST }, { count: null, lastMs }],
    ["neither a count nor a time", { count: undefined }, null],
    ["a time far ahead", { count: undefined, lastTimestamp: "2099-01-01T00:00:00Z" }, null],
  ])("has happened as often as it says: %s", async (_, more, told) => {
    const { event, instance } = await read({ ...core, firstTimestamp: undefined, lastTimestamp: undefined, ...more });
    expect([event, instance]).toEqual([told && { uid, ...told }, uid]);
  });

  it("without a uid counts by arrival", async () => {
    const alert = await read({ ...core, metadata: { namespace: "shop" } });
    expect(alert).toMatchObject({ event: null, instance: alert.fingerprint });
  });

  it("has a uid of at most 64 characters, told apart by all of them", async () => {
    const uids = ["a", "b"].map((end) => `${"u".repeat(80)}${end}`);
    const events = await Promise.all(uids.map((long) => read({ ...core, metadata: { ...core.metadata, uid: long } })));
    expect(new Set(events.map(({ event }) => event?.uid)).size).toBe(2);
    for (const { instance } of events) expect(instance).toHaveLength(64);
  });

  it.each([
    ["firstTimestamp", {}, "2026-11-23T09:41:00Z"],
    ["eventTime", { firstTimestamp: null, eventTime: "2026-11-23T09:43:00.000001Z" }, "2026-11-23T09:43:00Z"],
    ["deprecatedFirstTimestamp", { firstTimestamp: undefined, deprecatedFirstTimestamp: "2026-11-23T09:44:00Z" }, "2026-11-23T09:44:00Z"],
    ["creationTimestamp", { firstTimestamp: "0001-01-01T00:00:00Z" }, "2026-11-23T09:40:00Z"],
    ["the next that can be read", { firstTimestamp: "now", eventTime: 1_763_891_000 }, "2025-11-23T09:43:20Z"],
    ["its arrival", { firstTimestamp: null, metadata: { uid } }, new Date(NOW_MS).toISOString()],
  ])("began at %s", async (_, more, began) => {
    expect((await read({ ...core, ...more })).startsAtMs).toBe(Date.parse(began));
  });

  it("about a machine has no namespace, wherever the event itself lives", async () => {
    const machine = {
      ...core,
      reason: "NodeNotReady",
      metadata: { ...core.metadata, namespace: "default" },
      involvedObject: { kind: "Node", name: "worker-1" },
    };
    expect(await read(machine)).toMatchObject({ namespace: "", severity: "critical", resource: { kind: "Node", name: "worker-1" } });
    expect(await read({ ...machine, involvedObject: { kind: "ClusterIssuer", name: "acme" } })).toMatchObject({ namespace: "" });
    expect(await readAll(machine, { namespaces: ["default"] })).toMatchObject([{ kind: "invalid", reason: "namespace-not-allowed" }]);
  });

  it("names its object by API group: a custom kind that is called like a built-in one is another kind, in its namespace", async () => {
    const about = (involvedObject: object) => read({ ...core, metadata: { uid, namespace: "default" }, involvedObject });
    const [custom, built] = [
      await about({ apiVersion: "longhorn.io/v1beta2", kind: "Node", namespace: "longhorn-system", name: "n1" }),
      await about({ apiVersion: "v1", kind: "Node", namespace: "longhorn-system", name: "n1" }),
    ];
    expect(custom).toMatchObject({
      namespace: "longhorn-system",
      resource: { kind: "Node.longhorn.io", group: "longhorn.io", name: "n1" },
    });
    expect(built).toMatchObject({ namespace: "", resource: { kind: "Node", name: "n1" } });
    const tenants = ["billing", "shop"].map((namespace) =>
      about({ apiVersion: "servicebus.azure.com/v1api20211101", kind: "Namespace", namespace, name: "orders-bus" }),
    );
    expect((await Promise.all(tenants)).map(({ namespace, resource }) => [namespace, resource.kind])).toEqual([
      ["billing", "Namespace.servicebus.azure.com"],
      ["shop", "Namespace.servicebus.azure.com"],
    ]);
    const releases = ["helm.toolkit.fluxcd.io/v2", "helm.cattle.io/v1"].map((apiVersion) =>
      about({ apiVersion, kind: "HelmRelease", namespace: "shop", name: "web" }),
    );
    const [one, other] = await Promise.all(releases);
    expect([one?.resource.kind, other?.resource.kind]).toEqual(["HelmRelease", "HelmRelease"]);
    expect(one?.fingerprint).not.toBe(other?.fingerprint);
  });

  it("is unknown where its object's namespace cannot be one", async () => {
    const about = (namespace: string) => read({ ...core, involvedObject: { ...core.involvedObject, namespace } });
    expect(await about("a:b")).toMatchObject({ namespace: "", resource: { kind: "Unknown" } });
    expect((await about("a:b")).fingerprint).not.toBe((await about("a:c")).fingerprint);
  });

  it.each([{ kind: "K".repeat(64) }, { name: "n".repeat(254) }])("is unknown where no object can be called so (%#)", async (over) => {
    const alert = await read({ ...core, involvedObject: { ...core.involvedObject, ...over } });
    const other = await read({
      ...core,
      involvedObject: { ...core.involvedObject, ...over, uid: "1", fieldPath: "x", name: `o${over.name ?? ""}` },
    });
    expect(alert).toMatchObject({ namespace: "shop", resource: { kind: "Unknown" } });
    expect(other.fingerprint).not.toBe(alert.fingerprint);
  });

  it("lives in its object's namespace where only the event tells it", async () => {
    expect(await read({ ...core, involvedObject: { kind: "Pod", name: "web-0" } })).toMatchObject({ namespace: "shop" });
  });

  it.each(["Normal", "normal", " NORMAL ", "Info", "information", "Informational", "debug"])(
    "of type %j asks for nothing",
    async (type) => {
      expect(await readAll({ ...core, type })).toMatchObject([{ kind: "ignored", reason: "event-normal" }]);
      expect(await readAll({ ...core, type: undefined, severity: type })).toMatchObject([{ kind: "ignored", reason: "event-normal" }]);
    },
  );

  it.each<[unknown, number]>([
    ["Warning", 0],
    ["warning ", 0],
    ["Error", 0],
    ["Alarming", 1],
    ["", 1],
    [undefined, 1],
    [null, 1],
    [{ type: "Normal" }, 1],
  ])("of type %j is an alert, and counts as of unknown severity %d times", async (type, unknown) => {
    const payload = expectOk(
      await parseKubernetesEvents(
        [
          { ...core, type },
          { ...core, type: "Normal" },
        ],
        context(),
      ),
    );
    expect(payload).toMatchObject({ unknownSeverities: unknown, alerts: [{ kind: "alert", severity: "warning" }, { kind: "ignored" }] });
  });

  it("that tells no readable time began when it came in, and is counted", async () => {
    const untimed = { ...core, firstTimestamp: "now", metadata: { uid } };
    const payload = expectOk(await parseKubernetesEvents([untimed, core], context()));
    expect(payload).toMatchObject({ unreadableTimes: 1, alerts: [{ startsAtMs: NOW_MS, start: "unreadable" }, { start: "told" }] });
  });

  it("that tells a start more than ten minutes ahead began at the next time that it tells, else when it came in, and is counted", async () => {
    const ahead = new Date(NOW_MS + 600_001).toISOString();
    expect(await read({ ...core, firstTimestamp: ahead })).toMatchObject({ start: "told", startsAtMs: Date.parse("2026-11-23T09:40:00Z") });
    const payload = expectOk(await parseKubernetesEvents({ ...core, firstTimestamp: ahead, metadata: { uid } }, context()));
    expect(payload).toMatchObject({ unreadableTimes: 1, alerts: [{ start: "unreadable", startsAtMs: NOW_MS }] });
  });

  it("is an alert of the same fingerprint whatever JSON stands where it tells nothing of its identity", async () => {
    const { fingerprint } = await read(core);
    const side = [
      "apiVersion",
      "metadata",
      "message",
      "source",
      "firstTimestamp",
      "lastTimestamp",
      "count",
      "series",
      "type",
      "note",
      "eventTime",
      "labels",
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...side), fc.jsonValue(), async (field, told) => {
        expect(await read({ ...core, [field]: told })).toMatchObject({ fingerprint });
        expect(await read({ ...core, involvedObject: { ...core.involvedObject, labels: told } })).toMatchObject({ fingerprint });
      }),
    );
  });

  it.each<[string, unknown, InvalidReason]>([
    ["without a reason", { ...core, reason: "" }, "event-reason-missing"],
    ["with an object for a reason", { ...core, reason: { a: 1 } }, "event-reason-missing"],
    ["with an array for a kind", { ...core, involvedObject: { ...core.involvedObject, kind: ["Pod"] } }, "event-object-missing"],
    ["that is called as its object would be", { kind: "Event", reason: "BackOff", name: "web-0" }, "event-object-missing"],
    ["with a reason of 254 characters", { ...core, reason: "r".repeat(254) }, "alertname-too-long"],
    ["without an object", { ...core, involvedObject: undefined }, "event-object-missing"],
    ["with a nameless object", { ...core, involvedObject: { kind: "Pod" } }, "event-object-missing"],
    ["that is none", "text", "not-an-object"],
    ["that is an array", [core], "not-an-object"],
  ])("%s is invalid among good ones", async (_, bad, reason) => {
    expect(await readAll([core, bad])).toMatchObject([{ kind: "alert" }, { kind: "invalid", reason }]);
  });

  it.each<[string, unknown, string]>([
    ["its object's", { ...core, reason: "", involvedObject: { ...core.involvedObject, namespace: "shop" } }, "shop"],
    ["none where the text cannot be one", { ...core, reason: "", involvedObject: { ...core.involvedObject, namespace: "a:b" } }, ""],
    ["none without an object", { ...core, involvedObject: undefined }, ""],
    ["none that is no event", "shop", ""],
  ])("that is invalid takes its namespace's room: %s", async (_, bad, namespace) => {
    expect((await readAll([core, bad])).at(1)).toMatchObject({ kind: "invalid", namespace });
  });
});

describe("a payload of events", () => {
  it("may be one, an array or a list", async () => {
    for (const value of [core, [core], { kind: "EventList", apiVersion: "v1", items: [core] }, { kind: "List", items: [core] }]) {
      expect(await readAll(value)).toMatchObject([{ kind: "alert", name: "BackOff" }]);
    }
    expect(await readAll([])).toEqual([]);
  });

  it.each([
    ["an Alertmanager webhook", { version: "4", alerts: [] }],
    ["another object", { kind: "Pod", metadata: {} }],
    ["numbers", [1, 2]],
    ["null", null],
  ])("is foreign as %s", async (_, value) => {
    const payload = await parseKubernetesEvents(value, context());
    expect(payload).toMatchObject({ ok: false, expected: expect.stringContaining("involvedObject") });
  });
});
