import { describe, expect, it } from "vitest";
import type { InvalidReason } from "../../../src/domain/alert.ts";
import { identityOf } from "../../../src/domain/delivery.ts";
import { parseAlertmanager } from "../../../src/sources/alertmanager.ts";
import { context, decodeBase64, entry, expectAlert, expectOk, NOW_MS, parseOne, webhook } from "./context.ts";

const labels = { alertname: "KubePodCrashLooping", namespace: "shop", pod: "web-0", severity: "critical" };
const read = async (value: unknown) => expectOk(await parseAlertmanager(value, context()));

describe("the webhook", () => {
  it("is read with receiver, group, truncation and fields yet to come", async () => {
    const more = { truncatedAlerts: 3, notification_reason: "new alerts", routeLabels: { team: "shop" }, sometime: { new: 1 } };
    const payload = await read(webhook([entry(labels), entry(labels)], more));
    expect(payload).toMatchObject({ receiver: "breakwater", groupKey: '{}:{alertname="A"}', truncatedAlerts: 3 });
    expect(payload.alerts).toHaveLength(2);
  });

  it("is read as Grafana sends it", async () => {
    const more = {
      startsAt: "2026-11-23T10:58:00.5+01:00",
      endsAt: "0001-01-01T00:00:00Z",
      values: { B: 22 },
      dashboardURL: "",
      silenceURL: "https://g",
    };
    const top = { version: "1", orgId: 1, title: "[FIRING:1]", state: "alerting", message: "**Firing**", truncatedAlerts: 0 };
    const [alert] = (await read(webhook([entry(labels, more)], top))).alerts;
    expect(expectAlert(alert)).toMatchObject({ status: "firing", startsAtMs: Date.parse("2026-11-23T09:58:00.500Z") });
  });

  it("needs nothing but its alerts", async () => {
    expect(await read({ alerts: [] })).toEqual({
      ok: true,
      receiver: "",
      groupKey: "",
      truncatedAlerts: 0,
      unknownSeverities: 0,
      unreadableTimes: 0,
      alerts: [],
    });
  });

  it("keeps its alerts when their number is told wrongly", async () => {
    expect(await read(webhook([entry(labels)], { truncatedAlerts: "many" }))).toMatchObject({
      truncatedAlerts: 0,
      alerts: [{ kind: "alert" }],
    });
  });

  it.each([
    ["a templated payload", { text: "s3cret is firing" }],
    ["a bare array, as Prometheus posts to Alertmanager", [entry(labels)]],
    ["another version", webhook([], { version: "5" })],
    ["alerts that are no array", webhook([], { alerts: { a: 1 } })],
    ["null", null],
    ["a text", "s3cret"],
  ])("is foreign as %s, and the answer echoes nothing", async (_, value) => {
    const payload = await parseAlertmanager(value, context());
    expect(payload.ok).toBe(false);
    const { expected } = payload as { expected: string };
    expect(expected).toContain('"alerts"');
    expect(expected).not.toContain("s3cret");
    expect(expected.length).toBeLessThanOrEqual(500);
  });
});

