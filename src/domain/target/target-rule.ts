import type { Labels } from "../labels.ts";
import { matchesPattern } from "../pattern.ts";
import type { Resource } from "../resource.ts";
import { isClusterScoped, isKind, isNamespace, isObjectName, resourceOf } from "./kinds.ts";
import type { Found } from "./rules.ts";
import { fill, type Template } from "./template.ts";

/** Which object an operator's rule names; without `namespace` a cluster-scoped one. */
export interface ObjectTemplate {
  /** `Kind`, or `Kind.group` of a custom kind. */
  readonly kind: Template;
  readonly name: Template;
  readonly namespace: Template | null;
}

/** What an operator says of some alerts. */
export interface TargetRule {
  readonly name: string;
  /** Patterns with `*` by label; all have to fit. */
  readonly match: readonly (readonly [label: string, pattern: string])[];
  /** `unknown`: no object may be named. Null: the object is found as without the rule. */
  readonly object: ObjectTemplate | "unknown" | null;
  /** Labels that also tell problems apart. */
  readonly apart: readonly string[];
  /** Labels that do not. */
  readonly together: readonly string[];
}

/** A rule that matches an alert and could not be used for it. */
export interface PassedOver {
  readonly rule: string;
  readonly why: string;
}

/** The rule that decides about an alert, if one does. */
export interface Ruling {
  readonly rule: TargetRule | null;
  /** The object that it names. */
  readonly found: Found | null;
  readonly passedOver: readonly PassedOver[];
}

/** The first rule that matches and whose templates the labels can fill. */
export function ruleFor(rules: readonly TargetRule[], labels: Labels): Ruling {
  const passedOver: PassedOver[] = [];
  for (const rule of rules) {
    if (!rule.match.every(([label, pattern]) => matchesPattern(pattern, labels[label] ?? ""))) continue;
    if (rule.object === null || rule.object === "unknown") return { rule, found: null, passedOver };
    const made = objectOf(rule.object, labels);
    if (typeof made !== "string") return { rule, found: made, passedOver };
    passedOver.push({ rule: rule.name, why: made });
  }
  return { rule: null, found: null, passedOver };
}

/** The object, or why there is none. */
function objectOf({ kind, name, namespace }: ObjectTemplate, labels: Labels): Found | string {
  const texts: string[] = [];
  for (const template of [kind, name, ...(namespace ? [namespace] : [])]) {
    const filled = fill(template, labels);
    if ("missing" in filled) return `the alert has no label ${filled.missing}`;
    texts.push(filled.text);
  }
  const [kindText = "", nameText = "", namespaceText = ""] = texts;
  const resource = resourceNamed(kindText, nameText);
  if (!resource) return "what it makes of the labels is no kind";
  if (!isObjectName(nameText)) return "what it makes of the labels cannot be the name of an object";
  if (namespace && !isNamespace(namespaceText)) return "what it makes of the labels cannot be the name of a namespace";
  const used = [...new Set([kind, name, ...(namespace ? [namespace] : [])].flatMap((template) => template.labels))];
  return { resource, namespace: isClusterScoped(resource) ? "" : namespaceText, used };
}

/** Reads `Kind` or `Kind.group`; null: it is neither. */
export function resourceNamed(kindText: string, name: string): Resource | null {
  const dot = kindText.indexOf(".");
  const [kind, group] = dot < 0 ? [kindText, null] : [kindText.slice(0, dot), kindText.slice(dot + 1)];
  return isKind(kind) && (group === null || isObjectName(group)) ? resourceOf(group ?? "", kind, name) : null;
}
