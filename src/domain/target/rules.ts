import type { Resource } from "../resource.ts";
import { words } from "../words.ts";
import { isClusterScoped, isNamespace, resourceOf } from "./kinds.ts";
import {
  EITHER_WORKLOADS,
  FORMER_SCRAPE,
  OBJECT_LABELS,
  OPEN_TELEMETRY,
  REPORTERS_OBJECT_LABELS,
  WORKLOAD_LABELS,
  WORKLOAD_TYPES,
} from "./label-tables.ts";
import { isCalled, type Reporter } from "./reporters.ts";
import { kindLabels, mayOwn, named, namespaceNamed, type Said, type Scene, subjectNamed } from "./scene.ts";

/** An object that is named for certain, and the labels that name it. */
export interface Found {
  readonly resource: Resource;
  /** A DNS label; empty: a cluster-scoped kind. */
  readonly namespace: string;
  readonly used: readonly string[];
}

/** Null: the rule names nothing. `uncertain`: the labels contradict each other, so no later rule may name anything either. */
export type Rule = (scene: Scene) => Found | "uncertain" | null;

const namesObject = ({ objects }: Reporter, label: string): boolean => objects === "all" || objects.includes(label);

const found = (resource: Resource, name: Said, namespace: Said | null, ...more: string[]): Found | null => {
  if (isClusterScoped(resource)) return { resource, namespace: "", used: [name.label, ...more] };
  return namespace && { resource, namespace: namespace.value, used: [name.label, namespace.label, ...more] };
};

/** kube-state-metrics' `customresource_*` (its customResourceState): certain where the sample's own namespace was moved. */
const customResource: Rule = ({ labels, moved }) => {
  const { customresource_group: group = "", customresource_kind: kind } = labels;
  const name = subjectNamed(labels, "name");
  if (!kind || !name) return null;
  return moved && found(resourceOf(group, kind, name.value), name, moved, "customresource_kind");
};

/** A label that is called like a kind: `persistentvolumeclaim`, with `<label>_namespace` where there is one. */
const object: Rule = ({ labels, reporter, namespace }) => {
  for (const [label, kind] of OBJECT_LABELS) {
    const name = subjectNamed(labels, label);
    const place = namespaceNamed(labels, `${label}_namespace`) ?? namespace;
    const seen = name && found({ kind, name: name.value }, name, place);
    if (seen) return seen;
  }
  for (const [label, { kind, group }] of REPORTERS_OBJECT_LABELS) {
    const name = reporter && namesObject(reporter, label) ? subjectNamed(labels, label) : null;
    const seen = name && found(resourceOf(group, kind, name.value), name, namespace);
    if (seen) return seen;
  }
  return null;
};

/** `<prefix>_kind`, `<prefix>_name` and, where there is one, `<prefix>_namespace`; or `kind`, `name` and `resource_namespace`. If two pairs name objects, neither is certain. */
const kindAndName: Rule = ({ labels, reporter, namespace }) => {
  const all = kindLabels(labels).flatMap(({ prefix, kind, name }) => {
    const isTheirs = !reporter || namesObject(reporter, `${prefix}kind`) || namespace?.label === "exported_namespace";
    const beside = prefix === "" ? "resource_namespace" : `${prefix}namespace`;
    const place = namespaceNamed(labels, beside) ?? (isTheirs ? namespace : null);
    return found(resourceOf("", kind, name.value), name, place, `${prefix}kind`) ?? [];
  });
  return all.length > 1 ? "uncertain" : (all[0] ?? null);
};

/** What the `name` of a known reporter is. */
const reporterName: Rule = ({ labels, reporter, namespace }) => {
  const name = subjectNamed(labels, "name");
  if (!name || !reporter?.named) return null;
  const { kind, group, beside } = reporter.named;
  return beside !== undefined && !labels[beside] ? null : found({ kind, group, name: name.value }, name, namespace);
};

/** The service that a mesh's request went to (Istio's standard metrics). */
const meshDestination: Rule = ({ labels }) => {
  const names = ["destination_service_name", "destination_canonical_service"].map((label) => namespaceNamed(labels, label));
  const name = names.find((said) => said && said.value !== "unknown");
  const namespaces = ["destination_service_namespace", "destination_workload_namespace"].map((label) => namespaceNamed(labels, label));
  const namespace = namespaces.find((said) => said && said.value !== "unknown");
  return name && namespace ? found({ kind: "Service", name: name.value }, name, namespace) : null;
};

/** A workload's own label. `deployment` and `job_name` are also other systems' words: beside a scraped address only the reporter's row makes them certain. */
const workload: Rule = ({ labels, reporter, namespace }) => {
  for (const [label, kind] of WORKLOAD_LABELS) {
    const name = subjectNamed(labels, label);
    if (!name) continue;
    const isCertain = EITHER_WORKLOADS.has(label) ? mayBeWorkload(name, labels, reporter) : true;
    const seen = isCertain ? found({ kind, name: name.value }, name, namespace) : null;
    if (seen) return seen;
  }
  return null;
};

/** Labels of CI systems and stream processors, beside which a deployment or a job is theirs. */
const OTHERS_JOBS: ReadonlySet<string> = new Set(
  words(`project project_name ref branch pipeline pipeline_name repository repo workflow runner stage build job_id task_name task_id subtask_index
    operator_name operator_id tm_id`),
);

