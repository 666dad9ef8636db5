import { describe, expect, it } from "vitest";
import type { Labels } from "../../../../src/domain/labels.ts";
import { identify } from "../../../../src/domain/target/identity.ts";
import { targetOf } from "../../../../src/domain/target/target-of.ts";

function find(labels: Labels) {
  const target = targetOf(labels, { rules: [], mayWrite: () => true, explains: true });
  if (!target) throw new Error("refused");
  return target;
}
const told = (labels: Labels): string => {
  const { resource, namespace } = find(labels);
  return resource ? `${namespace}:${resource.kind}:${resource.name}` : `${namespace}:Unknown`;
};
const fingerprint = async (labels: Labels) => (await identify("A", find(labels))).fingerprint;

const application = { job: "billing", namespace: "shop", pod: "billing-7d9f6-2xk8p", instance: "10.244.1.7:8080" };
const state = {
  job: "kube-state-metrics",
  namespace: "monitoring",
  pod: "kps-kube-state-metrics-7d9c6b-q2x8z",
  instance: "10.244.1.9:8080",
};
const operator = { job: "db-operator", namespace: "operators", pod: "db-operator-7d9f6-2xk8p", instance: "10.244.1.8:8080" };

describe("an object is named", () => {
  it.each<[string, Labels, string]>([
    [
      "by a custom resource of kube-state-metrics",
      { ...state, exported_namespace: "shop", customresource_kind: "HelmRelease", name: "web" },
      "shop:HelmRelease:web",
    ],
    [
      "by one pair of kind and name in a namespace of its own",
      { ...operator, target_kind: "StatefulSet", target_name: "db", target_namespace: "shop" },
      "shop:StatefulSet:db",
    ],
    ["by a claim and its own namespace", { ...operator, pvc: "data-0", pvc_namespace: "shop" }, "shop:PersistentVolumeClaim:data-0"],
    [
      "by the service that a request went to",
      { destination_service_name: "web", destination_service_namespace: "shop" },
      "shop:Service:web",
    ],
    ["by the scraped pod of an application", application, "shop:Pod:billing-7d9f6-2xk8p"],
    [
      "by the pod of a part of Kubernetes that is called like a reporter",
      { ...application, job: "kube-controller-manager" },
      "shop:Pod:billing-7d9f6-2xk8p",
    ],
    ["by the pod beside whose database an exporter runs", { ...application, job: "postgres-exporter", pod: "pg-0" }, "shop:Pod:pg-0"],
    [
      "by the pod of an application whose own job label was moved",
      { ...application, exported_job: "nightly-exporter" },
      "shop:Pod:billing-7d9f6-2xk8p",
    ],
    [
      "by the pod of an application whose namespaces are none of Kubernetes",
      { ...application, job: "temporal", exported_namespace: "orders" },
      "shop:Pod:billing-7d9f6-2xk8p",
    ],
    ["by the pod whose node stands in instance", { ...application, instance: "worker-3" }, "shop:Pod:billing-7d9f6-2xk8p"],
    ["by a deployment whose pod stands beside it", { ...application, deployment: "billing" }, "shop:Deployment:billing"],
    [
      "by kube-state-metrics behind a federation",
      {
        job: "federate",
        namespace: "global",
        instance: "10.8.0.4:9090",
        pod: "prometheus-0",
        exported_job: "kube-state-metrics",
        exported_instance: "10.244.1.9:8080",
        exported_pod: state.pod,
        exported_namespace: "shop",
        statefulset: "db",
      },
      "shop:StatefulSet:db",
    ],
    [
      "by the node of a rule of Kubernetes' own that has dropped all else",
      { alertname: "KubeletTooManyPods", node: "worker-1" },
      ":Node:worker-1",
    ],
    [
      "by the node that a collector names",
      { job: "otel-agent", namespace: "otel", pod: "otel-agent-x7k2p", instance: "10.0.0.1:8889", k8s_node_name: "worker-1" },
      ":Node:worker-1",
    ],
    [
      "by the pod of a StatefulSet beside a deployment",
      { ...operator, job: "billing", namespace: "shop", pod: "web-0", deployment: "web" },
      "shop:Pod:web-0",
    ],
    ["by the node beside kube-state-metrics' own pod", { ...state, node: "worker-1" }, ":Node:worker-1"],
  ])("%s", (_, labels, target) => {
    expect(told(labels)).toBe(target);
  });
});

