import { isClusterScoped, isNamespace, isObjectName, resourceOf } from "./kinds.ts";
import type { Target, TargetPolicy } from "./target-of.ts";

/** Longest kind, and longest name: some objects, such as roles, may be called almost anything of this length (Kubernetes API server). */
const KIND_CHARACTERS_MAX = 63;
const NAME_CHARACTERS_MAX = 253;

/** The object that an event is about, as its reference names it (core/v1 ObjectReference); empty: not told. */
export interface EventObject {
  /** `group/version`, or `v1` of the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * What an event is about: its object, by API group, kind, namespace and name. Null: the object lies where the source
 * may not write. A namespace that cannot be one, or a kind or name longer than any, leaves the object unknown.
 */
export function eventTarget(object: EventObject, { mayWrite, explains }: Omit<TargetPolicy, "rules">): Target | null {
  const group = /^([^/]+)\//.exec(object.apiVersion)?.[1] ?? "";
  const resource = resourceOf(isObjectName(group) ? group : "", object.kind, object.name);
  const told = isClusterScoped(resource) ? "" : object.namespace;
  const isPlaced = told === "" || isNamespace(told);
  const isNamed = object.kind.length <= KIND_CHARACTERS_MAX && object.name.length <= NAME_CHARACTERS_MAX;
  const namespace = isPlaced ? told : "";
  if (!mayWrite(namespace)) return null;
  const fields = Object.entries(object).flatMap(([field, text]) => (text === "" ? [] : [field]));
  if (isPlaced && isNamed) {
    const explanation = explains ? { used: fields, setAside: [], apart: [], passedOver: [] } : null;
    return { rule: "event-object", resource, namespace, apart: {}, explanation };
  }
  const aside = isPlaced
    ? [{ label: "name", why: "is longer than the kind or name of any object" }]
    : [{ label: "namespace", why: "cannot be the name of a namespace" }];
  const explanation = explains ? { used: [], setAside: aside, apart: fields, passedOver: [] } : null;
  return { rule: "unknown", resource: null, namespace, apart: { ...object }, explanation };
}