describe("an alert", () => {
  it("is judged by its own status", async () => {
    const payload = await read(webhook([entry(labels, { status: "resolved" }), entry(labels)], { status: "firing" }));
    expect(payload.alerts).toMatchObject([{ status: "resolved" }, { status: "firing" }]);
  });

  it.each<[string, unknown, InvalidReason]>([
    ["null", null, "not-an-object"],
    ["an array", [], "not-an-object"],
    ["without labels", entry(undefined), "labels-invalid"],
    ["with an array for labels", entry([["alertname", "A"]]), "labels-invalid"],
    ["with pairs for labels", entry([{ name: "alertname", value: "A" }]), "labels-invalid"],
    ["with a text for labels", entry("alertname=A"), "labels-invalid"],
    ["with too many labels", entry({ ...labels, big: "é".repeat(33_000) }), "labels-too-large"],
    ["without a name", entry({ namespace: "shop" }), "alertname-missing"],
    ["with an empty name", entry({ ...labels, alertname: "" }), "alertname-missing"],
    ["with a name of 254 characters", entry({ ...labels, alertname: "a".repeat(254) }), "alertname-too-long"],
    ["with a null for its name", entry({ ...labels, alertname: null }), "alertname-missing"],
    ["with a status of its own", entry(labels, { status: "pending" }), "status-invalid"],
  ])("%s is invalid among good ones", async (_, bad, reason) => {
    const { alerts } = await read(webhook([entry(labels), bad, entry(labels)]));
    expect(alerts).toMatchObject([{ kind: "alert" }, { kind: "invalid", reason }, { kind: "alert" }]);
  });

  it.each<[string, unknown, unknown]>([
    ["without a name", entry({ pod: "a", team: "x" }), entry({ team: "y", pod: "b" }, { annotations: { n: 1 } })],
    ["without labels", { ...entry(undefined), n: 1 }, { ...entry(undefined), n: 2 }],
    ["that is a text", "one", "other"],
    ["of a word for its status", entry({ ...labels, pod: "a" }, { status: "odd" }), entry({ ...labels, pod: "b" }, { status: "odd" })],
    ["of a name that is too long", entry({ alertname: "a".repeat(254), n: 1 }), entry({ alertname: "a".repeat(254), n: 2 })],
    ["with too many labels", entry({ ...labels, big: "a".repeat(66_000) }), entry({ ...labels, big: "b".repeat(66_000) })],
  ])("%s has one cause with its like, and they are told apart in a delivery", async (_, one, other) => {
    const [first, second] = [await parseOne(one), await parseOne(other)];
    if (first.kind !== "invalid" || second.kind !== "invalid") throw new Error("valid");
    expect([second.fingerprint, second.reason]).toEqual([first.fingerprint, first.reason]);
    expect(identityOf(first)).not.toBe(identityOf(second));
  });

  it.each<[string, unknown, string]>([
    ["its label", entry({ namespace: "shop" }), "shop"],
    ["that of its subject before that of the scrape", entry({ namespace: "monitoring", exported_namespace: "shop" }), "shop"],
    ["none where the text cannot be one", entry({ namespace: "shop:bank" }), ""],
    ["none where it is no text", entry({ namespace: ["shop"] }), ""],
    ["none where it tells none", entry({ pod: "a" }), ""],
    ["none without labels", entry("namespace=shop"), ""],
    ["none that is no object", "shop", ""],
    ["one that its source may not write to", entry({ ...labels, namespace: "bank" }), "bank"],
  ])("that is invalid takes its namespace's room: %s", async (_, bad, namespace) => {
    expect(await parseOne(bad, { namespaces: ["shop"] })).toMatchObject({ kind: "invalid", namespace });
  });

  it("has a cause of its own for each reason, name, status, namespace, set of labels that lacks a name, and shape", async () => {
    const bad = [
      ...[entry({ pod: "a" }), entry({ team: "a" }), entry({ pod: "a", alertname: "" }, { n: 1 })],
      ...["odd", "odder"].flatMap((status) => ["A", "B"].map((alertname) => entry({ alertname }, { status }))),
      ...["A", "B"].flatMap((alertname) => ["shop", "bank"].map((namespace) => entry({ alertname, namespace }))),
      ...[entry(undefined), entry(["a"]), entry([["a"]]), entry([]), entry([{ a: 1 }]), entry("a"), entry(7)],
      ...["text", 7, null, [], [1]],
    ];
    const causes = await Promise.all(bad.map((alert) => parseOne(alert, { namespaces: ["elsewhere"] })));
    expect(causes.map(({ kind }) => kind)).toEqual(bad.map(() => "invalid"));
    // An empty name is none: the first and the third are one.
    expect(new Set(causes.map(({ fingerprint }) => fingerprint)).size).toBe(bad.length - 1);
  });

  it("is the same dead letter however its members are ordered, and another for another source", async () => {
    const [one, two] = [
      { status: "firing", a: { b: 1, c: 2 } },
      { a: { c: 2, b: 1 }, status: "firing" },
    ];
    const first = await parseOne(one);
    expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect((await parseOne(two)).fingerprint).toBe(first.fingerprint);
    expect((await parseOne(one, { source: "other" })).fingerprint).not.toBe(first.fingerprint);
  });

  it("leaves at most 16 KiB in a dead letter, whole characters only", async () => {
    const invalid = await parseOne({ text: "é".repeat(40_000) });
    if (invalid.kind !== "invalid") throw new Error("valid");
    expect(new TextEncoder().encode(invalid.payload).length).toBeLessThanOrEqual(16 * 1024);
    expect(invalid.payload.isWellFormed()).toBe(true);
  });

  it.each([
    ["absent", undefined],
    ["null", null],
    ["empty", ""],
    ["Go's zero time", "0001-01-01T00:00:00Z"],
    ["Go's zero time in its own words", "0001-01-01 00:00:00 +0000 UTC"],
    ["0", 0],
    ["0 as text", "0"],
  ])("began when it came in where its start is %s", async (_, startsAt) => {
    expect(expectAlert(await parseOne(entry(labels, { startsAt })))).toMatchObject({ startsAtMs: NOW_MS, start: "untold" });
    expect(await read(webhook([entry(labels, { startsAt })]))).toMatchObject({ unreadableTimes: 0 });
  });

  it.each(["yesterday", "9999-12-31T23:59:59.999Z", new Date(NOW_MS + 600_001).toISOString(), -1, 1e300, true, {}, []])(
    "began when it came in, and is counted, where its start is %j",
    async (startsAt) => {
      const payload = await read(webhook([entry(labels, { startsAt }), entry(labels)]));
      expect(payload).toMatchObject({ unreadableTimes: 1, alerts: [{ startsAtMs: NOW_MS, start: "unreadable" }, { start: "told" }] });
    },
  );

  it.each(["0001-01-01T00:00:01Z", "1970-01-01T00:00:00Z", new Date(NOW_MS + 600_000).toISOString()])(
    "began at %s if it says so",
    async (startsAt) => {
      const alert = expectAlert(await parseOne(entry(labels, { startsAt })));
      expect(alert).toMatchObject({ startsAtMs: Date.parse(startsAt), start: "told" });
      expect(Date.parse(alert.draft.spec.firingTime)).toBe(Date.parse(startsAt));
    },
  );

  it("is the instance that its sender names, else that of all its labels", async () => {
    const named = async (fingerprint: unknown, more = {}) =>
      expectAlert(await parseOne(entry({ ...labels, ...more }, { fingerprint }))).instance;
    expect(await named("00ff")).toBe("00ff");
    const own = await named(undefined);
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    for (const bad of ["", "a b", "x".repeat(65), 2 ** 53, -7, 1.5, { a: 1 }]) expect(await named(bad)).toBe(own);
    expect([await named(7), await named("7")]).toEqual(["7", "7"]);
    expect(await named(undefined, { container: "proxy" })).not.toBe(own);
  });

  it("counts as of unknown severity where the word is missing or new", async () => {
    const words = ["critical", "whatever", undefined, "none"].map((severity) => entry({ ...labels, severity: severity ?? "" }));
    expect((await read(webhook(words))).unknownSeverities).toBe(2);
  });
});

