import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type NetworkPolicy, printedSecrets, rendered, type Selector, selects, workloads } from "../support/manifests.ts";

interface PodMonitor {
  readonly kind: "PodMonitor";
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly selector: Selector;
    readonly podMetricsEndpoints: readonly [
      {
        readonly port: string;
        readonly path: string;
        readonly authorization: { readonly credentials: { readonly name: string; readonly key: string } };
      },
    ];
  };
}

const printed = execFileSync("kubectl", ["kustomize", "deploy/monitoring"], { encoding: "utf8" });
const objects = parseAllDocuments(printed).map((document) => document.toJS() as { readonly kind: string });
const monitor = objects.find(({ kind }) => kind === "PodMonitor") as PodMonitor;
const opened = objects.find(({ kind }) => kind === "NetworkPolicy") as unknown as NetworkPolicy;
const own = workloads(rendered("all-in-cluster")).filter(({ spec }) => spec.template.spec.containers[0].name === "breakwater");

it("Prometheus' operator is told of every process, by the port that it listens on, and a token that is there", () => {
  const [{ port, path, authorization }] = monitor.spec.podMetricsEndpoints;
  expect(own.map(({ spec }) => selects(monitor.spec.selector, spec.template.metadata.labels))).toEqual([true, true, true]);
  for (const { spec } of own) expect(spec.template.spec.containers[0].ports.map(({ name }) => name)).toContain(port);
  const { name, key } = authorization.credentials;
  expect([path, monitor.metadata.namespace]).toEqual(["/metrics", "kubernaut-system"]);
  expect(printedSecrets("all-in-cluster").secrets.get(name)?.[key]).toMatch(/^\w{32,}$/);
});

it("namespaces that may send alerts reach the metrics of those processes that they could not reach before", () => {
  const reached = own.filter(({ spec }) => selects(opened.spec.podSelector, spec.template.metadata.labels));
  expect(reached.map(({ metadata }) => metadata.name).sort()).toEqual(["breakwater-bridge", "breakwater-proxy"]);
  expect(opened.spec.ingress?.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([8787]);
});
