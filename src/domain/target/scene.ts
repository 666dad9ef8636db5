import type { Labels } from "../labels.ts";
import { isKind, isNamespace, isObjectName } from "./kinds.ts";
import { FORMER_SCRAPE, OBJECT_LABELS, OPEN_TELEMETRY, RELATIONS, WORKLOAD_LABELS } from "./label-tables.ts";
import { hasOwnNamespaces, isCalled, podSoundsLikeReporter, type Reporter, reporterOf } from "./reporters.ts";

/** One label and what it says. */
export interface Said {
  readonly label: string;
  readonly value: string;
}

/** What the rules for targets look at: an alert's labels, and who tells them. */
export interface Scene {
  readonly labels: Labels;
  /** Null: the labels are those of an application's own metric, or of a rule that has dropped the scrape's. */
  readonly reporter: Reporter | null;
  /** Why a reporter was seen that neither its name nor the table gives away: the label that names something else. */
  readonly sign: string | null;
  /** Labels that name the reporter's own pod. */
  readonly ownPods: readonly string[];
  /** The sample's own namespace where the scrape's has taken its place; null also where the application means something else by it. */
  readonly moved: Said | null;
  /** Where the objects live that the labels name; null: only the scrape's own namespace is known. */
  readonly namespace: Said | null;
}

/** What a label says, where it may be the name of an object. */
export function named(labels: Labels, label: string): Said | null {
  const value = labels[label];
  return value !== undefined && isObjectName(value) ? { label, value } : null;
}

/** The same of a namespace. */
export function namespaceNamed(labels: Labels, label: string): Said | null {
  const value = labels[label];
  return value !== undefined && isNamespace(value) ? { label, value } : null;
}

/** What a label says of the subject: Prometheus moves a sample's own label to `exported_<label>` where the scrape has one of that name. */
export const subjectNamed = (labels: Labels, label: string): Said | null => named(labels, `exported_${label}`) ?? named(labels, label);

/** `exported_<label>`s that name an object other than the scraped one. */
const MOVED = ["pod", "service", "node"] as const;

/** Labels that name something outside of the scraped pod, whatever they say. */
const FOREIGN = ["exported_service", "exported_instance", "member_idx", "customresource_kind", "nodeid", "nodeID", "node_uuid"] as const;

/** `<prefix>_namespace`s of who talks to the scraped pod. */
const TRAFFIC = /^(source|src|client|peer|destination|dst|response|upstream|downstream)_/;

const IP_WITH_PORT = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/i;

/** True for an address as service discovery writes it. */
export const isAddress = (instance: string): boolean => IP_WITH_PORT.test(instance);

/** True where a scrape's `instance` names something else than the scraped pod: a site, a device, a database. One word may be the pod's node. */
function isElsewhere({ job, instance, pod, ...labels }: Labels): boolean {
  if (job === undefined || instance === undefined || pod === undefined || isAddress(instance)) return false;
  const host = instance.replace(/:[^:/]*$/, "");
  const own = [pod, labels.node, labels.nodename, labels.kubernetes_node, labels.host_ip].filter((name) => name !== undefined);
  return /[./]/.test(host) && !own.some((name) => host === name || host.startsWith(`${name}.`));
}

/** True where a workload's pods may be called like this one. */
export const mayOwn = (workload: string, pod: string): boolean => pod === workload || pod.startsWith(`${workload}-`);

/** A pod's own label as a scrape's labelmap writes it: `strimzi.io/kind`. */
const POD_LABEL = /_(io|com|org|net|dev|sh)_/;

/** The `<prefix>_kind` labels, and `kind`, that name an object together with the name beside them. */
export const kindLabels = (labels: Labels): readonly { readonly prefix: string; readonly kind: string; readonly name: Said }[] =>
  Object.entries(labels).flatMap(([label, kind]) => {
    if (label !== "kind" && !label.endsWith("_kind")) return [];
    const prefix = label.slice(0, -"kind".length);
    if (prefix === "customresource_" || POD_LABEL.test(prefix) || RELATIONS.has(prefix.slice(0, -1)) || !isKind(kind)) return [];
    const name = subjectNamed(labels, `${prefix}name`);
    return name ? [{ prefix, kind, name }] : [];
  });

function movedNamespace(labels: Labels): Said | null {
  const moved = namespaceNamed(labels, "exported_namespace");
  return moved && !hasOwnNamespaces(labels) ? moved : null;
}