describe("namespaces of a source", () => {
  const judge = async (more: object, namespaces: string[]) => {
    const parsed = await parseOne(entry({ ...labels, ...more }), { namespaces });
    return parsed.kind === "invalid" ? parsed.reason : parsed.kind;
  };

  it("bound what it may speak of", async () => {
    expect(await judge({ namespace: "shop" }, ["shop"])).toBe("alert");
    expect(await judge({ namespace: "shop-eu" }, ["web", "shop-*"])).toBe("alert");
    expect(await judge({ namespace: "shop" }, ["shop-*"])).toBe("namespace-not-allowed");
    expect(await judge({ namespace: "my-shop-eu" }, ["shop-*"])).toBe("namespace-not-allowed");
  });

  it("let in alerts without a namespace only as *", async () => {
    expect(await judge({ namespace: "" }, ["*"])).toBe("alert");
    expect(await judge({ namespace: "" }, ["shop", "**"])).toBe("namespace-not-allowed");
    expect(await judge({ namespace: "AWS/RDS", pod: "" }, ["shop"])).toBe("namespace-not-allowed");
  });

  it("leave a target out of reach unknown, in the first namespace of its labels that is within", async () => {
    const moved = { job: "kube-state-metrics", namespace: "shop", exported_namespace: "bank", exported_pod: "ledger-0" };
    const read = async (more: object, namespaces: string[]) => expectAlert(await parseOne(entry({ ...labels, ...more }), { namespaces }));
    expect(await read(moved, ["*"])).toMatchObject({ namespace: "bank", resource: { kind: "Pod", name: "ledger-0" } });
    expect(await read(moved, ["shop"])).toMatchObject({ namespace: "shop", resource: { kind: "Unknown" }, rule: "out-of-reach" });
    const node = { job: "kube-state-metrics", namespace: "shop", pod: "", node: "worker-1" };
    expect(await read(node, ["shop"])).toMatchObject({ namespace: "shop", resource: { kind: "Unknown" } });
    expect((await read({ ...node, node: "worker-2" }, ["shop"])).fingerprint).not.toBe((await read(node, ["shop"])).fingerprint);
  });

  it("may be named like nothing in Kubernetes: a second one is used, else none, and the text still tells alerts apart", async () => {
    const read = async (more: object) => expectAlert(await parseOne(entry({ ...labels, pod: "", ...more })));
    const aws = await read({ namespace: "AWS/RDS" });
    expect(aws).toMatchObject({ namespace: "", resource: { kind: "Unknown" } });
    expect(aws.draft.spec.signalLabels.namespace).toBe("AWS/RDS");
    expect((await read({ namespace: "AWS/SQS" })).fingerprint).not.toBe(aws.fingerprint);
    expect(await read({ namespace: "AWS/RDS", kubernetes_namespace: "yace" })).toMatchObject({ namespace: "yace" });
  });
});

