import { isNamespace, isObjectName } from "./kinds.ts";
import { EITHER_WORKLOADS, FORMER_SCRAPE, OBJECT_LABELS, OPEN_TELEMETRY, WORKLOAD_LABELS } from "./label-tables.ts";
import type { Scene } from "./scene.ts";

/** A label that names something and was not believed. */
export interface SetAside {
  readonly label: string;
  readonly why: string;
}

const NAMING: ReadonlySet<string> = new Set([
  ...OBJECT_LABELS.keys(),
  ...WORKLOAD_LABELS.keys(),
  ...OPEN_TELEMETRY.flatMap(({ pod, namespace, node, collector }) => [pod, namespace, node, ...collector.keys()]),
  ...Object.values(FORMER_SCRAPE),
  ...["namespace", "pod", "pod_name", "service", "ingress", "node", "nodename", "name", "workload"],
]);

const COLLECTED = ["job", "instance", "endpoint", "container"];

/** Labels that could have named the target and did not, each with the reason; in the order of the labels. `used` named it. */
export function setAside(scene: Scene, used: readonly string[], isNamed: boolean): SetAside[] {
  return Object.keys(scene.labels).flatMap((label) => {
    const plain = label.replace(/^exported_/, "");
    if (used.includes(label) || !(NAMING.has(plain) || COLLECTED.includes(plain))) return [];
    return [{ label, why: whyNot(scene, label, plain, isNamed) }];
  });
}

function whyNot({ labels, reporter, sign, ownPods, namespace }: Scene, label: string, plain: string, isNamed: boolean): string {
  const value = labels[label] ?? "";
  if (plain === "namespace" || plain.endsWith("_namespace")) {
    return isNamespace(value) ? "is where the sample was collected" : "cannot be the name of a namespace";
  }
  if (COLLECTED.includes(label)) return "says where the sample was collected";
  if (!isObjectName(value)) return "cannot be the name of an object";
  if (ownPods.includes(label)) return sign === null ? "is the reporter's own pod" : `is the scraped pod, and ${sign} names something else`;
  if (isNamed) return "a more telling label names the object";
  if (plain === "service" && reporter) return "is the service that was scraped";
  if (plain === "node") return "may be where the sample was collected, or another system's node";
  if (EITHER_WORKLOADS.has(plain)) return "is also another system's word, and no known reporter says it";
  return namespace ? "names nothing for certain" : "no namespace of the subject stands beside it";
}
