import { expect, it } from "vitest";
import { type Client, PROMETHEUS } from "../client.ts";
import { alertIn, fingerprintOf, fresh, MARKER, resolvedOf, webhook } from "../payloads.ts";

/** What becomes of good alerts. */
export function ingestCases(client: () => Client): void {
  const post = (payload: unknown, headers?: Record<string, string>) => client().post(PROMETHEUS, payload, headers);
  const mine = (labels?: Record<string, string>, over?: object) => alertIn(client().target.namespace, labels, over);

  it("answers a new alert 201 with its request", async () => {
    const alert = mine();
    const { namespace } = client().target;
    const answer = await post(webhook([alert]));
    const fingerprint = fingerprintOf(alert);
    const name = `rr-${fingerprint.slice(0, 32)}-1`;
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      results: [
        { fingerprint, outcome: "created", remediationRequest: { namespace, name }, occurrenceCount: 1, reason: "new", rung: "kubernetes" },
      ],
    });
    const found = (await client().target.requests(namespace)).find(({ metadata }) => metadata.name === name);
    expect(found?.spec).toMatchObject({
      signalFingerprint: fingerprint,
      signalName: MARKER,
      severity: "warning",
      firingTime: "2026-01-15T09:30:00.000Z",
      signalLabels: alert.labels,
    });
  });

  it("counts a second POST without groupKey as a duplicate of the same request, 202", async () => {
    const payload = webhook([mine()]);
    const [first] = (await post(payload)).results;
    const again = await post(payload);
    expect(again.status).toBe(202);
    expect(again.results).toEqual([
      { ...first, outcome: "duplicate", occurrenceCount: 2, reason: "request-live", rung: expect.any(String) },
    ]);
  });

  it("counts a delivery once, however many instances of a fingerprint it brings", async () => {
    const alert = mine();
    const payload = webhook(["a", "b", "c"].map((container) => ({ ...alert, labels: { ...alert.labels, container } })));
    expect((await post(payload)).results.map(({ occurrenceCount }) => occurrenceCount)).toEqual([1, 1, 1]);
    expect((await post(payload)).results.map(({ occurrenceCount }) => occurrenceCount)).toEqual([2, 2, 2]);
  });

  it("resolves a request's last instance, 202, and keeps its request", async () => {
    const alert = mine();
    const [created] = (await post(webhook([alert]))).results;
    const answer = await post(webhook([resolvedOf(alert)], { status: "resolved" }));
    expect(answer.status).toBe(202);
    expect(answer.results).toEqual([
      { ...created, outcome: "resolved", occurrenceCount: 1, reason: "last-instance-resolved", rung: expect.any(String) },
    ]);
  });

  it("judges by each alert's own status, not the webhook's", async () => {
    const payload = webhook([resolvedOf(mine()), mine()], { status: "resolved" });
    expect((await post(payload)).results.map(({ outcome }) => outcome)).toEqual(["ignored", "created"]);
  });

  it("keeps a request's other instances firing when one resolves", async () => {
    const alert = mine();
    const [a, b] = ["a", "b"].map((container) => ({ ...alert, labels: { ...alert.labels, container } }));
    await post(webhook([a, b]));
    expect((await post(webhook([resolvedOf(a as typeof alert)]))).results).toMatchObject([
      { outcome: "ignored", reason: "other-instances-firing" },
    ]);
    expect((await post(webhook([resolvedOf(b as typeof alert)]))).results).toMatchObject([{ outcome: "resolved" }]);
  });

  it("ignores a resolved alert that nobody knows, and makes no request of it", async () => {
    const answer = await post(webhook([resolvedOf(mine())]));
    expect(answer.status).toBe(202);
    expect(answer.results).toMatchObject([{ outcome: "ignored", reason: "no-request", remediationRequest: null, occurrenceCount: 0 }]);
  });

  it("ignores severity none", async () => {
    const answer = await post(webhook([mine({ severity: "none" })]));
    expect([answer.status, answer.results]).toMatchObject([
      202,
      [{ outcome: "ignored", reason: "severity-none", remediationRequest: null }],
    ]);
  });

  it.each([
    ["weird", "warning"],
    ["", "warning"],
    ["PAGE", "critical"],
    ["p0", "critical"],
    ["notice", "info"],
  ])("takes the severity %j as %s", async (severity, taken) => {
    const alert = mine({ severity });
    await post(webhook([alert]));
    const found = await client().target.requests(client().target.namespace);
    expect(found.find(({ spec }) => spec.signalFingerprint === fingerprintOf(alert))?.spec.severity).toBe(taken);
  });

  it("answers in the payload's order and 201 as soon as one was created, bad ones among good ones quarantined", async () => {
    const repeated = mine();
    await post(webhook([repeated]));
    const payload = webhook([
      repeated,
      { ...mine(), labels: { pod: fresh() } },
      resolvedOf(mine()),
      mine(),
      "no alert",
      mine({ severity: "none" }),
    ]);
    const answer = await post(payload);
    expect(answer.status).toBe(201);
    expect(answer.results.map(({ outcome }) => outcome)).toEqual([
      "duplicate",
      "quarantined",
      "ignored",
      "created",
      "quarantined",
      "ignored",
    ]);
    expect(answer.results.map(({ reason }) => reason)).toEqual([
      "request-live",
      "alertname-missing",
      "no-request",
      "new",
      "not-an-object",
      "severity-none",
    ]);
  });

  it("takes an alert without a namespace into the fallback namespace", async () => {
    const { fallbackNamespace } = client().target;
    const alert = alertIn("", { pod: "", node: fresh() });
    expect((await post(webhook([alert]))).results).toMatchObject([
      { outcome: "created", remediationRequest: { namespace: fallbackNamespace } },
    ]);
  });

  it("answers a webhook without alerts 202 with no results", async () => {
    const answer = await post(webhook([]));
    expect([answer.status, answer.results]).toEqual([202, []]);
  });

  it("takes Grafana's webhook with all that it adds", async () => {
    const grafana = {
      dashboardURL: "http://g/d/1",
      panelURL: "http://g/d/1?p",
      silenceURL: "http://g/s",
      imageURL: "",
      valueString: "[ var='A' ]",
    };
    const alert = mine({}, { ...grafana, values: { A: 1.5e300, B: null }, fingerprint: "57c6d9296de2ad39" });
    const over = { version: "1", orgId: 1, title: "[FIRING:1]", state: "alerting", message: "m", truncatedAlerts: 0, groupLabels: {} };
    expect(await post(webhook([alert], over))).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
  });

  it("takes Alertmanager's newer fields and ones that nobody knows yet", async () => {
    const over = { notification_reason: "repeat interval elapsed", routeLabels: { team: "a" }, truncatedAlerts: 3, notYetInvented: [{}] };
    expect(await post(webhook([mine({}, { notYetInvented: 1 })], over))).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
  });

  it("takes the content types application/json; charset and …+json", async () => {
    for (const type of ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.alerts+json"])
      expect((await post(webhook([mine()]), { "content-type": type })).status).toBe(201);
  });
}