describe("hostile texts", () => {
  it("pass as labels of any name without touching anything else", async () => {
    const text = `{"__proto__":"x","constructor":"y","prototype":"z","toString":"t","alertname":"A","namespace":"shop"}`;
    const { draft } = expectAlert(await parseOne(entry(JSON.parse(text), { annotations: JSON.parse('{"__proto__":"a"}') })));
    const sent = JSON.stringify(draft.spec.signalLabels);
    expect(sent).toBe(text);
    expect(JSON.stringify(draft.spec.signalAnnotations)).toBe('{"__proto__":"a"}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(Object.getPrototypeOf(draft.spec.signalLabels)).toBe(Object.prototype);
  });

  it("lose NULs and lone surrogates wherever Redis or Kubernetes would see them", async () => {
    const bad = "a\0b\ud800c";
    const alert = expectAlert(
      await parseOne(entry({ alertname: bad, [bad]: bad, pod: bad }, { annotations: { [bad]: bad }, generatorURL: bad })),
    );
    const seen = JSON.stringify({
      ...alert,
      draft: { ...alert.draft.spec, originalPayload: "", provider: decodeBase64(alert.draft.spec.providerData) },
    });
    expect(seen).not.toMatch(/\\u0000|\\ud800/);
    expect(alert.name).toBe("a\uFFFDb\uFFFDc");
  });

  it("are cut where annotations exceed 64 KiB together", async () => {
    const annotations = { a: "é".repeat(20_000), b: "é".repeat(20_000), c: "é".repeat(20_000) };
    const { signalAnnotations } = expectAlert(await parseOne(entry(labels, { annotations }))).draft.spec;
    const bytes = new TextEncoder().encode(Object.entries(signalAnnotations).flat().join("")).length;
    expect(bytes).toBeGreaterThan(65_530);
    expect(bytes).toBeLessThanOrEqual(65_536);
    expect(signalAnnotations.a).toBe(annotations.a);
  });
});
