import { matchesPattern } from "./pattern.ts";

/** Matches every namespace, and alerts without one. */
export const ANY_NAMESPACE = "*";

/** RFC 1123 label, as Kubernetes names namespaces. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Whether a source may speak of a namespace; `patterns` such as `shop-*`. An alert without a namespace (empty) is about the whole cluster
 * or nobody knows what, so only a source for all namespaces may send it.
 */
export function judgeNamespace(namespace: string, patterns: readonly string[]): "allowed" | "namespace-invalid" | "namespace-not-allowed" {
  if (namespace !== "" && !DNS_LABEL.test(namespace)) return "namespace-invalid";
  if (patterns.includes(ANY_NAMESPACE)) return "allowed";
  const allowed = namespace !== "" && patterns.some((pattern) => matchesPattern(pattern, namespace));
  return allowed ? "allowed" : "namespace-not-allowed";
}
