import type { Labels } from "../labels.ts";
import type { Resource } from "../resource.ts";
import { type SetAside, setAside } from "./explain.ts";
import { isNamespace } from "./kinds.ts";
import { APART_LABELS, FORMER_SCRAPE, isVolatile, OPEN_TELEMETRY } from "./label-tables.ts";
import { type Found, RULES } from "./rules.ts";
import { isAddress, type Scene, sceneOf } from "./scene.ts";
import { type PassedOver, type Ruling, ruleFor, type TargetRule } from "./target-rule.ts";

/** Every rule that can decide, beside operators' own. */
export const TARGET_RULES = [...RULES.map(([name]) => name), "event-object", "out-of-reach", "unknown"] as const;

/** Why the target is what it is. */
export interface Explanation {
  /** Labels that name the target. */
  readonly used: readonly string[];
  /** Labels that name something and were not believed. */
  readonly setAside: readonly SetAside[];
  /** Labels that tell problems of one target apart. */
  readonly apart: readonly string[];
  /** Operators' rules that match and could not be used. */
  readonly passedOver: readonly PassedOver[];
}

/** How targets are to be found. */
export interface TargetPolicy {
  /** Operators' own rules, in the order in which they are asked. */
  readonly rules: readonly TargetRule[];
  /** Whether the source may speak of a namespace; empty: of the whole cluster. */
  readonly mayWrite: (namespace: string) => boolean;
  /** Whether somebody reads the explanation. */
  readonly explains: boolean;
}

/** What an alert is about. */
export interface Target {
  /** The rule that decided: one of TARGET_RULES, or `rule:<name>` for an operator's. */
  readonly rule: string;
  /** What a remediator may touch; null: no object is named for certain. */
  readonly resource: Resource | null;
  /** A DNS label; empty: a cluster-scoped kind, or none is told. */
  readonly namespace: string;
  /** What tells problems of one name, namespace and resource apart; without a resource, all that tells the problem. */
  readonly apart: Labels;
  /** Null: nobody reads it. */
  readonly explanation: Explanation | null;
}

/**
 * What an alert is about, by its labels alone: an object only where they name it for certain, else none, so that problems stay apart. An
 * operator's rule comes first. A target where the source may not write becomes unknown, in the first namespace of the labels where it may; null:
 * there is none.
 */
export function targetOf(labels: Labels, { rules, mayWrite, explains }: TargetPolicy): Target | null {
  const scene = sceneOf(labels);
  const ruling = ruleFor(rules, labels);
  const decided = ruling.rule?.object ? { rule: `rule:${ruling.rule.name}`, found: ruling.found } : byTable(scene);
  const namespace = decided.found ? decided.found.namespace : (namespacesOf(labels)[0] ?? "");
  const within = mayWrite(namespace) ? namespace : namespacesOf(labels).find(mayWrite);
  if (within === undefined) return null;
  const { rule, found } = within === namespace ? decided : { rule: "out-of-reach", found: null };
  const apart = apartLabels(scene, ruling.rule, found);
  const explanation = explains ? explain(scene, ruling, found, Object.keys(apart)) : null;
  return { rule, resource: found?.resource ?? null, namespace: within, apart, explanation };
}

function byTable(scene: Scene): { readonly rule: string; readonly found: Found | null } {
  for (const [rule, find] of RULES) {
    const found = find(scene);
    if (found === "uncertain") break;
    if (found) return { rule, found };
  }
  return { rule: "unknown", found: null };
}

/** What tells problems apart: beside an object the labels of things inside or behind it, without one all that no restart changes. */
function apartLabels(scene: Scene, rule: TargetRule | null, found: Found | null): Labels {
  const { apart = [], together = [] } = rule ?? {};
  const tells = found
    ? (label: string) => APART_LABELS.has(label) && !found.used.includes(label)
    : (label: string) => !isVolatile(label) && !changesOnRestart(scene, label);
  const telling = Object.entries(scene.labels).filter(([label]) => !together.includes(label) && (apart.includes(label) || tells(label)));
  return Object.fromEntries(telling);
}

const explain = (scene: Scene, { passedOver }: Ruling, found: Found | null, apart: readonly string[]): Explanation => ({
  used: found?.used ?? [],
  setAside: setAside(scene, found?.used ?? [], found !== null),
  apart,
  passedOver,
});

/** Labels that name namespaces, the subject's first. */
const NAMESPACE_LABELS = [
  "exported_namespace",
  ...OPEN_TELEMETRY.map(({ namespace }) => namespace),
  "namespace_name",
  "resource_namespace",
  "namespace",
  FORMER_SCRAPE.namespace,
];

function namespacesOf(labels: Labels): string[] {
  const others = Object.keys(labels).filter((label) => label.endsWith("_namespace") && !NAMESPACE_LABELS.includes(label));
  return [...NAMESPACE_LABELS, ...others.sort()].flatMap((label) => {
    const value = labels[label];
    return value !== undefined && isNamespace(value) ? [value] : [];
  });
}

/** The last part of a DaemonSet's pod name: Kubernetes takes no vowels and few digits, so that it spells no words. */
const DAEMON_POD = /(?:^|-)([^-]*)-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** True for a pod named after its workload and five characters; before a Deployment's stands a hash as well. */
function isDaemonPod(pod: string): boolean {
  const before = DAEMON_POD.exec(pod)?.[1];
  return before !== undefined && !/\d|^[^aeiou]+$/.test(before);
}

/**
 * What a reporter's restart changes though the problem is the same: its pod, and the address that came with that pod, unless one reporter runs on each
 * node and the address tells which.
 */
function changesOnRestart({ labels, reporter, ownPods }: Scene, label: string): boolean {
  if (ownPods.includes(label)) return true;
  // Where the subject's own node was moved away, this one is the scraped pod's.
  if (label === "node" && labels.exported_node !== undefined && ownPods.length > 0) return !reporter?.perNode;
  const address = ownPods.includes("exported_pod") ? ["instance", "exported_instance"] : ["instance"];
  if (!address.includes(label) || ownPods.length === 0 || reporter?.perNode) return false;
  const isDaemon = !reporter?.isKnown && ownPods.some((own) => isDaemonPod(labels[own] ?? ""));
  return !isDaemon && isAddress(labels[label] ?? "");
}
