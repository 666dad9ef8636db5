import type { Resource } from "./alert.ts";
import type { Labels } from "./labels.ts";

/**
 * Labels that name what an alert is about, most telling first. Never `job` (Prometheus's scrape job stands on nearly every alert),
 * nor `instance`, `endpoint` or `container`.
 */
const RESOURCE_LABELS: readonly (readonly [label: string, kind: string])[] = [
  ["horizontalpodautoscaler", "HorizontalPodAutoscaler"],
  ["poddisruptionbudget", "PodDisruptionBudget"],
  ["persistentvolumeclaim", "PersistentVolumeClaim"],
  ["deployment", "Deployment"],
  ["statefulset", "StatefulSet"],
  ["daemonset", "DaemonSet"],
  ["replicaset", "ReplicaSet"],
  ["job_name", "Job"],
  ["cronjob", "CronJob"],
  ["node", "Node"],
  ["ingress", "Ingress"],
  ["service", "Service"],
  ["pod", "Pod"],
];

/** Components whose Service is only where a sample was scraped. The kubelet's metrics are about other pods, and some rules drop `job`. */
const SCRAPED_SERVICES = ["kube-state-metrics", "node-exporter", "prometheus", "alertmanager", "grafana", "kubelet"];

/** Exporters whose samples are about something else, so that their own pod says nothing. */
const EXPORTERS = ["kube-state-metrics", "node-exporter"];

/** Built-in kinds that live outside of namespaces (Kubernetes API reference). */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  "Node",
  "Namespace",
  "PersistentVolume",
  "StorageClass",
  "VolumeAttachment",
  "CSIDriver",
  "CSINode",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "APIService",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "CertificateSigningRequest",
  "PriorityClass",
  "RuntimeClass",
  "IngressClass",
  "FlowSchema",
  "PriorityLevelConfiguration",
]);

/** True for kinds that have no namespace, whatever a label says. */
export const isClusterScoped = (kind: string): boolean => CLUSTER_SCOPED.has(kind);

/** Charts put the release before a component's name: `monitoring-kube-state-metrics`. */
const isCalled = (name: string, component: string): boolean => name === component || name.endsWith(`-${component}`);

const holdsWords = (name: string, words: string): boolean => `-${name}-`.includes(`-${words}-`);

/**
 * True where the label names what was scraped instead of what the alert is about: the same name as the scrape job, a monitoring component,
 * or an exporter's pod in samples scraped from that exporter.
 */
function isScrapeTarget(label: string, name: string, job: string | undefined): boolean {
  if (label !== "service" && label !== "pod") return false;
  if (job && isCalled(name, job)) return true;
  if (SCRAPED_SERVICES.some((component) => isCalled(name, component))) return true;
  return label === "pod" && job !== undefined && EXPORTERS.some((exporter) => isCalled(job, exporter) && holdsWords(name, exporter));
}

/**
 * What an alert is about, by the first telling label; null where none tells.
 * `skipped`: labels that name a scrape target; they differ between equal alerts, so they take no part in recognising one.
 */
export function resourceOf(labels: Labels): { readonly resource: Resource | null; readonly skipped: readonly string[] } {
  const named = RESOURCE_LABELS.filter(([label]) => labels[label]);
  const skipped = named.map(([label]) => label).filter((label) => isScrapeTarget(label, labels[label] ?? "", labels.job));
  const [label = "", kind = ""] = named.find(([candidate]) => !skipped.includes(candidate)) ?? [];
  const name = labels[label];
  return { resource: name ? { kind, name } : null, skipped };
}
