import { matchesPattern } from "./pattern.ts";

/** Matches every namespace, and alerts without one. */
export const ANY_NAMESPACE = "*";

/**
 * Whether a source may write to a namespace; `patterns` such as `shop-*`. An alert without a namespace (empty) is about the whole cluster or nobody knows
 * what, so only a source for all namespaces may send it.
 */
export const mayWriteTo =
  (patterns: readonly string[]) =>
  (namespace: string): boolean =>
    patterns.includes(ANY_NAMESPACE) || (namespace !== "" && patterns.some((pattern) => matchesPattern(pattern, namespace)));
