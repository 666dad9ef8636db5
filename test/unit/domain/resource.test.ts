import { describe, expect, it } from "vitest";
import { resourceOf } from "../../../src/domain/resource.ts";

const ORDER = [
  "horizontalpodautoscaler",
  "poddisruptionbudget",
  "persistentvolumeclaim",
  "deployment",
  "statefulset",
  "daemonset",
  "replicaset",
  "job_name",
  "cronjob",
  "node",
  "ingress",
  "service",
  "pod",
];

describe("the resource of an alert", () => {
  it("is the first that a label tells, most telling first", () => {
    ORDER.forEach((label, index) => {
      const labels = Object.fromEntries(ORDER.slice(index).map((each) => [each, `the-${each}`]));
      expect(resourceOf(labels).resource?.name).toBe(`the-${label}`);
    });
  });

  it("is never told by job, instance, endpoint, container or an empty label", () => {
    expect(resourceOf({ job: "a", instance: "b", endpoint: "c", container: "d", pod: "" })).toEqual({ resource: null, skipped: [] });
  });

  it.each([
    ["its job's name", { job: "api", service: "api", pod: "api" }],
    ["its job's name behind a release", { job: "kube-etcd", service: "monitoring-kube-etcd" }],
    ["a monitoring component", { service: "kube-state-metrics" }],
    ["a monitoring component behind a release", { service: "monitoring-grafana", pod: "prometheus" }],
    ["an exporter's pod in its own samples", { job: "node-exporter", pod: "monitoring-prometheus-node-exporter-x7k2p" }],
  ])("is not the scrape target: %s", (_, labels) => {
    const { resource, skipped } = resourceOf(labels);
    expect(resource).toBeNull();
    expect(skipped).toEqual(Object.keys(labels).filter((label) => label !== "job"));
  });

  it.each([
    ["an exporter's pod in others' samples", { job: "kube-state-metrics", pod: "node-exporter-x7k2p" }],
    ["a monitoring component's pod", { job: "prometheus-k8s", pod: "prometheus-k8s-0" }],
    ["a deployment called like its job", { job: "api", deployment: "api" }],
    ["a service that only sounds like its job", { job: "api", service: "rapi" }],
  ])("is %s", (_, labels) => {
    expect(resourceOf(labels)).toMatchObject({ resource: { name: Object.values(labels)[1] }, skipped: [] });
  });
});
