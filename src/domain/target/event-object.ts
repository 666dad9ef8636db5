import { isClusterScoped, isNamespace, isObjectName, resourceOf } from "./kinds.ts";
import type { Target, TargetPolicy } from "./target-of.ts";

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
 * may not write. A namespace that cannot be one leaves the object unknown.
 */
export function eventTarget(object: EventObject, { mayWrite, explains }: Omit<TargetPolicy, "rules">): Target | null {
  const group = /^([^/]+)\//.exec(object.apiVersion)?.[1] ?? "";
  const resource = resourceOf(isObjectName(group) ? group : "", object.kind, object.name);
  const told = isClusterScoped(resource) ? "" : object.namespace;
  const isPlaced = told === "" || isNamespace(told);
  const namespace = isPlaced ? told : "";
  if (!mayWrite(namespace)) return null;
  const fields = Object.entries(object).flatMap(([field, text]) => (text === "" ? [] : [field]));
  if (isPlaced) {
    const explanation = explains ? { used: fields, setAside: [], apart: [], passedOver: [] } : null;
    return { rule: "event-object", resource, namespace, apart: {}, explanation };
  }
  const aside = [{ label: "namespace", why: "cannot be the name of a namespace" }];
  const explanation = explains ? { used: [], setAside: aside, apart: fields, passedOver: [] } : null;
  return { rule: "unknown", resource: null, namespace, apart: { ...object }, explanation };
}