describe("no object is named", () => {
  it.each<[string, Labels, string]>([
    [
      "by two pairs of kind and name",
      { ...state, exported_namespace: "shop", a_kind: "Pod", a_name: "a", b_kind: "Pod", b_name: "b" },
      "shop:Unknown",
    ],
    [
      "by a pair whose namespace only the scrape tells",
      { ...operator, target_kind: "StatefulSet", target_name: "db" },
      "operators:Unknown",
    ],
    [
      "by a pair that the reporter's row does not name",
      { job: "longhorn-backend", namespace: "longhorn-system", a_kind: "StatefulSet", a_name: "db" },
      "longhorn-system:Unknown",
    ],
    [
      "by a service that a mesh does not know",
      { destination_service_name: "unknown", destination_service_namespace: "shop" },
      "shop:Unknown",
    ],
    [
      "where a moved pod has no namespace of its own, even beside a node",
      { ...state, exported_pod: "web-0", node: "worker-1" },
      "monitoring:Unknown",
    ],
    [
      "where a moved service has no namespace of its own, even beside a node",
      { job: "kubelet", namespace: "kube-system", exported_service: "web", node: "worker-1" },
      "kube-system:Unknown",
    ],
    ["by a bare node", { alertname: "DiskFull", node: "worker-1" }, ":Unknown"],
    [
      "by the node of a rule of Kubernetes' own that somebody else tells",
      { alertname: "KubeletTooManyPods", job: "inventory", node: "pve-1" },
      ":Unknown",
    ],
    [
      "by the node that a scrape job adds",
      { ...state, pod: "", job: "kubernetes-service-endpoints", app_kubernetes_io_name: "kube-state-metrics", node: "worker-1" },
      "monitoring:Unknown",
    ],
    [
      "by the service that kube-state-metrics is scraped through",
      { job: "ksm", service: "ksm", app_kubernetes_io_name: "kube-state-metrics", namespace: "monitoring" },
      "monitoring:Unknown",
    ],
    ["by a pod whose instance is a site", { ...application, instance: "https://shop.example/" }, "shop:Unknown"],
    ["by a pod that has a site for a target", { ...application, target: "https://shop.example/" }, "shop:Unknown"],
    ["by a pod that speaks of a cloud's resource", { ...application, name: "arn:aws:rds:eu-west-1:1:db:orders" }, "shop:Unknown"],
    ["by a pod that speaks of another object", { ...application, kind: "Certificate", name: "web-tls" }, "shop:Unknown"],
    ["by a pod that speaks of another namespace", { ...application, tenant_namespace: "bank" }, "shop:Unknown"],
    ["by a pod beside another one's workload", { ...application, statefulset: "db" }, "shop:Unknown"],
    ["by a deployment of a system that builds", { namespace: "ci", deployment: "web", branch: "main" }, "ci:Unknown"],
    [
      "by a federating Prometheus' own pod",
      { ...application, job: "federate", exported_job: "x-exporter", exported_instance: "10.0.0.1:80", exported_namespace: "bank" },
      "bank:Unknown",
    ],
  ])("%s", (_, labels, target) => {
    expect(told(labels)).toBe(target);
  });
});

describe("an unknown target", () => {
  it("keeps its fingerprint over a restart of its reporter, unless one runs on each node", async () => {
    const exporter = (pod: string, instance: string) => ({ ...operator, job: "x-exporter", pod, instance, topic: "orders" });
    const restarted = exporter("x-exporter-7d9f6-9zk4m", "10.244.9.9:8080");
    expect(await fingerprint(restarted)).toBe(await fingerprint(exporter("x-exporter-7d9f6-2xk8p", "10.244.1.8:8080")));
    const daemon = (end: string, address: string) => exporter(`x-exporter-${end}`, `${address}:8080`);
    expect(await fingerprint(daemon("2xk8p", "10.0.0.1"))).not.toBe(await fingerprint(daemon("9zk4m", "10.0.0.2")));
    const known = (address: string) => ({ ...exporter("node-exporter-2xk8p", `${address}:9100`), job: "node-exporter" });
    expect(await fingerprint(known("10.0.0.1"))).not.toBe(await fingerprint(known("10.0.0.2")));
  });

  it("is another where the reporter's name for a site is another", async () => {
    const site = (instance: string) => ({ ...operator, job: "blackbox", pod: "blackbox-7d9f6-2xk8p", instance });
    expect(await fingerprint(site("https://shop.example/"))).not.toBe(await fingerprint(site("https://bank.example/")));
  });
});
