import { readFileSync } from "node:fs";
import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseAlertmanager } from "../../../src/sources/alertmanager.ts";
import { parseKubernetesEvents } from "../../../src/sources/kubernetes-event.ts";
import { context, decodeBase64, entry, expectAlert, expectOk, parseOne, STARTS_AT, webhook } from "./context.ts";
import { KNOWN_ALERTS } from "./kube-prometheus-alerts.ts";

const crd = parseYaml(readFileSync(new URL("../../compat/remediationrequests.seed-era.yaml", import.meta.url), "utf8"));
const specSchema: Schema = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
// The API server drops what the schema does not name; a draft must not rely on that.
const validator = new Validator({ ...specSchema, additionalProperties: false }, "7", false);

const labels = { alertname: "KubePodCrashLooping", namespace: "shop", pod: "web-0", severity: "critical" };

describe("the request that an alert would become", () => {
  it.each([
    ...KNOWN_ALERTS.map(({ labels: known }) => entry(known)),
    entry({ alertname: "😀".repeat(253), environment: "e".repeat(200), priority: "P9" }),
    entry({ alertname: "A", environment: "   ", env: "" }, { startsAt: "0000-01-01T00:00:00Z", generatorURL: "g".repeat(9000) }),
    entry({ alertname: "A" }, { startsAt: "9999-12-31T23:59:59.999Z", annotations: null }),
  ])("is valid for consumers of the CRD as it is installed today (%#)", async (raw) => {
    const { spec } = expectAlert(await parseOne(raw, { source: "s".repeat(70) })).draft;
    expect(validator.validate(JSON.parse(JSON.stringify(spec))).errors).toEqual([]);
  });

  it("says all that is known of the alert", async () => {
    const raw = entry({ ...labels, env: "production" });
    const alert = expectAlert(await parseOne(raw));
    expect(alert.draft).toEqual({
      namespace: "shop",
      spec: {
        signalFingerprint: alert.fingerprint,
        signalName: "KubePodCrashLooping",
        severity: "critical",
        environment: "production",
        priority: "P0",
        signalType: "prometheus-alert",
        signalSource: "prod-alertmanager",
        targetType: "kubernetes",
        firingTime: `${STARTS_AT.slice(0, 23)}Z`,
        receivedTime: "2026-11-23T10:00:00.000Z",
        signalLabels: { ...labels, env: "production" },
        signalAnnotations: { summary: "It is broken." },
        providerData: expect.any(String),
        originalPayload: expect.any(String),
        deduplication: {
          isDuplicate: false,
          firstSeen: "2026-11-23T10:00:00.000Z",
          lastSeen: "2026-11-23T10:00:00.000Z",
          occurrenceCount: 1,
        },
      },
    });
    expect(JSON.parse(decodeBase64(alert.draft.spec.providerData))).toEqual({
      namespace: "shop",
      resource: { kind: "Pod", name: "web-0" },
      cluster: "eu-1",
      alertmanagerURL: "http://alertmanager",
      generatorURL: "http://prometheus/graph?g0.expr=1",
    });
    expect(JSON.parse(decodeBase64(alert.draft.spec.originalPayload))).toEqual(raw);
  });

  it("leaves out a link too long to hold, and says so", async () => {
    const { spec } = expectAlert(await parseOne(entry(labels, { generatorURL: "g".repeat(8193) }))).draft;
    expect(JSON.parse(decodeBase64(spec.providerData))).toMatchObject({
      ...{ alertmanagerURL: "http://alertmanager", generatorURL: "" },
      truncated: ["generatorURL"],
    });
  });

  it("leaves out a link of the whole webhook that would expand each of its alerts, says so, and keeps what the alert itself tells", async () => {
    const alerts = [entry(labels), entry({ ...labels, note: "n".repeat(4_000) })];
    const told = webhook(alerts, { externalURL: `http://${"a".repeat(6_000)}` });
    const drafts = expectOk(await parseAlertmanager(told, context())).alerts.map((alert) => expectAlert(alert).draft);
    const [small, large] = drafts.map(({ spec }) => JSON.parse(decodeBase64(spec.providerData)));
    expect(small).toMatchObject({ alertmanagerURL: "", generatorURL: alerts[0]?.generatorURL, truncated: ["alertmanagerURL"] });
    expect(large.alertmanagerURL).toBe(told.externalURL);
    expect(large).not.toHaveProperty("truncated");
    expect(JSON.parse(decodeBase64(drafts[0]?.spec.originalPayload ?? ""))).toEqual(alerts[0]);
  });

  it("keeps the payload to 16 KiB and whole characters", async () => {
    const raw = entry(labels, { annotations: { text: `${"é".repeat(6_000)}${"😀".repeat(6_000)}` } });
    const payload = decodeBase64(expectAlert(await parseOne(raw)).draft.spec.originalPayload);
    const bytes = new TextEncoder().encode(payload).length;
    expect(bytes).toBeGreaterThan(16 * 1024 - 4);
    expect(bytes).toBeLessThanOrEqual(16 * 1024);
    expect(JSON.stringify(raw).startsWith(payload)).toBe(true);
    expect(JSON.parse(decodeBase64(expectAlert(await parseOne(raw)).draft.spec.providerData)).truncated).toEqual(["originalPayload"]);
  });

  it("is valid for an event too, and names no Alertmanager", async () => {
    const event = { kind: "Event", reason: "BackOff", type: "Warning", involvedObject: { kind: "Pod", name: "web-0", namespace: "shop" } };
    const [parsed] = expectOk(await parseKubernetesEvents(event, context())).alerts;
    const { spec } = expectAlert(parsed).draft;
    expect(validator.validate(spec).errors).toEqual([]);
    expect(Object.keys(JSON.parse(decodeBase64(spec.providerData)))).toEqual(["namespace", "resource", "cluster"]);
  });
});
