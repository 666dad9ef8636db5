import { describe, expect, it } from "vitest";
import type { Labels } from "../../../src/domain/labels.ts";
import { entry, expectAlert, parseOne } from "./context.ts";
import { crashLoop, diskAlert, KNOWN_ALERTS } from "./kube-prometheus-alerts.ts";

const parse = async (labels: Labels) => expectAlert(await parseOne(entry(labels, { fingerprint: undefined })));
const fingerprints = async (many: readonly Labels[]) => new Set((await Promise.all(many.map(parse))).map(({ fingerprint }) => fingerprint));

describe("alerts of kube-prometheus", () => {
  it.each(KNOWN_ALERTS.map((known) => [`${known.labels.alertname} → ${known.kind} ${known.name ?? ""}`, known] as const))(
    "%s",
    async (_, known) => {
      const alert = await parse(known.labels);
      expect(alert).toMatchObject({ resource: { kind: known.kind }, namespace: known.namespace, severity: known.severity });
      expect(alert.resource.name).toEqual(known.name ?? expect.stringMatching(/^[0-9a-f]{32}$/));
    },
  );

  it.each(["Watchdog", "InfoInhibitor"])("%s asks for nothing, whatever namespaces the source has", async (alertname) => {
    const labels = { alertname, severity: "none", prometheus: "monitoring/k8s" };
    expect(await parseOne(entry(labels), { namespaces: ["shop-*"] })).toMatchObject({ kind: "ignored", reason: "severity-none" });
  });

  it("keeps the disks of 50 machines apart", async () => {
    const alerts = Array.from({ length: 50 }, (_, index) => diskAlert(`worker-${index}`, `node-exporter-${index}`));
    expect((await fingerprints(alerts)).size).toBe(50);
  });

  it("knows a machine's disk again after its exporter has got a new pod", async () => {
    expect((await fingerprints([diskAlert("worker-1", "node-exporter-aaaaa"), diskAlert("worker-1", "node-exporter-bbbbb")])).size).toBe(1);
  });

  it.each(["KubeNodeNotReady", "TargetDown", "NodeFilesystemAlmostOutOfSpace", "PrometheusRuleFailures"])(
    "takes %s from two Prometheus replicas for one",
    async (alertname) => {
      const known = KNOWN_ALERTS.find(({ labels }) => labels.alertname === alertname)?.labels;
      const replicas = ["prometheus-k8s-0", "prometheus-k8s-1"].map((replica) => ({ ...known, prometheus_replica: replica, replica }));
      expect((await fingerprints(replicas)).size).toBe(1);
    },
  );

  it("takes warning and critical of one alert for one", async () => {
    for (const { labels } of KNOWN_ALERTS) {
      expect(
        (
          await fingerprints([
            { ...labels, severity: "warning" },
            { ...labels, severity: "critical" },
          ])
        ).size,
      ).toBe(1);
    }
  });

  it("takes two containers of a pod for one fingerprint and two instances", async () => {
    const [app, proxy] = [await parse(crashLoop("web-0", "app")), await parse(crashLoop("web-0", "proxy"))];
    expect(app.fingerprint).toBe(proxy.fingerprint);
    expect(app.instance).not.toBe(proxy.instance);
  });

  it("keeps three members of etcd apart behind one chart's service", async () => {
    const labels = {
      alertname: "etcdMemberCommunicationSlow",
      job: "kube-etcd",
      namespace: "kube-system",
      service: "monitoring-kube-etcd",
    };
    expect((await fingerprints(["a", "b", "c"].map((member) => ({ ...labels, pod: `etcd-${member}` })))).size).toBe(3);
  });

  it("gives every other alert of the table a fingerprint of its own", async () => {
    const distinct = new Map(
      KNOWN_ALERTS.map(({ labels, kind, name }) => [name ? `${labels.alertname} ${kind} ${name}` : JSON.stringify(labels), labels]),
    );
    expect((await fingerprints([...distinct.values()])).size).toBe(distinct.size);
  });
});
