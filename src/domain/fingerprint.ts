import type { Resource } from "./alert.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Labels } from "./labels.ts";
import { sha256Hex } from "./sha256.ts";

/** Labels that differ between equal alerts: how bad it is, and which replica or restart of a watcher told it. */
const VOLATILE = ["severity", "prometheus", "prometheus_replica", "replica", "receive", "endpoint", "uid"];

/**
 * What repeats are recognised by: lower-case hex SHA-256 of `name:namespace:kind:resource name`; `name` is the alert's or the event reason.
 * A DNS label holds no colon, so a checked namespace keeps the parts apart.
 */
export const fingerprintOf = (name: string, namespace: string, { kind, name: resource }: Resource): Promise<string> =>
  sha256Hex(`${name}:${namespace}:${kind}:${resource}`);

/**
 * The alerts that may be one storm: lower-case hex SHA-256 of `storm:cluster:namespace:name`, and the fingerprint of the storm's request. Cluster
 * and namespace are DNS labels and hold no colon.
 */
export const groupOf = (cluster: string, namespace: string, name: string): Promise<string> =>
  sha256Hex(`storm:${cluster}:${namespace}:${name}`);

/** 64 hex of all labels, whatever their order: tells apart any two alerts that differ in a label. */
export const labelsHash = (labels: Labels): Promise<string> => sha256Hex(canonicalJson(labels));

/**
 * Stands in for the resource of an alert whose labels name none: kind `Unknown`, named by a hash of the labels that tell equal alerts.
 * `skipped` as in `resourceOf`. `instance` takes part: 50 machines with one problem are 50 problems.
 */
export async function unknownResource(labels: Labels, skipped: readonly string[]): Promise<Resource> {
  const telling = Object.entries(labels).filter(([name]) => !VOLATILE.includes(name) && !skipped.includes(name));
  return { kind: "Unknown", name: (await labelsHash(Object.fromEntries(telling))).slice(0, 32) };
}