/** True where a collector speaks of a node and has added its own pod. */
const isCollected = (labels: Labels): boolean => OPEN_TELEMETRY.some(({ node, pod }) => labels[node] && !labels[pod]);

/** The label by which a scraped pod plainly speaks of something else than itself; null: none. */
function signOf(labels: Labels, movedNamespace: Said | null): string | null {
  if (movedNamespace) return movedNamespace.label;
  const { pod, instance, target, name } = labels;
  if (pod !== undefined && isCollected(labels)) return "k8s_node_name";
  const moved = MOVED.map((label) => `exported_${label}`).find((label) => named(labels, label));
  if (moved) return moved;
  if (pod === undefined || instance === undefined) return null;
  if (isElsewhere(labels)) return "instance";
  if (target?.includes("://") || target?.includes(".")) return "target";
  if (name?.startsWith("arn:")) return "name";
  const foreign = FOREIGN.find((label) => labels[label]) ?? Object.keys(labels).find((label) => label.startsWith("dimension_"));
  if (foreign) return foreign;
  const [told] = kindLabels(labels);
  if (told) return `${told.prefix}kind`;
  const object = [...OBJECT_LABELS.keys()].find((label) => labels[label]) ?? namespaceElsewhere(labels);
  return object ?? [...WORKLOAD_LABELS.keys()].find((label) => labels[label] && !mayOwn(labels[label], pod)) ?? null;
}

/** A label that names another namespace than the scrape's. */
function namespaceElsewhere(labels: Labels): string | undefined {
  return Object.keys(labels).find((label) => {
    const isNamespaceLabel = label === "namespace_name" || (label.endsWith("_namespace") && !TRAFFIC.test(label));
    const isScraped =
      label === FORMER_SCRAPE.namespace || label === "exported_namespace" || labels[label] === labels.namespace || POD_LABEL.test(label);
    return isNamespaceLabel && !isScraped && namespaceNamed(labels, label) !== null;
  });
}

/** Databases and queues run with their exporter beside them, in pods with an ordinal: such a pod is what its exporter reports about. */
const isBesideItsExporter = (pod: string | undefined): boolean => pod !== undefined && /-\d+$/.test(pod) && !podSoundsLikeReporter(pod);

/** Who speaks: a reporter of the table, one that sounds like it, or one that only its labels give away. */
function speakerOf(labels: Labels, moved: Said | null): Pick<Scene, "reporter" | "sign"> {
  const reporter = reporterOf(labels);
  if (reporter && (reporter.isKnown || !isBesideItsExporter(labels.pod))) return { reporter, sign: null };
  const sign = signOf(labels, moved);
  return { reporter: sign === null ? null : { names: [], objects: [], isKnown: false }, sign };
}

/** The reporter's own pod: what it is called like, what its service is called like, or whatever stands beside the subject's own. */
function ownPodsOf(labels: Labels, reporter: Reporter, movedNamespace: Said | null): string[] {
  const { objects } = reporter;
  const movedPod = named(labels, "exported_pod");
  const isMoved = movedPod !== null || movedNamespace !== null;
  const mayBeSubject = !isMoved && (objects === "all" || objects.includes("pod"));
  const { pod, service } = labels;
  const isOwn = pod !== undefined && (!mayBeSubject || isCalled(pod, reporter) || (service !== undefined && mayOwn(service, pod)));
  return [
    ...(isOwn ? ["pod"] : []),
    ...(labels[FORMER_SCRAPE.pod] === undefined ? [] : [FORMER_SCRAPE.pod]),
    // Through a federation.
    ...(movedPod && labels.exported_job && isCalled(movedPod.value, reporter) ? [movedPod.label] : []),
  ];
}

function subjectNamespace(labels: Labels, reporter: Reporter | null, moved: Said | null): Said | null {
  if (moved) return moved;
  if (reporter) return reporter.objects.length > 0 || reporter.named ? namespaceNamed(labels, "namespace") : null;
  return namespaceNamed(labels, "namespace") ?? namespaceNamed(labels, FORMER_SCRAPE.namespace);
}

/** Reads once what every rule asks. */
export function sceneOf(labels: Labels): Scene {
  const moved = movedNamespace(labels);
  const { reporter, sign } = speakerOf(labels, moved);
  const ownPods = reporter ? ownPodsOf(labels, reporter, moved) : [];
  return { labels, reporter, sign, ownPods, moved, namespace: subjectNamespace(labels, reporter, moved) };
}