function mayBeWorkload({ label, value }: Said, labels: Scene["labels"], reporter: Reporter | null): boolean {
  const { pod, instance } = labels;
  if (reporter) return namesObject(reporter, label);
  // A pod with an ordinal is a StatefulSet's.
  if (pod !== undefined) return mayOwn(value, pod) && !/^-\d+$/.test(pod.slice(value.length));
  return instance === undefined && !Object.keys(labels).some((beside) => OTHERS_JOBS.has(beside));
}

const pod: Rule = ({ labels, reporter, ownPods, moved, namespace }) => {
  const movedPod = named(labels, "exported_pod");
  if (movedPod && !ownPods.includes(movedPod.label)) {
    const place = moved ?? namespaceNamed(labels, "pod_namespace");
    return found({ kind: "Pod", name: movedPod.value }, movedPod, place) ?? "uncertain";
  }
  for (const spelling of OPEN_TELEMETRY) {
    const name = named(labels, spelling.pod);
    const seen = name && found({ kind: "Pod", name: name.value }, name, namespaceNamed(labels, spelling.namespace));
    if (seen) return seen;
  }
  const own = named(labels, FORMER_SCRAPE.pod);
  if (own && !ownPods.includes(own.label)) {
    const place = namespaceNamed(labels, FORMER_SCRAPE.namespace) ?? namespace;
    const seen = found({ kind: "Pod", name: own.value }, own, place);
    if (seen) return seen;
  }
  const name = named(labels, "pod") ?? (reporter?.objects === "all" || !reporter ? named(labels, "pod_name") : null);
  return name && !ownPods.includes(name.label) ? found({ kind: "Pod", name: name.value }, name, namespace) : null;
};

/** The workload that a collector writes beside a pod, where there is none. */
const collectorWorkload: Rule = ({ labels, namespace }) => {
  const name = named(labels, "workload");
  const kind = WORKLOAD_TYPES.get(labels.workload_type?.toLowerCase() ?? "");
  if (name && kind) return found({ kind, name: name.value }, name, namespace, "workload_type");
  for (const spelling of OPEN_TELEMETRY)
    for (const [label, kind] of spelling.collector) {
      const workload = named(labels, label);
      const seen = workload && found({ kind, name: workload.value }, workload, namespaceNamed(labels, spelling.namespace));
      if (seen) return seen;
    }
  return null;
};

const service: Rule = ({ labels, reporter, ownPods, moved, namespace }) => {
  const movedService = namespaceNamed(labels, "exported_service");
  if (movedService) {
    const place = moved ?? namespaceNamed(labels, "service_namespace");
    return found({ kind: "Service", name: movedService.value }, movedService, place) ?? "uncertain";
  }
  const name = namespaceNamed(labels, "service") ?? (reporter ? null : namespaceNamed(labels, FORMER_SCRAPE.service));
  if (!name || (reporter && isOwnService(name.value, labels, reporter, ownPods))) return null;
  return found({ kind: "Service", name: name.value }, name, namespace);
};

function isOwnService(name: string, labels: Scene["labels"], reporter: Reporter, ownPods: readonly string[]): boolean {
  if (!namesObject(reporter, "service") || isNamespace(labels.exported_namespace ?? "") || name === labels.job) return true;
  return isCalled(name, reporter) || ownPods.some((label) => mayOwn(name, labels[label] ?? ""));
}

const ingress: Rule = ({ labels, reporter, namespace }) => {
  const name = subjectNamed(labels, "ingress");
  if (!name || (reporter && !namesObject(reporter, "ingress") && namespace?.label !== "exported_namespace")) return null;
  return found({ kind: "Ingress", name: name.value }, name, namespace);
};

/** Scrape jobs that add the node of the scraped pod to its samples (the chart prometheus-community/prometheus). */
const ADDS_NODE = /^kubernetes-(service-endpoints|pods)(-slow)?$/;

/** Kubernetes' own rules (kubernetes-mixin) begin so; some drop every label of the scrape. */
const KUBERNETES_RULE = /^Kube(let|rnetes)?[A-Z]/;

const node: Rule = ({ labels, reporter }) => {
  const name = nodeNamed(labels, reporter);
  return name && { resource: { kind: "Node", name: name.value }, namespace: "", used: [name.label] };
};

function nodeNamed(labels: Scene["labels"], reporter: Reporter | null): Said | null {
  if (reporter && namesObject(reporter, "node")) {
    return named(labels, "exported_node") ?? (ADDS_NODE.test(labels.job ?? "") ? null : named(labels, "node"));
  }
  if (reporter && namesObject(reporter, "nodename")) return named(labels, "nodename");
  const spelling = OPEN_TELEMETRY.find(({ node: label, namespace }) => labels[label] && !labels[namespace]);
  if (spelling && !reporter?.isKnown) return named(labels, spelling.node);
  if (reporter) return null;
  const isBare = !["job", "instance", "service", "pod", "namespace"].some((label) => labels[label]);
  return isBare && KUBERNETES_RULE.test(labels.alertname ?? "") ? named(labels, "node") : null;
}

/** The rules in the order in which they are asked; the first that names an object decides. */
export const RULES: readonly (readonly [name: string, rule: Rule])[] = [
  ["custom-resource", customResource],
  ["object-label", object],
  ["kind-and-name", kindAndName],
  ["reporter-name", reporterName],
  ["mesh-destination", meshDestination],
  ["workload", workload],
  ["pod", pod],
  ["collector-workload", collectorWorkload],
  ["service", service],
  ["ingress", ingress],
  ["node", node],
];
